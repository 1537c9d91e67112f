type Issue = { path: readonly PropertyKey[]; message: string };
type Schema = {
  shape?: Readonly<Record<string, unknown>>;
  safeParse(value: unknown): { success: true } | { success: false; error: { issues: readonly Issue[] } };
};

// The package names a JavaScript file as its types, so it is read as data.
const schemas = (await import('discord-api-spec/zod' as string)) as Readonly<Record<string, Schema>>;

/** What a request body breaks of Discord's own OpenAPI description: one sentence each, none when it is right. */
export function bodyProblems(name: string, body: unknown): string[] {
  const schema = schemas[`${name}Schema`];
  if (!schema) return [`the specification has no ${name}`];
  const result = schema.safeParse(body);
  const wrong = result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${name}.${path.map(String).join('.')}: ${message}`);
  const known = schema.shape;
  const unknown =
    known && typeof body === 'object' && body !== null ? Object.keys(body).filter((key) => !(key in known)) : [];
  return [...wrong, ...unknown.map((key) => `${name}.${key} is not known`)];
}
