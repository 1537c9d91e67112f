/** `day` (`2026-11-28`) and so many days later, or earlier. UTC. */
export function isoDay(day: string, later: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + later * 86_400_000).toISOString().slice(0, 10);
}
