import type { Option } from './Command.ts';

/** Whom a choice is for: oneself, or, by its admins, everybody in this chat. */
export const scope = {
  name: 'for',
  description: 'scope.description',
  kind: 'choice',
  choices: [
    { value: 'me', label: 'scope.me' },
    { value: 'here', label: 'scope.here' },
  ],
} as const satisfies Option;
