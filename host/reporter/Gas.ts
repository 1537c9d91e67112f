/**
 * Most gas that a host sends for one answer that travels alone: deliver, report and seal, later settle; docs/gas.md has what was
 * measured (252,000 and 19,000 for 1 KB), and each further byte costs 40 of calldata (EIP-7623) and 8 of event data. Answers that
 * share a transaction cost a fraction, which is the host's profit. Fees that an L2 takes for data on its L1 are not in it.
 */
export function answerGas(ask: {
  answerBytes: number;
  inputBytes: number;
  byReport: boolean;
  takeOver: boolean;
}): bigint {
  const { answerBytes, inputBytes, byReport, takeOver } = ask;
  const settle = 80_000n;
  // TellorFlex stores a report's value and its query data is calldata: about 720 gas a byte, and 48.
  const answer = byReport
    ? 520_000n + BigInt(answerBytes) * 780n + BigInt(inputBytes) * 56n
    : 205_000n + BigInt(answerBytes) * 56n;
  return answer + settle + (takeOver ? 90_000n : 0n);
}

/**
 * Most bytes of an answer whose model may write so many tokens; a longer one is a failure, so that its gas was counted before.
 * English has about four bytes a token, no language many more; a token can hold more (a run of blanks).
 */
export function answerBytesOf(tokens: number, most: number): number {
  return Math.min(most, Math.max(1_024, tokens * 8));
}
