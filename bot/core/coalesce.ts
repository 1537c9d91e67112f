/**
 * `work`, but never twice at once: calls that come while it runs make it run once more afterwards, however many they are.
 * @param fail told of each failure; the next call works again
 */
export function coalesce(work: () => Promise<void>, fail: (error: unknown) => void): () => void {
  let running = false;
  let wanted = false;
  const run = async () => {
    running = true;
    while (wanted) {
      wanted = false;
      await work().catch(fail);
    }
    running = false;
  };
  return () => {
    wanted = true;
    if (!running) void run();
  };
}
