/** How a platform's connection stands. `line`, for the operator: `connected as @name`, or what is wrong. */
export type ConnectionStatus = { isConnected: boolean; line: string };

/** Where an adapter notes how its connection stands. */
export type ConnectionNotes = {
  status(): ConnectionStatus;
  /** Since when it has been connected without a break, unix seconds; undefined: it is not. */
  since(): number | undefined;
  up(line: string): void;
  down(line: string): void;
};

/** @param now unix seconds */
export function noteConnection(now: () => number = () => Math.floor(Date.now() / 1000)): ConnectionNotes {
  let line = 'not connected';
  let since: number | undefined;
  return {
    status: () => ({ isConnected: since !== undefined, line }),
    since: () => since,
    up(next) {
      line = next;
      since ??= now();
    },
    down(next) {
      line = next;
      since = undefined;
    },
  };
}
