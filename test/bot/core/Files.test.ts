import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileLimits, type Offered, takeFiles } from '../../../bot/core/Files.ts';

async function* inPieces(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}
const take = (files: readonly Offered[], bytes: Uint8Array | Error) =>
  takeFiles(files, async () => {
    if (bytes instanceof Error) throw bytes;
    return inPieces(bytes);
  });

it('hands on any UTF-8 text byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 3_000 }), async (text) => {
      fc.pre(!text.includes('\0') && !text.startsWith('\uFEFF'));
      expect(await take([{ name: 'notes.txt' }], Buffer.from(text))).toEqual([{ name: 'notes.txt', text }]);
    }),
  );
});

it('says why a file is not taken', async () => {
  const text = Buffer.from('x');
  expect(await take([{ name: 'cat.png', type: 'image/png' }], text)).toMatchObject([{ refused: 'notText' }]);
  expect(await take([{ name: 'a.txt' }], Buffer.from([0x61, 0xff]))).toMatchObject([{ refused: 'notText' }]);
  expect(await take([{ name: 'a.txt' }], Buffer.from('a\0b'))).toMatchObject([{ refused: 'notText' }]);
  expect(await take([{ name: 'a.txt' }], new Error('gone'))).toMatchObject([{ refused: 'unreachable' }]);
  const five = Array.from({ length: 5 }, (_, index) => ({ name: `${index}.md` }));
  expect((await take(five, text)).filter((file) => 'refused' in file)).toEqual([{ name: '4.md', refused: 'tooMany' }]);
});

it('stops reading at the limit, whatever size was named before', async () => {
  let handedOut = 0;
  async function* endless() {
    for (;;) {
      handedOut += 1_000;
      yield new Uint8Array(1_000).fill(0x61);
    }
  }
  expect(await takeFiles([{ name: 'a.txt', bytes: 10 }], async () => endless())).toMatchObject([
    { refused: 'tooLarge' },
  ]);
  expect(handedOut).toBeLessThanOrEqual(fileLimits.bytes + 1_000);
  expect(await take([{ name: 'a.txt', bytes: fileLimits.bytes + 1 }], new Error('never called'))).toMatchObject([
    { refused: 'tooLarge' },
  ]);
});
