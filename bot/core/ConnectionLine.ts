/** How a platform's connection stands, as its adapter notes it. */
export type ConnectionLine = {
  /** For the operator: `connected …` while it is, else what is wrong. */
  line(): string;
  /** Since when it has been connected without a break, unix seconds; undefined: it is not. */
  since(): number | undefined;
  set(line: string): void;
};

/** @param now unix seconds */
export function createConnectionLine(now: () => number = () => Math.floor(Date.now() / 1000)): ConnectionLine {
  let line = 'not connected';
  let since: number | undefined;
  return {
    line: () => line,
    since: () => since,
    set(next) {
      line = next;
      since = next.startsWith('connected') ? (since ?? now()) : undefined;
    },
  };
}
