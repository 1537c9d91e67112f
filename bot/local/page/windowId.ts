import { randomId } from '../../pay/page/shared.tsx';

const listName = 'windows';

/**
 * Who this window is. Kept over reloads, taken up again after closing, and never shared by two open windows: each id is
 * held by a lock while its window is open.
 */
export async function claimWindowId(): Promise<string> {
  const own = sessionStorage.getItem('window');
  const known = readList();
  // A reloading page's lock may be free a moment later than its successor asks.
  if (own !== null && (await claim(own, 600))) return remember(own);
  for (const id of known) if (id !== own && (await claim(id, 0))) return remember(id);
  const fresh = randomId();
  await claim(fresh, 0);
  localStorage.setItem(listName, JSON.stringify([...known, fresh].slice(-20)));
  return remember(fresh);
}

function remember(id: string): string {
  sessionStorage.setItem('window', id);
  return id;
}

function readList(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(listName) ?? '[]');
    return Array.isArray(list) ? list.filter((id) => typeof id === 'string' && /^[\w-]{8,64}$/.test(id)) : [];
  } catch {
    return [];
  }
}

/** Holds the lock until the window closes. */
function claim(id: string, waitMs: number): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const options = waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
    navigator.locks
      .request(`window-${id}`, options, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>(() => {});
      })
      .catch(() => resolve(false));
  });
}
