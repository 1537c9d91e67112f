import { readFileSync } from 'node:fs';

/** Resident memory in bytes and processor time in seconds, from Linux's /proc. */
export function usage(pid: number): { rss: number; cpuSeconds: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return {
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024,
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100,
  };
}

/** The highest resident memory seen until it is stopped, bytes. */
export function watchMemory(pid: number): () => number {
  let most = 0;
  const look = (): void => {
    most = Math.max(most, usage(pid).rss);
  };
  const timer = setInterval(look, 250);
  return () => {
    look();
    clearInterval(timer);
    return most;
  };
}
