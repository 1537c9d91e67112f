import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteUnused, takeLease } from '../../host/runtime/sandbox/Leases.ts';

const day = 86_400_000;
const [current, used, unused, young] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(16)) as [
  string,
  string,
  string,
  string,
];
let root: string;
let deadPid: number;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'images-'));
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  deadPid = child.pid ?? 0;
  await once(child, 'exit');
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param age milliseconds */
function put(name: string, age: number, user?: number): void {
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'snapshot.bin'), 'x');
  if (user !== undefined) {
    mkdirSync(join(root, 'leases', name), { recursive: true });
    writeFileSync(join(root, 'leases', name, String(user)), '');
    for (const path of [join(root, 'leases', name, String(user)), join(root, name)]) setAge(path, age);
  }
  setAge(join(root, name), age);
}
function setAge(path: string, age: number): void {
  const at = new Date(Date.now() - age);
  utimesSync(path, at, at);
}
const images = (): string[] => readdirSync(root).filter((name) => name !== 'leases');

test('of other versions only those stay that a living process uses, or one used within a day', async () => {
  put(current, 9 * day);
  put(used, 9 * day);
  await takeLease(root, used);
  put(unused, 2 * day, deadPid);
  put(young, day / 2, deadPid);
  await deleteUnused(root, current);
  expect(images()).toEqual([current, used, young]);
  expect(readdirSync(join(root, 'leases', unused))).toEqual([]);
});

test('an image of old that was used lately stays', async () => {
  put(unused, 9 * day);
  mkdirSync(join(root, 'leases', unused), { recursive: true });
  writeFileSync(join(root, 'leases', unused, String(deadPid)), '');
  await deleteUnused(root, current);
  expect(images()).toEqual([unused]);
});

test('what died half-made is deleted, what is being made is not', async () => {
  put(`${unused}.${deadPid}.1`, 2 * day);
  put(`${unused}.${process.pid}.2`, 2 * day);
  put(`${young}.${deadPid}.3`, 0);
  put('something else', 99 * day);
  await deleteUnused(root, current);
  expect(images()).toEqual([`${unused}.${process.pid}.2`, `${young}.${deadPid}.3`, 'something else']);
});

test('many at once delete each image once, and none fails', async () => {
  for (const letter of '0123456789') put(letter.repeat(16), 2 * day, deadPid);
  await Promise.all(Array.from({ length: 8 }, (_, n) => deleteUnused(root, current, Date.now() + n)));
  expect(images()).toEqual([]);
});
