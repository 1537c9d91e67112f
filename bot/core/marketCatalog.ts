import { createDirectory } from '../../contracts/client/Directory.ts';
import type { Catalog } from './Market.ts';

/** The client's directory as the core sees it. */
export function createCatalog(): Catalog {
  const directory = createDirectory();
  return {
    models: () =>
      directory.models().map(({ id, name, seller, workload, token, royalty, metadata }) => {
        const description = descriptionOf(metadata);
        return { id, name, seller, workload, token, royalty, ...(description && { description }) };
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

/** A seller's own words; whatever isn't JSON with a description has none. */
function descriptionOf(metadata: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== 'object' || parsed === null || !('description' in parsed)) return undefined;
    return typeof parsed.description === 'string' ? parsed.description : undefined;
  } catch {
    return undefined;
  }
}
