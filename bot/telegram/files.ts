import type { Api } from 'grammy';
import type { Document } from 'grammy/types';
import { takeFiles } from '../core/Files.ts';
import type { SentFile } from '../core/types.ts';

const fetchWithinMs = 10_000;

/** Fetches a document through the Bot API and nowhere else. The address holds the token: it gets into no error. */
export function fetchFile(
  api: Api,
  { token, apiRoot = 'https://api.telegram.org' }: { token: string; apiRoot?: string | undefined },
  { file_id, file_name: name = 'file', mime_type: type, file_size: bytes }: Document,
): Promise<SentFile[]> {
  const offered = { name, ...(type !== undefined && { type }), ...(bytes !== undefined && { bytes }) };
  return takeFiles([offered], async () => {
    const { file_path: path = '' } = await api.getFile(file_id);
    // A path is Telegram's own word, but it becomes part of an address.
    if (!/^[\w-]+(?:\/[\w.-]+)*$/.test(path) || path.includes('..')) throw new Error('not a path of Telegram');
    const response = await fetch(`${apiRoot.replace(/\/+$/, '')}/file/bot${token}/${path}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(fetchWithinMs),
    });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    return response.body;
  });
}
