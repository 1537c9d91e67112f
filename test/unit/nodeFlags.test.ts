import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { nodeFlags } from '../../bot/nodeFlags.ts';

const manifest = z.object({ scripts: z.object({ bot: z.string() }) });

test('npm run bot starts Node as npm start does', () => {
  const { scripts } = manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  expect(scripts.bot).toContain(`node ${nodeFlags.join(' ')} bot/cli.ts`);
});
