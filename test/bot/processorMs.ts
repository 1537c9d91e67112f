/** Milliseconds of processor time that this thread spends on `work`: other programs can't lengthen it, as they do a clock's. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
