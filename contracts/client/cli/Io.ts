import { createInterface } from 'node:readline/promises';

/** How a command speaks to its user; `confirm` is false where nobody can answer. */
export type Io = {
  out(line: string): void;
  error(line: string): void;
  confirm(question: string): Promise<boolean>;
};

export const terminal: Io = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  error: (line) => {
    process.stderr.write(`${line}\n`);
  },
  async confirm(question) {
    if (!process.stdin.isTTY) {
      this.error('Nobody is there to ask. Add --yes to go on.');
      return false;
    }
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(`${question} [y/N] `);
    prompt.close();
    return /^y(es)?$/i.test(answer.trim());
  },
};
