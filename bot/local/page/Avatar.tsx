import { Logo } from '../../pay/page/shared.tsx';

/** Colours on which white letters keep a contrast of 4.5 to 1. */
const colours = 10;

/** Somebody's initials on a colour of their own; without an id, the bot. */
export function Avatar({ id, name = '' }: { id?: string; name?: string }) {
  if (id === undefined) {
    return (
      <span class="avatar bot" aria-hidden="true">
        <Logo />
      </span>
    );
  }
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const initials = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  return (
    <span class={`avatar colour-${sum % colours}`} aria-hidden="true">
      {initials || '?'}
    </span>
  );
}
