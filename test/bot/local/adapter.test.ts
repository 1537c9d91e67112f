import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Incoming, Message } from '../../../bot/core/types.ts';
import { createLocalAdapter, localChat } from '../../../bot/local/adapter.ts';
import { lineOf } from '../../../bot/local/wire.ts';
import { createLog } from '../../../contracts/client/support/Log.ts';

const log = createLog({ name: 'test', level: 'silent' });
const open = (file = ':memory:') => createLocalAdapter({ file, log });
const part = (message: Message) => ({ payload: message });

async function started(file?: string) {
  const adapter = open(file);
  const events: Incoming[] = [];
  await adapter.start(async (event) => void events.push(event));
  const [ann, ben] = [adapter.channel.join('secret', 'window-a'), adapter.channel.join('secret', 'window-b')];
  return { adapter, events, ann, ben };
}

test('a window is a person: the same pair the same, another window or browser another, and the id gives nothing away', () => {
  const { channel } = open();
  const ann = channel.join('secret', 'window-a');
  expect(channel.join('secret', 'window-a')).toEqual(ann);
  expect(channel.join('secret', 'window-b').id).not.toBe(ann.id);
  expect(channel.join('other', 'window-a').id).not.toBe(ann.id);
  expect(ann.id).not.toMatch(/secret|window/);
});

test('a line that starts with a slash is a command; anything else is talk', async () => {
  const { adapter, events, ann } = await started();
  adapter.typed(ann, 'hello /ask', { nonce: 'nonce-001' });
  adapter.typed(ann, '/ASK What is\nTellorFlex? ', { nonce: 'nonce-002' });
  adapter.typed(ann, '/help', { nonce: 'nonce-003' });
  expect(events).toMatchObject([
    {
      type: 'command',
      name: 'ask',
      text: 'What is\nTellorFlex? ',
      person: { platform: 'local', id: ann.id, name: ann.name },
      message: { id: '2' },
      options: {},
    },
    { type: 'command', name: 'help', text: '' },
  ]);
  expect(new Set(events.map(({ updateId }) => updateId)).size).toBe(2);
});

test('a reply to the bot asks further, with or without a command; one to a person is talk', async () => {
  const { adapter, events, ann, ben } = await started();
  await adapter.send(localChat, part({ text: 'answer' }), { nonce: 'n' });
  await adapter.send(localChat, part({ text: 'psst' }), {
    nonce: 'p',
    onlyFor: { platform: 'local', id: ann.id, name: '' },
  });
  const message = (id: string) => ({ chat: localChat, id });
  adapter.typed(ben, 'and why?', { nonce: 'nonce-001', replyTo: 1 });
  adapter.typed(ben, '/ask --model x and why?', { nonce: 'nonce-002', replyTo: 1 });
  adapter.typed(ben, 'you said', { nonce: 'nonce-003', replyTo: 3 });
  adapter.typed(ben, 'what was that?', { nonce: 'nonce-004', replyTo: 2 });
  adapter.typed(ben, 'nothing there', { nonce: 'nonce-005', replyTo: 99 });
  expect(events).toMatchObject([
    { name: 'ask', text: 'and why?', message: message('3'), repliesTo: message('1') },
    { name: 'ask', text: '--model x and why?', repliesTo: message('1') },
  ]);
  expect(adapter.channel.since(0, ben).map(({ replyTo }) => replyTo)).toEqual([
    undefined,
    1,
    1,
    3,
    undefined,
    undefined,
  ]);
});

test('a line with files asks, in words or without, and after a restart too; its files come with it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'local-')), 'chat.sqlite');
  const first = createLocalAdapter({ file, log });
  const ann = first.channel.join('secret', 'window-a');
  const notes = { name: 'notes.md', text: 'Reporters stake TRB.' };
  const picture = { name: 'cat.png', refused: 'notText' } as const;
  // Nobody listens yet.
  first.typed(ann, 'Who pays?', { nonce: 'nonce-001', files: [notes] });
  first.typed(ann, '/ask --model terse', { nonce: 'nonce-002', files: [notes, picture] });
  first.typed(ann, '', { nonce: 'nonce-003', files: [notes] });
  first.typed(ann, 'just talk', { nonce: 'nonce-004', files: [] });
  await first.stop();
  const { adapter, events } = await started(file);
  expect(events).toMatchObject([
    { name: 'ask', text: 'Who pays?', isPlain: true, attachments: [notes] },
    { name: 'ask', text: '--model terse', attachments: [notes, picture] },
    { name: 'ask', text: '', isPlain: true, attachments: [notes] },
  ]);
  const [line] = await Promise.all(adapter.channel.since(0, ann).map((entry) => lineOf(entry, ann)));
  expect(line).toMatchObject({ text: 'Who pays?', files: ['notes.md'] });
  expect(JSON.stringify(line)).not.toContain('stake');
});

test('what is sent twice by the browser is said once', async () => {
  const { adapter, events, ann, ben } = await started();
  for (let i = 0; i < 3; i += 1) adapter.typed(ann, '/help', { nonce: 'nonce-001' });
  adapter.typed(ben, '/help', { nonce: 'nonce-001' });
  expect(events).toHaveLength(2);
});

test('the same nonce makes no second message, also after a restart', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'local-')), 'local.sqlite');
  const first = await started(file);
  const ref = await first.adapter.send(localChat, part({ text: 'once' }), { nonce: 'n' });
  await first.adapter.stop();
  const { adapter, ann } = await started(file);
  expect(await adapter.send(localChat, part({ text: 'once' }), { nonce: 'n' })).toEqual(ref);
  expect(adapter.channel.since(0, ann)).toHaveLength(1);
});

test('a command that was not handled before a crash is handed over again, with the same id', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'local-')), 'local.sqlite');
  const before = open(file);
  const lost: Incoming[] = [];
  await before.start((event) => {
    lost.push(event);
    return new Promise(() => {});
  });
  before.typed(before.channel.join('s', 'window-a'), '/ask again', { nonce: 'nonce-001' });
  expect(lost).toHaveLength(1);
  // No stop: the process is gone.
  const { events, adapter } = await started(file);
  expect(events).toEqual(lost);
  await vi.waitFor(() => expect(adapter.channel.pending()).toEqual([]), { timeout: 10_000 });
});

test('edits replace, and an edit to what is there changes nothing', async () => {
  const { adapter, ann } = await started();
  const ref = await adapter.send(localChat, part({ text: 'one' }), { nonce: 'n' });
  const [line] = adapter.channel.since(0, ann);
  await adapter.edit(ref, part({ text: 'one' }));
  expect(adapter.channel.since(line?.revision ?? 0, ann)).toEqual([]);
  await adapter.edit(ref, part({ text: 'two', footer: 'f' }));
  expect(adapter.channel.since(line?.revision ?? 0, ann)).toMatchObject([
    { id: 1, body: { message: { text: 'two', footer: 'f' } } },
  ]);
  await expect(adapter.edit({ chat: localChat, id: '99' }, part({ text: 'x' }))).rejects.toMatchObject({
    name: 'DeliveryError',
    kind: 'gone',
  });
});

test('nobody can edit a person’s line', async () => {
  const { adapter, ann } = await started();
  adapter.typed(ann, 'mine', { nonce: 'nonce-001' });
  await expect(adapter.edit({ chat: localChat, id: '1' }, part({ text: 'x' }))).rejects.toMatchObject({ kind: 'gone' });
});

test('what is only for one person reaches nobody else, buttons included', async () => {
  const { adapter, events, ann, ben } = await started();
  const button = { type: 'press', label: 'Go', data: 'go' } as const;
  await adapter.send(localChat, part({ text: 'psst', buttons: [button] }), {
    nonce: 'n',
    onlyFor: { platform: 'local', id: ann.id, name: '' },
  });
  expect(adapter.channel.since(0, ben)).toEqual([]);
  expect(adapter.channel.since(0, ann)).toHaveLength(1);
  expect(adapter.pressed(ben, 1, 'go', { nonce: 'nonce-001' })).toBe(false);
  expect(adapter.pressed(ann, 1, 'stop', { nonce: 'nonce-001' })).toBe(false);
  expect(adapter.pressed(ann, 1, 'go', { nonce: 'nonce-001' })).toBe(true);
  expect(events).toMatchObject([{ type: 'press', data: 'go', person: { id: ann.id }, message: { id: '1' } }]);
});

test('windows resume where they were, and see a new name on old lines', async () => {
  const { adapter, ann, ben } = await started();
  adapter.typed(ann, 'one', { nonce: 'nonce-001' });
  adapter.typed(ben, 'two', { nonce: 'nonce-002' });
  const seen = adapter.channel.since(0, ann).at(-1)?.revision ?? 0;
  adapter.typed(ben, 'three', { nonce: 'nonce-003' });
  adapter.channel.rename(ann, 'Ann');
  expect(adapter.channel.since(seen, ann).map(({ id, author }) => [id, author?.name])).toEqual([
    [3, ben.name],
    [1, 'Ann'],
  ]);
});

test('a core that fails is logged and the channel goes on', async () => {
  const adapter = open();
  let calls = 0;
  await adapter.start(async () => {
    calls += 1;
    throw new Error('no');
  });
  const ann = adapter.channel.join('s', 'window-a');
  adapter.typed(ann, '/help', { nonce: 'nonce-001' });
  adapter.typed(ann, '/help', { nonce: 'nonce-002' });
  await vi.waitFor(() => expect(adapter.channel.isBusy()).toBe(false), { timeout: 10_000 });
  expect(calls).toBe(2);
});
