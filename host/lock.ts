import { DatabaseSync } from 'node:sqlite';

/**
 * Keeps a second process from the same data folder: two would spend the same nonces. Held by an open SQLite transaction, which
 * the operating system ends with the process, however it ends.
 * @returns lets go
 * @throws LockError when another process holds it
 */
export function takeLock(file: string): () => void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 500; BEGIN EXCLUSIVE');
  } catch {
    database.close();
    throw new LockError(
      `Another host runs with the data folder of ${file}. Stop it, or give this one its own HOST_DATA_DIR.`,
    );
  }
  return () => database.close();
}

/** The operator must act; trying again helps once the other process has ended. */
export class LockError extends Error {
  override name = 'LockError';
}
