/**
 * Runs `stop` once on Ctrl-C, on SIGTERM and, when the process was started with a pipe as standard input by a launcher
 * (`LAUNCHED=1`), when the launcher is gone, however it died. Then ends the process; a second Ctrl-C ends it at once.
 */
export function onStop(stop: () => Promise<void>, env: NodeJS.ProcessEnv = process.env): void {
  let stopping = false;
  const end = (code: number) => {
    if (stopping) process.exit(code);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`Stopping went wrong: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => end(130));
  process.on('SIGTERM', () => end(143));
  if (env['LAUNCHED'] === '1') {
    process.stdin.resume();
    process.stdin.on('end', () => end(0));
    process.stdin.on('error', () => end(0));
  }
}

/** Tells the launcher, in one line of JSON on standard output, that this process does its work now. */
export function ready(facts: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ready: true, ...facts })}\n`);
}
