import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

/** Writes a file whole or not at all, readable by its owner alone (mode 600). */
export function writePrivately(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = openSync(temporary, 'wx', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
}

/**
 * Sets variables in a `.env` file: a line that sets one already is replaced in its place, others are added at the end, and
 * everything else stays as it is.
 * @throws TypeError for a value that no `.env` line can hold
 */
export function setInEnv(file: string, values: Readonly<Record<string, string>>): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const missing = new Map(Object.entries(values));
  const lines = before.split('\n').map((line) => {
    const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1] ?? '';
    const value = missing.get(name);
    if (value === undefined) return line;
    missing.delete(name);
    return `${name}=${quoted(value)}`;
  });
  const added = [...missing].map(([name, value]) => `${name}=${quoted(value)}`);
  const kept = lines.join('\n').replace(/\n*$/, '');
  writePrivately(file, `${[...(kept === '' ? [] : [kept]), ...added].join('\n')}\n`);
}

/** dotenv reads a bare value up to `#`, and nothing between single quotes or backticks is changed. */
function quoted(value: string): string {
  if (/[\r\n]/.test(value)) throw new TypeError('A setting must be one line.');
  if (/^[A-Za-z0-9_./:,@%+=*?&~-]+$/.test(value)) return value;
  const mark = ["'", '`'].find((one) => !value.includes(one));
  if (mark === undefined) throw new TypeError('A setting can not hold both a single quote and a backtick.');
  return `${mark}${value}${mark}`;
}
