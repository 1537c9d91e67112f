import { say } from './words.tsx';

/** Why a wallet did not do what was asked, and what the person can do. `cancelled`: their own decision. */
export type WalletProblem = {
  kind:
    | 'cancelled'
    | 'wrongNetwork'
    | 'unknownNetwork'
    | 'pending'
    | 'locked'
    | 'noFunds'
    | 'disconnected'
    | 'device'
    | 'reverted'
    | 'refused'
    | 'other';
  message: string;
};

/** A problem on the way through the payment, already in people's words. */
export class PaymentError extends Error {
  override name = 'PaymentError';
  readonly problem: WalletProblem;
  constructor(problem: WalletProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Every code and text found below `error`: wallets wrap the node's error in their own, some of them twice. */
function trail(error: unknown, depth = 0): { codes: (number | string)[]; text: string } {
  if (typeof error !== 'object' || error === null || depth > 4)
    return { codes: [], text: typeof error === 'string' ? error : '' };
  const { code, message, data, cause, originalError, error: inner } = error as Record<string, unknown>;
  const parts = [data, cause, originalError, inner].map((part) => trail(part, depth + 1));
  return {
    codes: [
      ...(typeof code === 'number' || typeof code === 'string' ? [code] : []),
      ...parts.flatMap((part) => part.codes),
    ],
    text: [typeof message === 'string' ? message : '', ...parts.map((part) => part.text)].join(' ').trim(),
  };
}

/**
 * A wallet's error (EIP-1193, EIP-1474, and what MetaMask, Ledger and Trezor make of them) in people's words.
 * @param coin symbol of the chain's coin, which pays the network fee
 */
export function explainWalletError(error: unknown, coin: string): WalletProblem {
  if (error instanceof PaymentError) return error.problem;
  const { codes, text } = trail(error);
  const has = (...wanted: (number | string)[]) => wanted.some((code) => codes.includes(code));
  if (
    has(4001, 'ACTION_REJECTED') ||
    /user (?:rejected|denied|cancell?ed)|rejected by (?:the )?user|0x6985/i.test(text)
  ) {
    return { kind: 'cancelled', message: say('page.cancelled') };
  }
  if (has(4902) || /unrecognized chain|unknown chain|chain .*not (?:been )?added/i.test(text)) {
    return { kind: 'unknownNetwork', message: say('page.unknownNetwork') };
  }
  if (has(-32002) || /already pending|request of type .* pending/i.test(text)) {
    return {
      kind: 'pending',
      message: say('page.pending'),
    };
  }
  if (/0x5515|0x6b0c|locked device|device is locked|device.*disconnected|ledger|trezor/i.test(text)) {
    return {
      kind: 'device',
      message: say('page.device'),
    };
  }
  if (has(4100) || /wallet is locked|unauthorized|not been authorized/i.test(text)) {
    return { kind: 'locked', message: say('page.locked') };
  }
  if (has(4900, 4901) || /disconnected from/i.test(text)) {
    return {
      kind: 'disconnected',
      message: say('page.disconnected'),
    };
  }
  if (
    has('INSUFFICIENT_FUNDS') ||
    /insufficient funds|gas required exceeds allowance|exceeds (?:the )?balance|not enough funds/i.test(text)
  ) {
    return {
      kind: 'noFunds',
      message: say('page.noFunds', { coin }),
    };
  }
  if (/execution reverted|revert|CALL_EXCEPTION/i.test(text)) {
    return {
      kind: 'reverted',
      message: say('page.reverted'),
    };
  }
  return {
    kind: 'other',
    message: text ? say('page.walletOther', { detail: text.slice(0, 160) }) : say('page.walletSilent'),
  };
}
