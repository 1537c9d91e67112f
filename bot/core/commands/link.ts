import type { Command } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** Links a wallet of the person's: a signature on a page proves that it is his. */
export const link: Command = {
  name: 'link',
  description: 'link.description',
  options: [],
  isPrivate: true,
  run: (context, event, t) => requestLink(context, event, { type: 'link' }, 'link.about', t),
};
