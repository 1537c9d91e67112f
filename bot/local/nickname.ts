const manners = [
  'Amber',
  'Brisk',
  'Calm',
  'Clever',
  'Cosmic',
  'Curious',
  'Gentle',
  'Golden',
  'Keen',
  'Lucky',
  'Merry',
  'Nimble',
  'Quiet',
  'Silver',
  'Sunny',
  'Witty',
] as const;
const animals = [
  'Badger',
  'Crane',
  'Dolphin',
  'Falcon',
  'Fox',
  'Heron',
  'Ibex',
  'Lynx',
  'Marten',
  'Otter',
  'Owl',
  'Panda',
  'Raven',
  'Robin',
  'Seal',
  'Wren',
] as const;

/** A friendly name for somebody who has not chosen one; equal seeds give equal names. */
export function nickname(seed: string): string {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `${manners[sum % manners.length] ?? 'Calm'} ${animals[Math.floor(sum / manners.length) % animals.length] ?? 'Owl'}`;
}
