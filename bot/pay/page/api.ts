/** The server said no, or could not be reached. `message` is for the person. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Calls this page's own server.
 * @param path below the server's root, without a slash at the start
 * @throws ApiError
 */
export async function api<Result>(root: URL, path: string, body?: unknown): Promise<Result> {
  const response = await fetch(new URL(path, root), {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError('unreachable', 'The bot can’t be reached. Is it still running?');
  });
  const json = (await response.json().catch(() => ({}))) as Result & { code?: string; message?: string };
  if (!response.ok)
    throw new ApiError(json.code ?? 'internal', json.message ?? `The bot answered with status ${response.status}.`);
  return json;
}
