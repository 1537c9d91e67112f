import type { Token } from './Token.ts';

/** One token of lookahead over a script's tokens. */
export type Cursor = {
  peek(): Token;
  take(): Token;
  /** Whether the next token is this operator or word. */
  at(text: string): boolean;
};

export function cursor(source: Iterator<Token, Token>): Cursor {
  let ahead: Token = source.next().value;
  return {
    peek: () => ahead,
    take: () => {
      const token = ahead;
      if (token.type !== 'end') ahead = source.next().value;
      return token;
    },
    at: (text) => (ahead.type === 'op' || ahead.type === 'name') && ahead.text === text,
  };
}
