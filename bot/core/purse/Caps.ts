/** What one member may take of a group's purse in one token, smallest units. A day is the last 24 hours at any moment. */
export type Cap = { perDay: bigint; perAsk: bigint };

/** Whom a cap is for. `everybody`: members who have none of their own and none by a role. */
export type CapSubject = { type: 'everybody' } | { type: 'role'; id: string } | { type: 'member'; id: string };

export const daySeconds = 86_400;

/** What was taken of the purse for one ask and did not come back. `at`: unix seconds. */
export type Use = { amount: bigint; at: number };

/**
 * What the chain lets the bot spend of a purse in one token, smallest units: `balance`, `left` of the allowance's period until
 * `periodEndsAt` (unix seconds), `perAsk`. `inFlight`: of asks that the bot has sent or will send and that the chain may not know yet.
 */
export type PurseFunds = {
  balance: bigint;
  left: bigint;
  periodEndsAt: number;
  perAsk: bigint;
  inFlight: bigint;
};

export type Verdict =
  | { ok: true }
  | { ok: false; reason: 'overAsk'; limit: bigint }
  /** `until`: from when on this amount is free again, unix seconds. */
  | { ok: false; reason: 'overDay'; limit: bigint; left: bigint; until: number }
  | { ok: false; reason: 'purseOverAsk'; limit: bigint }
  | { ok: false; reason: 'purseOverPeriod'; left: bigint; until: number }
  | { ok: false; reason: 'purseEmpty'; left: bigint };

/** The cap that holds for a member: his own, else the highest of his roles', else everybody's. Undefined: the purse pays nothing. */
export function capOf(
  caps: readonly { subject: CapSubject; cap: Cap }[],
  member: { id: string; roles: readonly string[] },
): Cap | undefined {
  const own = caps.find(({ subject }) => subject.type === 'member' && subject.id === member.id);
  const byRole = caps
    .filter(({ subject }) => subject.type === 'role' && member.roles.includes(subject.id))
    .sort((a, b) => (a.cap.perDay > b.cap.perDay ? -1 : 1))[0];
  const found = own ?? byRole ?? caps.find(({ subject }) => subject.type === 'everybody');
  return found && found.cap.perDay > 0n && found.cap.perAsk > 0n ? found.cap : undefined;
}

/** What a member may still take now. */
export function leftOf({ perDay }: Cap, uses: readonly Use[], now: number): bigint {
  const used = sum(uses.filter(({ at }) => at > now - daySeconds));
  return used >= perDay ? 0n : perDay - used;
}

/**
 * Whether the purse pays `amount` for a member: within his cap, and within what the chain will let it. Pure.
 * @param uses the member's own, of the last day at least
 * @param now unix seconds
 */
export function mayPay(amount: bigint, cap: Cap, uses: readonly Use[], funds: PurseFunds, now: number): Verdict {
  if (amount > cap.perAsk) return { ok: false, reason: 'overAsk', limit: cap.perAsk };
  if (amount > cap.perDay) return { ok: false, reason: 'overAsk', limit: cap.perDay };
  const left = leftOf(cap, uses, now);
  if (amount > left)
    return { ok: false, reason: 'overDay', limit: cap.perDay, left, until: freeAt(amount, cap, uses, now) };
  if (amount > funds.perAsk) return { ok: false, reason: 'purseOverAsk', limit: funds.perAsk };
  const period = rest(funds.left, funds.inFlight);
  if (amount > period) return { ok: false, reason: 'purseOverPeriod', left: period, until: funds.periodEndsAt };
  const balance = rest(funds.balance, funds.inFlight);
  return amount > balance ? { ok: false, reason: 'purseEmpty', left: balance } : { ok: true };
}

/** When enough of the last day's uses are a day old that `amount` fits again. */
function freeAt(amount: bigint, cap: Cap, uses: readonly Use[], now: number): number {
  const recent = uses.filter(({ at }) => at > now - daySeconds).sort((a, b) => a.at - b.at);
  let used = sum(recent);
  for (const { amount: freed, at } of recent) {
    used -= freed;
    if (used + amount <= cap.perDay) return at + daySeconds;
  }
  return now;
}

function sum(uses: readonly Use[]): bigint {
  return uses.reduce((total, { amount }) => total + amount, 0n);
}

function rest(amount: bigint, taken: bigint): bigint {
  return amount > taken ? amount - taken : 0n;
}
