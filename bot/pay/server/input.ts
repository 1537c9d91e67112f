import type { Context } from 'hono';
import type { z } from 'zod';
import { z as zod } from 'zod';
import { type Language, languageOfHeader } from '../../core/I18n.ts';
import { refusal } from './guard.ts';

/** A window's own random id, made by its page. */
export const windowSchema = zod.string().regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, - or _');

/** The last part of a pay link. */
export const payTokenSchema = zod.string().regex(/^[\w-]{8,128}$/);

/** The body by its schema, or the response that refuses it. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<{ ok: true; body: z.output<Schema> } | { ok: false; response: Response }> {
  const json: unknown = await c.req.json().catch(() => undefined);
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, body: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return {
    ok: false,
    response: c.json(refusal('badInput', `${where ? `${where}: ` : ''}${issue?.message ?? 'Not understood.'}`), 400),
  };
}

/** The best language that the browser asks for and the bot speaks. */
export function languageOf(c: Context): Language | undefined {
  return languageOfHeader(c.req.header('accept-language'));
}
