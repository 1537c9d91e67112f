import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostSettings } from '../../host/settings.ts';

const unit = readFileSync('deploy/ai-marketplace-host.service', 'utf8');
const container = readFileSync('deploy/Containerfile', 'utf8');
const compose = readFileSync('deploy/compose.yaml', 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)(
  'systemd takes the unit',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    const file = join(folder, 'ai-marketplace-host.service');
    // The machine that tests may have its npm elsewhere.
    writeFileSync(file, unit.replace('/usr/bin/npm', '/bin/sh'));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stderr.split('\n').filter((line) => line.includes('ai-marketplace-host'))).toEqual([]);
    expect(status).toBe(0);
  },
  30_000,
);

test('unit and container set only settings that there are, and run what is there', () => {
  const set = [
    ...[...unit.matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name]) => name ?? ''),
    ...[...container.matchAll(/\b([A-Z]+_[A-Z_]+)=/g)].map(([, name]) => name ?? ''),
    ...[...compose.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name ?? ''),
  ];
  expect(set).toEqual(expect.arrayContaining(['HOST_DATA_DIR', 'HOST_METRICS_PORT', 'HOST_KEY_PASSWORD_FILE']));
  expect(set.filter((name) => !(name in hostSettings.shape))).toEqual([]);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(scripts[/npm run --silent (\w+)/.exec(unit)?.[1] ?? '']).toContain('host/cli.ts');
  const files = [...container.matchAll(/[\w/.]+\.(?:ts|mjs)\b/g)].map(([file]) => file.replace(/^\/app\//, ''));
  expect(files).toContain('host/cli.ts');
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  expect(existsSync(/dockerfile: (\S+)/.exec(compose)?.[1] ?? '')).toBe(true);
  const port = /HOST_METRICS_PORT=(\d+)/.exec(container)?.[1];
  expect(container).toContain(`http://127.0.0.1:${port}/healthz`);
});

test('no secret goes into an image', () => {
  const ignored = readFileSync('deploy/Containerfile.dockerignore', 'utf8').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.env', '.data', 'deploy/operator.password']));
});
