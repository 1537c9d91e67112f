/** Why an ask can't be paid now. */
export const payRefusals = [
  'unknown',
  'expired',
  'paid',
  'offerChanged',
  'balanceTooLow',
  'badOwner',
  'chainUnreachable',
] as const;

/** Why a private link's page does not go on; where the chain refuses, the code is the contract's own. */
export const requestRefusals = [
  'unknown',
  'expired',
  'used',
  'chainUnreachable',
  'malformed',
  'wrongDomain',
  'wrongPage',
  'wrongChain',
  'wrongAddress',
  'wrongPerson',
  'noExpiry',
  'notYetValid',
  'shortNonce',
  'unknownNonce',
  'replayed',
  'wrongSignature',
  'notOwner',
  'badAmount',
  'badAddress',
  'badTerms',
  'balanceTooLow',
  'approvedTooLittle',
  'relayRefused',
  'tooManyRelays',
  'noDraft',
  'hasPurse',
] as const;

/** Why the bot's server does not take a request, whatever it is for. */
export const serverRefusals = [
  'unknown',
  'notFound',
  'badInput',
  'notJson',
  'tooLarge',
  'tooMany',
  'wrongHost',
  'crossSite',
  'payingElsewhere',
  'noSession',
  'noButton',
  'method',
  'account',
  'internal',
] as const;

export type PayRefusalCode = (typeof payRefusals)[number];
export type RequestRefusalCode = (typeof requestRefusals)[number];
export type ServerRefusalCode = (typeof serverRefusals)[number];
