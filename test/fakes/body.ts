import type { IncomingMessage } from 'node:http';

/** `description`: what Discord shows in place of a picture. */
export type UploadedFile = { field: string; name: string; text: string; description?: string };

/** A request's body: JSON, or a form of texts (JSON where they are) and files. */
export async function readBody(request: IncomingMessage): Promise<{ json: unknown; files: UploadedFile[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/'))
    return { json: bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8')), files: [] };
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const files: UploadedFile[] = [];
  const fields: Record<string, unknown> = {};
  for (const [field, value] of form) {
    if (typeof value === 'string') fields[field] = asJson(value);
    else files.push({ field, name: value.name, text: await value.text() });
  }
  return { json: fields['payload_json'] ?? fields, files };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
