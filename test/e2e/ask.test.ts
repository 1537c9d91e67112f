import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { processEnv } from '../processEnv.ts';

const folder = mkdtempSync(join(tmpdir(), 'ask-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const output = z.object({
  ok: z.literal(true),
  answer: z.object({ text: z.string() }),
  price: z.object({ amount: z.string(), symbol: z.string(), text: z.string() }),
  transactions: z.object({ ask: z.string(), deliver: z.string(), report: z.string() }),
});

function ask(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...processEnv, TMPDIR: folder, DATA_DIR: join(folder, 'none'), HOST_PROVIDER: 'guide' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['start/ask.ts', ...args], { env, timeout: 90_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

test('without a running marketplace it starts one of its own, asks a workload from a file, prints one object', async () => {
  const workload = join(folder, 'own.py');
  writeFileSync(workload, 'prompt = "You are terse."\ninput = "x"\n');
  const { code, stdout, stderr } = await ask('--json', '--workload', workload, 'What is TellorFlex?');
  expect(stderr).toContain('temporary marketplace');
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const { answer, transactions, price } = output.parse(JSON.parse(stdout));
  expect(answer.text).toMatch(/oracle/i);
  expect(answer.text).toMatch(/guide/i);
  expect(BigInt(price.amount)).toBeGreaterThan(0n);
  for (const hash of Object.values(transactions)) expect(hash).toMatch(/^0x[0-9a-f]{64}$/);
  expect(code).toBe(0);
}, 120_000);

test('bad usage and refusals have their own exit status and a sentence', async () => {
  const [none, missing, unknown] = await Promise.all([
    ask(),
    ask('--workload', join(folder, 'missing.py'), 'x'),
    ask('--json', '--model', 'nonesuch', 'x'),
  ]);
  expect([none.code, missing.code, unknown.code]).toEqual([2, 2, 1]);
  expect(none.stderr).toMatch(/question/);
  expect(missing.stderr).toMatch(/There is no file/);
  expect(JSON.parse(unknown.stdout)).toEqual({ ok: false, error: expect.stringContaining('nonesuch') });
}, 120_000);
