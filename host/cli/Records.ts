import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { formatUnits } from 'ethers';
import { z } from 'zod';
import type { Ask } from '../../contracts/client/Ask.ts';
import { fromJson } from '../store/Json.ts';

/** An ask of this host, for people and spreadsheets. Amounts in whole tokens of 18 decimals, times ISO 8601. */
export type AskRecord = {
  queryId: string;
  state: string;
  askedAt: string;
  deliveredAt: string;
  reportedAt: string;
  model: string;
  token: string;
  hostPrice: string;
  royalty: string;
  answeredBy: string;
  failure: string;
};

const rowSchema = z.object({
  query_id: z.string(),
  state: z.string(),
  ask: z.string(),
  asked_at: z.number(),
  delivered_at: z.number().nullable(),
  reported_at: z.number().nullable(),
  answered_by: z.string().nullable(),
  failure: z.string().nullable(),
});

/** Reads the journal beside a running host, newest asks first; empty when there is none yet. */
export function readAsks(file: string, options: { state?: string | undefined; limit?: number } = {}): AskRecord[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database
      .prepare('SELECT * FROM asks WHERE mine = 1 AND (? IS NULL OR state = ?) ORDER BY asked_at DESC LIMIT ?')
      .all(options.state ?? null, options.state ?? null, options.limit ?? 1_000_000);
    return z.array(rowSchema).parse(rows).map(record);
  } finally {
    database.close();
  }
}

function record(row: z.output<typeof rowSchema>): AskRecord {
  const ask = fromJson<Ask>(row.ask);
  const time = (seconds: number | null): string => (seconds === null ? '' : new Date(seconds * 1_000).toISOString());
  return {
    queryId: row.query_id,
    state: row.state,
    askedAt: time(row.asked_at),
    deliveredAt: time(row.delivered_at),
    reportedAt: time(row.reported_at),
    model: ask.model.toString(),
    token: ask.token,
    hostPrice: formatUnits(ask.hostPrice, 18),
    royalty: formatUnits(ask.royalty, 18),
    answeredBy: row.answered_by ?? '',
    failure: row.failure ?? '',
  };
}

export const askColumns = [
  'queryId',
  'state',
  'askedAt',
  'deliveredAt',
  'reportedAt',
  'model',
  'token',
  'hostPrice',
  'royalty',
  'answeredBy',
  'failure',
] as const satisfies readonly (keyof AskRecord)[];
