import { confirm, input, password, select } from '@inquirer/prompts';
import type { Prompts } from './Ask.ts';

/** Questions on the terminal. Ctrl-C rejects with an `ExitPromptError`. */
export const terminalPrompts: Prompts = {
  text: ({ message, default: standard, check }) =>
    input({
      message,
      ...(standard !== undefined && { default: standard }),
      ...(check && { validate: check }),
    }),
  secret: ({ message, check }) => password({ message, mask: '*', ...(check && { validate: check }) }),
  choose: ({ message, choices, default: standard }) => select({ message, choices: [...choices], default: standard }),
  confirm: ({ message, default: standard }) => confirm({ message, default: standard }),
};

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** One line that moves in place; elsewhere a line whenever it changes. */
export function createProgress(output: NodeJS.WriteStream): { show(text: string): void; done(): void } {
  let turn = 0;
  let last = '';
  return {
    show: (text) => {
      if (output.isTTY) {
        const frame = frames[turn++ % frames.length] ?? '';
        output.write(`\r${`${frame} ${text}`.slice(0, Math.max(1, output.columns - 1))}\u001b[K`);
      } else if (text !== last) output.write(`${text}\n`);
      last = text;
    },
    done: () => {
      if (output.isTTY && last !== '') output.write('\n');
      last = '';
    },
  };
}
