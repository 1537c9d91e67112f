type Args = Readonly<Record<string, unknown>>;
/** What people read. Amounts are left to the caller, who knows the token's decimals: they are in the error's `args`. */
/** Who must do something so that it works. */
export type Actor = 'asker' | 'seller' | 'operator' | 'platform' | 'chain';

export type Wording = { say: string | ((args: Args) => string); actor: Actor; retry: boolean };

const time = (value: unknown): string =>
  typeof value === 'bigint' && value < 10n ** 11n
    ? `${new Date(Number(value) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'then';
const asker = (say: Wording['say'], retry = false): Wording => ({ say, actor: 'asker', retry });
const seller = (say: Wording['say'], retry = false): Wording => ({ say, actor: 'seller', retry });
const operator = (say: Wording['say'], retry = false): Wording => ({ say, actor: 'operator', retry });
const platform = (say: Wording['say'], retry = false): Wording => ({ say, actor: 'platform', retry });

/** By name, or by signature where two contracts give one name to different errors. docs/errors.md has why and how to solve. */
export const contractSentences: Readonly<Record<string, Wording>> = {
  // Accounts
  NotOwner: asker('Only the owner of this account or contract may do that.'),
  NotOfferedTo: asker('This purse was not offered to you.'),
  AccountUnknown: asker('There is no such account.'),
  BalanceTooLow: asker('The account’s balance is too low for that.', true),
  AmountZero: asker('The amount is zero.'),
  AddressZero: asker('The address is zero.'),
  PlainTransfer: asker('Money can’t be sent to the market just so. Use a deposit, or the account’s deposit address.'),
  TransferFailed: asker('The token or the receiver refused the transfer. Nothing was moved.', true),
  SignatureExpired: asker(
    ({ deadline }) => `The signature was valid until ${time(deadline)}. Please sign again.`,
    true,
  ),
  SignatureInvalid: asker('The signature is not by the account’s owner, or for something else.'),
  NonceWrong: asker('The signature was used already or has been overtaken by another. Please sign again.', true),
  AllowanceMissing: asker('The account’s owner has not allowed this spender to pay with that token.'),
  AllowanceExpired: asker(({ expiry }) => `The permission to spend ended at ${time(expiry)}.`),
  OverPerAsk: asker('That is above what the account’s owner allows for one ask.'),
  OverPerPeriod: asker(
    ({ periodEndsAt }) =>
      `What the account’s owner allows for this period is used up. The next begins at ${time(periodEndsAt)}.`,
    true,
  ),
  RelayFeeTooHigh: operator('The relay fee is above what the account’s owner allows.'),
  AllowanceTermsInvalid: asker('These terms of a permission to spend make no sense: check amounts, period and end.'),

  // AskMarket
  OracleLockTooShort: platform(
    'This oracle’s reporting lock is under 12 hours; the market works only with 12 hours or more.',
  ),
  AskExists: asker('This very ask was sent already; it is not paid twice.'),
  AskMismatch: platform('The details given are not those of the ask on chain: it has changed since.', true),
  WrongState: platform(
    ({ state }) => `The ask is past that step: ${stateWords[Number(state)] ?? 'its state is unknown'}.`,
  ),
  PriceAboveMax: asker('The price has risen above what you agreed to. Nothing was taken; please ask again.', true),
  PaymentTooLow: asker('What was sent is less than the price. Nothing was taken.', true),
  TransferTooLate: asker(
    ({ openUntil }) =>
      `The time to pay by transfer was over at ${time(openUntil)}. The money goes into the account of its owner.`,
  ),
  CoinNotExpected: asker('This ask is paid in a token; the coin sent along was not taken.'),
  DeadlineOutOfRange: asker('The deadline of the ask is too near or too far away. Please ask again.', true),
  InputEmpty: asker('The question is empty.'),
  ScriptMismatch: asker('The script is not the one that the ask names.'),
  NotHost: operator('Another host is to answer this ask.'),
  DeadlinePassed: operator(({ deadline }) => `The time for the answer was over at ${time(deadline)}.`),
  StillExclusive: operator(({ until }) => `The ask is its host’s alone until ${time(until)}.`, true),
  SoleHost: operator('The asker wants no other host for this ask.'),
  AlreadyHost: operator('This host is already the one to answer.'),
  OfferTooHigh: operator('The host’s offer is above what this ask pays.'),
  OfferTooSlow: operator('The host’s offer takes longer to report than the asker accepted.'),
  LengthMismatch: platform('The lists of the batch have different lengths.'),
  BatchEmpty: platform('The batch is empty.'),
  BatchTooLarge: platform('The batch is too large for one transaction.'),
  OracleNotReady: platform('The oracle has no governance, or the registry is built on another oracle.'),
  GasTooLow: platform('The transaction was given too little gas.', true),
  ReasonTooLong: operator(({ maxBytes }) => `The reason is longer than ${String(maxBytes)} bytes.`),
  AnswerEmpty: operator('An empty answer can’t be delivered.'),
  ReporterMismatch: operator('The oracle’s report at that second is not this host’s.', true),
  ValueMismatch: operator('The oracle’s report is not about these answers.'),
  ReportTooLate: operator(({ dueAt }) => `The report had to stand on the oracle by ${time(dueAt)}.`),
  WindowOpen: operator(
    ({ until }) => `The answer can still be disputed until ${time(until)}; the money waits until then.`,
    true,
  ),
  DisputeOpen: operator('The answer is disputed and the vote is not over.', true),
  DisputeUpheld: operator('The answer was disputed and did not stand.'),
  NotRefundable: asker('This ask is not due a refund.', true),

  // ModelRegistry
  ScriptEmpty: seller('The workload is empty.'),
  ScriptTooLong: seller(({ maxBytes }) => `The workload is longer than ${String(maxBytes)} bytes.`),
  WorkloadUnknown: seller('No such workload has been published.'),
  ModelUnknown: asker('There is no such model.'),
  ModelIsRetired: asker('This model is no longer offered.'),
  NotSeller: seller('Only the model’s seller may change it.'),
  NameInvalid: seller(({ maxBytes }) => `A model’s name must have 1 to ${String(maxBytes)} bytes.`),
  ZeroAddress: seller('The address is zero.'),
  NotStaked: operator('Only a host with enough stake at the oracle may do that.', true),
  StillStaked: operator('That host is staked: its offer stands.'),
  HostNotListed: operator('The model’s seller has not listed this host.'),
  WrongToken: asker('The model is paid in another token.'),
  OfferInvalid: operator('The terms of the offer are outside the limits: check input length and times.'),
  NoOffer: asker('This host does not offer that model now. Please choose another.', true),
  InputTooLong: asker(({ maxBytes }) => `The question is too long for this host: at most ${String(maxBytes)} bytes.`),
  WorkloadChanged: asker('The model was changed a moment ago. Nothing was taken; please ask again.', true),

  // Host
  'NotOwner(address)': operator('Only the host’s owner may do that.'),
  NotOperator: operator('This key is not an operator of the host.'),
  NoAutopay: operator('The host’s owner has set no Autopay.'),
  TipChanged: operator('The tip has changed, is already earned, or is too new for this second.', true),
  QueryTypeNotAllowed: operator('A host may report no other type of query than its own and ChatGPTResponse.'),
  ReportBudgetSpent: operator(
    ({ until }) => `This key’s reports for today are used up; it may report again from ${time(until)}.`,
    true,
  ),

  // Libraries and LANG
  ERC20InsufficientBalance: asker('The wallet holds too little of the token.', true),
  ERC20InsufficientAllowance: asker('The token has not been approved for that amount.', true),
  ERC20InvalidSender: asker('The token can’t be sent from there.'),
  ERC20InvalidReceiver: asker('The token can’t be sent there.'),
  ERC20InvalidApprover: asker('The token can’t be approved from there.'),
  ERC20InvalidSpender: asker('The token can’t be approved for that address.'),
  ERC2612ExpiredSignature: asker('The token’s permit has expired. Please sign again.', true),
  ERC2612InvalidSigner: asker('The token’s permit was not signed by its owner.'),
  InvalidAccountNonce: asker('The token’s permit was used already. Please sign again.', true),
  ECDSAInvalidSignature: asker('The signature is malformed.'),
  ECDSAInvalidSignatureLength: asker('The signature is malformed.'),
  ECDSAInvalidSignatureS: asker('The signature is malformed.'),
  InvalidShortString: platform('A text in the contract’s setup is malformed.'),
  StringTooLong: platform('A text in the contract’s setup is too long.'),
  Reentrancy: platform('A token tried to call back into the market while it was at work. Nothing was moved.'),
  ReentrancyGuardReentrantCall: platform(
    'A token tried to call back into the market while it was at work. Nothing was moved.',
  ),
  SafeERC20FailedOperation: asker('The token refused the transfer. Nothing was moved.', true),
  SafeCastOverflowedUintDowncast: asker('A number is too large.'),
  OwnableUnauthorizedAccount: operator('Only the contract’s owner may do that.'),
  OwnableInvalidOwner: operator('The zero address can’t own the contract.'),
  FailedCall: platform('A call to another contract failed.', true),
  FailedDeployment: platform('A contract could not be created.', true),
  InsufficientBalance: platform('The contract holds too little coin for that.', true),
  AddressEmptyCode: platform('There is no contract at that address.'),
};

const stateWords: readonly string[] = [
  'it was never opened',
  'it waits for its answer',
  'its host declined',
  'it has been answered',
  'its answer stands on the oracle',
  'it has been paid',
  'it has been refunded',
];

const oracle = (say: string, retry = false): Wording => ({ say, actor: 'operator', retry });

/** The reason strings of TellorFlex and Governance, word for word. */
export const reasonSentences: Readonly<Record<string, Wording>> = {
  'governance address not set': oracle('The oracle has not been set up yet.'),
  'only owner can set governance address': oracle('Only the deployer may set up the oracle.'),
  'governance address already set': oracle('The oracle has been set up already.'),
  "governance address can't be zero address": oracle('The oracle needs a governance contract.'),
  'must set token address': oracle('The oracle needs a token.'),
  'must set staking token price': oracle('The oracle needs a price of its token.'),
  'must set reporting lock': oracle('The oracle needs a reporting lock.'),
  'must set staking token price queryId': oracle('The oracle needs a query for its token’s price.'),
  'caller must be governance address': oracle('Only the governance contract may do that.'),
  'only governance can slash reporter': oracle('Only the governance contract may do that.'),
  'value already disputed': oracle('This report is disputed already.'),
  'invalid timestamp': oracle('There is no report at that second.'),
  'insufficient staked balance': oracle('The stake is smaller than that.'),
  'zero staker balance': oracle('The reporter has no stake left.'),
  'value must be submitted': oracle('An empty value can’t be reported.'),
  'nonce must match timestamp index': oracle('Another report on the same query came first.', true),
  'balance must be greater than stake amount': oracle('The host’s stake is below what the oracle asks for.'),
  'still in reporter time lock, please wait!': oracle('The oracle takes the host’s next report a little later.', true),
  'query id must be hash of query data': oracle('The query’s id is not the hash of its data.'),
  'timestamp already reported for': oracle('Somebody reported on the same query in the same second.', true),
  'invalid staking token price': oracle('The reported price of the oracle’s token makes no sense.'),
  "7 days didn't pass": oracle('Stake can be taken out seven days after the request.', true),
  'reporter not locked for withdrawal': oracle('No stake was requested back.'),
  'no value exists at given timestamp': oracle('There is no report at that second.'),
  'Dispute must be started within reporting lock time': oracle('The 12 hours in which it could be disputed are over.'),
  'New dispute round must be started within a day': oracle('The day in which another round could begin is over.'),
  'Fee must be paid': oracle('The dispute’s fee must be paid.'),
  'Dispute ID must be valid': oracle('There is no such dispute.'),
  'Vote does not exist': oracle('There is no such vote.'),
  'Vote has already been executed': oracle('The vote has been executed already.'),
  'Vote has already been tallied': oracle('The vote has been counted already.'),
  'Vote must be tallied': oracle('The vote must be counted first.', true),
  'Must be the final vote': oracle('A later round of this dispute decides.'),
  '1 day has to pass after tally to allow for disputes': oracle('A day must pass after the count.', true),
  'Time for voting has not elapsed': oracle('The vote is still going on.', true),
  'Sender has already voted': oracle('This address has voted already.'),
};
