import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { translator } from '../../../bot/core/I18n.ts';
import { checkWorkload, workloadOf } from '../../../bot/core/OwnWorkload.ts';
import { compose } from '../../../bot/core/Question.ts';
import type { SentFile } from '../../../bot/core/types.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { workloadHash } from '../../../contracts/client/Query.ts';
import { readPlainWorkload } from '../../../contracts/client/workload/PlainWorkload.ts';
import { host, offer, place } from './chainEvents.ts';
import { command, createWorld, type World } from './world.ts';

const t = translator('en');
const text = fc.string({ unit: 'binary', maxLength: 400 });

describe('instructions of one’s own', () => {
  it('become a workload whose prompt is exactly them, whatever they hold, and whose input is the question', () => {
    fc.assert(
      fc.property(text, text, (instructions, question) => {
        fc.pre(question.trim() !== '' && question.isWellFormed());
        const values = readPlainWorkload(workloadOf(instructions)).valuesFor(question);
        expect(values).toMatchObject({ prompt: instructions.toWellFormed(), input: question });
      }),
    );
  });

  it.each(['"""', "'; import os #", '\\', '\\"', '\u2028\u2029', '{input}', '\u0000', '\r\nprompt = "mine"', '\ud800'])(
    'can’t break out of their literal: %j',
    (instructions) => {
      const values = readPlainWorkload(workloadOf(instructions)).valuesFor('q');
      expect(values).toEqual({ prompt: instructions.toWellFormed(), input: 'q' });
    },
  );
});

describe('files', () => {
  it('follow the text under their names; a lone one is the question', () => {
    const notes = { name: 'notes.md', text: '# Notes' };
    const data = { name: 'data.csv', text: 'a,b' };
    expect(compose({ text: 'Sum up', files: [notes, data] }, t)).toEqual({
      ok: true,
      prompt: 'Sum up\n\nnotes.md:\n\n# Notes\n\ndata.csv:\n\na,b',
    });
    expect(compose({ text: '', files: [notes] }, t)).toEqual({ ok: true, prompt: '# Notes' });
  });

  it('that can’t be taken are named with the reason and the cure, all of them', () => {
    const files: SentFile[] = (['tooLarge', 'tooMany', 'notText', 'unreachable'] as const).map((refused) => ({
      name: `*${refused}*.txt`,
      refused,
    }));
    expect(compose({ text: 'x', files }, t)).toMatchSnapshot();
  });

  it('of which one is a workload leave the text as the question; two workloads are refused', () => {
    const own = { name: 'own.PY', text: 'prompt = "x"\ninput = "y"\n' };
    expect(compose({ text: 'q', files: [own] }, t)).toEqual({ ok: true, prompt: 'q', script: own.text });
    expect(compose({ text: 'q', files: [own, own] }, t)).toMatchObject({ ok: false });
    expect(compose({ text: 'q', system: 'Be brief', files: [own] }, t)).toMatchObject({ ok: false });
  });
});

it('a script is judged as hosts judge it: plain ones exactly, computed ones left to a host, others refused with the line', () => {
  expect(checkWorkload('prompt = "x"\ninput = "y"')).toEqual({ kind: 'plain' });
  expect(checkWorkload('import json\nprompt = json.dumps("x")\ninput = "y"')).toEqual({ kind: 'computed' });
  expect(checkWorkload('prompt = "x"\ninput = "y\n')).toMatchObject({
    kind: 'wrong',
    reason: expect.stringContaining('Line 2'),
  });
  expect(checkWorkload('prompt = "x"')).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('input') });
  expect(checkWorkload('x'.repeat(24_001))).toMatchObject({ kind: 'wrong' });
});

describe('in a chat', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.mine(place(offer(0n, host, zeroAddress, 7n), 2));
    await world.follow();
  });
  afterEach(() => world.end());

  const script = 'prompt = "You count."\ninput = "example"\n';

  it('a workload sent with its question is asked as model 0, and its hash is what is paid for', async () => {
    const record = await world.ask('one two', { attachments: [{ name: 'count.py', text: script }] });
    expect(record).toMatchObject({ script, question: 'one two', model: { id: 0n }, workload: workloadHash(script) });
  });

  it('so are instructions, by option or typed', async () => {
    const typed = await world.ask('--system "You count." one two');
    const option = await world.ask('one two', { options: { system: 'You count.' } });
    for (const record of [typed, option])
      expect(record).toMatchObject({ script: workloadOf('You count.'), question: 'one two' });
  });

  it('one that computes its values says so; one that no host would run is refused before it is paid', async () => {
    const computed = { name: 'a.py', text: 'import json\nprompt = json.dumps(1)\ninput = "x"\n' };
    expect((await world.ask('x', { attachments: [computed] })).note).toContain('sandbox');
    await world.receive(command('ask', 'x', { attachments: [{ name: 'b.py', text: 'prompt = "x"\ninput = "**y' }] }));
    await world.bot.outbox.idle();
    expect(world.platform.shown.at(-1)?.message.text).toMatchSnapshot();
  });
});
