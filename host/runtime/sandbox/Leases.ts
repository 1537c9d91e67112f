import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is unused for so long is deleted, milliseconds. */
const keptMs = 24 * 3_600_000;
const imageName = /^[0-9a-f]{16}$/;
/** A draft, or an image on its way out: its image's name, the process, a time. */
const passingName = /^[0-9a-f]{16}\.(\d+)\.\d+$/;

const leasesOf = (root: string, image: string): string => join(root, 'leases', image);

/** Notes that this process uses an image, until it ends. To be called before looking whether the image is there. */
export async function takeLease(root: string, image: string): Promise<void> {
  const folder = leasesOf(root, image);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, String(process.pid)), '');
}

/**
 * Deletes images that no living process uses and none has used for a day, and what died half-made. Several processes may do so at
 * once, beside others that make and use images.
 * @param keep is never deleted
 * @param now unix milliseconds
 */
export async function deleteUnused(root: string, keep: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(root)) {
    const maker = passingName.exec(name)?.[1];
    if (maker !== undefined && !(await isInUse(join(root, name), [maker], now)))
      await rm(join(root, name), { recursive: true, force: true });
    if (name !== keep && imageName.test(name)) await deleteImage(root, name, now);
  }
}

async function deleteImage(root: string, name: string, now: number): Promise<void> {
  const image = join(root, name);
  const leases = leasesOf(root, name);
  const inUse = async (folder: string): Promise<boolean> => {
    const users = await usersOf(leases);
    if (await isInUse(folder, users, now)) return true;
    for (const user of users) if (await isYoung(join(leases, user), now)) return true;
    return false;
  };
  if (await inUse(image)) return;
  const away = `${image}.${process.pid}.${now}`;
  try {
    await rename(image, away);
  } catch {
    // Another process was faster.
    return;
  }
  // A process that took its lease before the renaming has seen the image; one that takes it now makes a new one.
  if ((await inUse(away)) && !existsSync(image)) return rename(away, image);
  await rm(away, { recursive: true, force: true });
  // Not the folder: a process may be about to put its lease there.
  for (const user of await usersOf(leases)) if (!isAlive(Number(user))) await rm(join(leases, user), { force: true });
}

/** Ids of processes. */
async function usersOf(leases: string): Promise<string[]> {
  return readdir(leases).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** @param users process ids */
async function isInUse(folder: string, users: readonly string[], now: number): Promise<boolean> {
  return users.some((user) => isAlive(Number(user))) || isYoung(folder, now);
}

async function isYoung(file: string, now: number): Promise<boolean> {
  const known = await stat(file).catch(() => undefined);
  return known !== undefined && now - known.mtimeMs < keptMs;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // There, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
