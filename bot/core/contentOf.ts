import { draw } from './picture/draw.ts';
import type { MessageFile } from './types.ts';

/** A file's bytes and their media type. */
export async function contentOf(file: MessageFile): Promise<{ bytes: Buffer; type: string }> {
  if ('picture' in file) return { bytes: await draw(file.picture), type: 'image/png' };
  return { bytes: Buffer.from(file.text, 'utf8'), type: 'text/markdown' };
}
