/** Discord's answer to a call it refuses. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  constructor(status: number, code: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { message, code, ...more };
  }
}

/** Too much: `seconds` to wait. */
export const tooMany = (seconds: number) =>
  new Refusal(429, 0, 'You are being rate limited.', { retry_after: seconds, global: false });

export type Body = {
  content?: string;
  flags?: number;
  nonce?: string;
  enforce_nonce?: boolean;
  allowed_mentions?: { parse?: readonly string[] };
  attachments?: readonly { id: string; filename?: string; description?: string }[];
  message_reference?: { message_id: string; fail_if_not_exists?: boolean };
  components?: { components: { type: number; style: number; label?: string; url?: string; custom_id?: string }[] }[];
};

const invalid = (field: string, code: string, message: string) =>
  new Refusal(400, 50035, 'Invalid Form Body', { errors: { [field]: { _errors: [{ code, message }] } } });

/** @throws Refusal in Discord's own words */
export function checkMessage({ content = '', components = [] }: Body, files = 0): void {
  if (!content.isWellFormed()) throw invalid('content', 'BASE_TYPE_STRING', 'Not a well formed string.');
  if (content.trim() === '' && files === 0) throw new Refusal(400, 50006, 'Cannot send an empty message');
  if (content.length > 2_000) throw invalid('content', 'BASE_TYPE_MAX_LENGTH', 'Must be 2000 or fewer in length.');
  const ids = new Set<string>();
  for (const { style, label = '', url, custom_id } of components.flatMap((row) => row.components)) {
    if (label === '' || label.length > 80)
      throw invalid('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.');
    if (style === 5 && (!/^https?:\/\/[^/]*\.[^/]/.test(url ?? '') || (url ?? '').length > 512)) {
      throw invalid('components', 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
    }
    if (style !== 5 && (custom_id === undefined || ids.has(custom_id))) {
      throw invalid('components', 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
    }
    if (custom_id !== undefined) ids.add(custom_id);
  }
}

/** Whom a message would ping, and what of it Discord would make live. Escapes and code are respected as the client does. */
export function liveIn({ content = '', allowed_mentions }: Body): string[] {
  const shown = content
    .replace(/```[\s\S]*?```/g, '')
    .replace(/\\[^A-Za-z0-9\s]/g, '')
    .replace(/(`+)[^`](?:[\s\S]*?[^`])?\1(?!`)/g, '');
  const found =
    shown.match(/@everyone|@here|<@[!&]?\d+>|<#\d+>|<a?:\w+:\d+>|<\/[\w -]+:\d+>|<t:-?\d+(?::\w)?>|<id:\w+>/g) ?? [];
  return [...found, ...(allowed_mentions?.parse?.length === 0 ? [] : ['mentions are allowed'])];
}
