import { SiweMessage } from 'siwe';
import type { Address } from '../../../contracts/client/Hex.ts';
import type { Translate } from '../../core/I18n.ts';
import type { Person } from '../../core/types.ts';

/** Shorter ones could be guessed; EIP-4361 asks for 8 at least. */
export const nonceLength = 24;
/** Clocks of wallets and servers differ. Seconds. */
const clockTolerance = 120;

export type SignInTerms = {
  /** Host and port of the page, as the wallet sees it. */
  domain: string;
  uri: string;
  chainId: number;
  address: Address;
  statement: string;
};

/** What the person agrees to by signing in: this wallet for this chat user. ASCII, as EIP-4361 wants it. */
export function statementFor(person: Person): string {
  const name = person.name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9 ._-]/g, '')
    .trim()
    .slice(0, 40);
  const id = person.id.replace(/[^A-Za-z0-9._-]/g, '-');
  return `Link this wallet to ${name || 'the user'} (${person.platform} user ${id}), who may then ask with what this wallet allows the bot to spend. Nothing is moved by this.`;
}

/** An EIP-4361 message. Times in unix seconds. */
export function createSignIn(terms: SignInTerms, of: { nonce: string; issuedAt: number; expiresAt: number }): string {
  return new SiweMessage({
    ...terms,
    version: '1',
    nonce: of.nonce,
    issuedAt: new Date(of.issuedAt * 1000).toISOString(),
    expirationTime: new Date(of.expiresAt * 1000).toISOString(),
  }).prepareMessage();
}

export type SignInProblem =
  | 'malformed'
  | 'wrongDomain'
  | 'wrongPage'
  | 'wrongChain'
  | 'wrongAddress'
  | 'wrongPerson'
  | 'noExpiry'
  | 'expired'
  | 'notYetValid'
  | 'shortNonce';

/**
 * Whether a text is the sign-in that was asked for; who signed it and whether the nonce is fresh is not looked at here.
 * @param now unix seconds
 */
export function checkSignIn(
  text: string,
  expected: SignInTerms,
  now: number,
): { ok: true; nonce: string } | { ok: false; problem: SignInProblem } {
  let message: SiweMessage;
  try {
    message = new SiweMessage(text);
  } catch {
    return { ok: false, problem: 'malformed' };
  }
  const problem = problemOf(message, expected, now);
  return problem ? { ok: false, problem } : { ok: true, nonce: message.nonce };
}

function problemOf(message: SiweMessage, expected: SignInTerms, now: number): SignInProblem | undefined {
  if (message.domain !== expected.domain) return 'wrongDomain';
  if (message.uri !== expected.uri) return 'wrongPage';
  if (message.chainId !== expected.chainId) return 'wrongChain';
  if (message.address !== expected.address) return 'wrongAddress';
  if (message.statement !== expected.statement) return 'wrongPerson';
  if (message.nonce.length < nonceLength) return 'shortNonce';
  if (!message.expirationTime) return 'noExpiry';
  if (now >= Date.parse(message.expirationTime) / 1000) return 'expired';
  const from = [message.issuedAt, message.notBefore].flatMap((time) => (time ? [Date.parse(time) / 1000] : []));
  return from.some((time) => !(time <= now + clockTolerance)) ? 'notYetValid' : undefined;
}

/** For the person at the page. */
export function problemText(problem: SignInProblem, t: Translate): string {
  switch (problem) {
    case 'wrongDomain':
    case 'wrongPage':
      return t('do.signIn.wrongSite');
    default:
      return t(`do.signIn.${problem}`);
  }
}
