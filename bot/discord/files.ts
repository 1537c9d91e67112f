import type { APIAttachment } from 'discord.js';
import { takeFiles } from '../core/Files.ts';
import type { SentFile } from '../core/types.ts';

/** Where Discord keeps what was sent along. */
const hosts = ['cdn.discordapp.com', 'media.discordapp.net'];

const fetchWithinMs = 10_000;

/**
 * Fetches what was sent along with a message, from Discord's own file hosts alone.
 * @param restApi the API root of the settings: its origin hands out files too
 */
export function fetchFiles(files: readonly APIAttachment[], restApi: string | undefined): Promise<SentFile[]> {
  const offered = files.map(({ filename, content_type, size, url }) => ({
    name: filename,
    bytes: size,
    url,
    ...(content_type !== undefined && { type: content_type }),
  }));
  return takeFiles(offered, async ({ url }) => {
    if (!isDiscords(url, restApi)) throw new Error('not an address of Discord');
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchWithinMs) });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    return response.body;
  });
}

function isDiscords(address: string, restApi: string | undefined): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  if (restApi !== undefined && url.origin === URL.parse(restApi)?.origin) return true;
  return url.protocol === 'https:' && url.port === '' && hosts.includes(url.hostname);
}
