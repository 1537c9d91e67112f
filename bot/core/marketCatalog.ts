import { z } from 'zod';
import { createDirectory } from '../../contracts/client/Directory.ts';
import type { Catalog } from './Market.ts';

/** The client's directory as the core sees it. */
export function createCatalog(): Catalog {
  const directory = createDirectory();
  return {
    models: () =>
      directory.models().map(({ id, name, seller, workload, token, royalty, metadata }) => {
        return { id, name, seller, workload, token, royalty, ...metadataOf(metadata) };
      }),
    offers: (model, token) =>
      directory.offers(model, token).map(({ host, price, maxInputBytes, exclusiveSeconds }) => ({
        host,
        price,
        maxInputBytes: Number(maxInputBytes),
        exclusiveSeconds: Number(exclusiveSeconds),
      })),
    apply: (event) => directory.apply(event),
    reset: () => directory.reset(),
  };
}

const metadataSchema = z.object({
  description: z.string().exactOptional().catch(''),
  example: z.string().exactOptional().catch(''),
  turns: z.int().min(0).max(50).catch(0).default(0),
});

/** A seller's own words; what isn't as docs/protocol.md says counts as not said. */
function metadataOf(metadata: string): { description?: string; example?: string; turns: number } {
  try {
    return metadataSchema.parse(JSON.parse(metadata));
  } catch {
    return { turns: 0 };
  }
}
