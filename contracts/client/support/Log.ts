import { type DestinationStream, type Logger, type LoggerOptions, pino, stdSerializers, stdTimeFunctions } from 'pino';

export type Log = Logger;

/** Property names whose values never reach a log, at the top level and one or two levels down. */
const secretNames = [
  'apiKey',
  'api_key',
  'authorization',
  'botToken',
  'cookie',
  'key',
  'mnemonic',
  'openai_api_key',
  'password',
  'privateKey',
  'secret',
  'seed',
  'signature',
  'token',
].flatMap((name) => [name, name.toUpperCase()]);

/** What a secret looks like inside running text: bot tokens, provider keys, credentials in URLs. */
const secretShapes: readonly [RegExp, string][] = [
  [/sk-[A-Za-z0-9_-]{8,}/g, 'sk-[redacted]'],
  [/\d{6,12}:[A-Za-z0-9_-]{30,}/g, '[telegram token redacted]'],
  [/[A-Za-z0-9_-]{23,}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}/g, '[discord token redacted]'],
  [/(\/\/)[^/\s:@]+:[^/\s@]+@/g, '$1[redacted]@'],
  [/([?&](?:api[-_]?key|key|token|secret|access_token)=)[^&\s"]+/gi, '$1[redacted]'],
];

const literalSecrets = new Set<string>();

/** From now on `value` never leaves this process in a log line, whatever it looks like. Short values (under 8) are ignored. */
export function hideSecret(value: string | undefined): void {
  if (value !== undefined && value.length >= 8) literalSecrets.add(value);
}

/** `text` with every known secret and everything shaped like one taken out. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of literalSecrets) clean = clean.replaceAll(secret, '[redacted]');
  for (const [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  return clean;
}

export type LogOptions = {
  /** `bot`, `host`, `chain`: the process a line comes from. */
  name: string;
  level?: string;
  /** `pretty` for people, `json` for machines. Default: pretty on a terminal. */
  format?: 'pretty' | 'json';
  /** A file to write JSON lines to instead of standard error. */
  file?: string;
  destination?: DestinationStream;
};

/** A pino logger: one line per event, secrets redacted both by name and by shape. Numbers of type bigint print as decimals. */
export function createLog({ name, level = 'info', format, file, destination }: LogOptions): Log {
  const options: LoggerOptions = {
    name,
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: stdSerializers.err },
    redact: {
      paths: [...secretNames, ...secretNames.map((name) => `*.${name}`), ...secretNames.map((name) => `*.*.${name}`)],
      censor: '[redacted]',
    },
    hooks: { streamWrite: redact },
    formatters: { level: (label) => ({ level: label }), log: plainBigints },
  };
  if (destination) return pino(options, destination);
  if (file) return pino(options, pino.destination({ dest: file, mkdir: true }));
  const pretty = (format ?? (process.stderr.isTTY ? 'pretty' : 'json')) === 'pretty';
  if (!pretty) return pino(options, pino.destination(2));
  const { formatters: _, ...rest } = options;
  return pino({
    ...rest,
    formatters: { log: plainBigints },
    transport: {
      target: 'pino-pretty',
      options: {
        destination: 2,
        ignore: 'pid,hostname,name',
        messageFormat: '{name}: {msg}',
        translateTime: 'SYS:HH:MM:ss',
      },
    },
  });
}

function plainBigints(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]),
  );
}
