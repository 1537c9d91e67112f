/** Of values that arrive for a key while one is being written, only the latest is written next; whoever brought an older one gets its outcome. */
export function createLatest<Value>(
  write: (key: string, value: Value) => Promise<void>,
): (key: string, value: Value) => Promise<void> {
  const writing = new Map<string, Promise<void>>();
  const next = new Map<string, { value: Value; written: Promise<void> }>();

  function start(key: string, value: Value): Promise<void> {
    const written = write(key, value).finally(() => {
      if (writing.get(key) === written) writing.delete(key);
    });
    writing.set(key, written);
    return written;
  }

  return (key, value) => {
    const waiting = next.get(key);
    if (waiting) {
      waiting.value = value;
      return waiting.written;
    }
    const current = writing.get(key);
    if (!current) return start(key, value);
    const entry = { value, written: Promise.resolve() };
    next.set(key, entry);
    entry.written = current
      .catch(() => undefined)
      .then(() => {
        next.delete(key);
        return start(key, entry.value);
      });
    return entry.written;
  };
}
