// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "./IAccounts.sol";

/// @title Asks: money held for one queryId until its answer stands on the oracle, or returned
/// @notice One storage slot an ask: state, time and a truncated hash of its struct. Events carry the whole struct, callers
/// pass it back. Amounts are in the smallest unit of the token; token 0 is the chain's coin; times are unix seconds.
interface IAskMarket is IAccounts {
    /// @param None never asked
    /// @param Open waits for the eligible host's answer
    /// @param Declined the host gave up; another may take over, or (soleHost) refundable
    /// @param Delivered the answer is public here, the report on the oracle is still to come
    /// @param Sealed the report stands on the oracle since `time`; final 12 h later unless disputed
    enum State {
        None,
        Open,
        Declined,
        Delivered,
        Sealed,
        Settled,
        Refunded
    }

    /// @notice What Tellor's governance says of one report.
    /// @param None not disputed
    /// @param Open disputed, the vote not executed yet
    /// @param Failed the dispute failed: the report stands
    /// @param Passed the dispute passed
    /// @param Invalid the vote could not decide, or nobody voted
    enum Verdict {
        None,
        Open,
        Failed,
        Passed,
        Invalid
    }

    enum RefundReason {
        Declined,
        Overdue,
        NotReported,
        DisputeLost,
        Backstop
    }

    /// @notice What an asker chooses.
    /// @param workload the hash that the asker saw; for model 0 that of the inline script
    /// @param token of the model; any for model 0
    /// @param maxPrice royalty and host's price together may not be above it
    /// @param deadline the answer must have been delivered by then
    /// @param parent queryId of the ask that this one continues, or 0
    /// @param userSalt the opener's idempotency key: the same ask with the same salt reverts the second time
    /// @param soleHost true: no other host may take over; refundable as soon as this one declines
    /// @param byReport true: the answer itself is reported to the oracle as the value of the ask's queryId
    struct Order {
        uint256 model;
        bytes32 workload;
        address token;
        address host;
        uint128 maxPrice;
        uint40 deadline;
        bytes32 parent;
        bytes32 userSalt;
        bool soleHost;
        bool byReport;
    }

    /// @notice What the slot's hash commits to; emitted whole with each change.
    /// @param account whose money it is and to which it returns
    /// @param host the one host that may deliver now
    /// @param exclusiveUntil from then on another host may take over
    /// @param reportWithin seconds after delivery by which the report must stand
    /// @param inputBytes length of the input
    /// @param toWallet paid with the call: a refund goes to the account's address itself when it takes it
    struct Ask {
        uint256 account;
        address opener;
        address seller;
        address host;
        address token;
        uint256 model;
        uint128 hostPrice;
        uint128 royalty;
        uint40 deadline;
        uint40 exclusiveUntil;
        uint32 reportWithin;
        uint32 inputBytes;
        bool soleHost;
        bool byReport;
        bool toWallet;
    }

    /// @notice One delivered answer, for a seal.
    /// @param askHash keccak256(abi.encode(ask))
    /// @param answerHash keccak256 of the answer's UTF-8 bytes
    struct SealItem {
        bytes32 queryId;
        bytes32 askHash;
        bytes32 answerHash;
    }

    /// @notice One answer to settle.
    struct SettleItem {
        bytes32 queryId;
        bytes32 answerHash;
        Ask ask;
    }

    /// @notice One ask to refund. `answerHash` and `reportQueryId` are 0 unless it was delivered (first) and sealed (both).
    struct RefundItem {
        bytes32 queryId;
        bytes32 answerHash;
        bytes32 reportQueryId;
        Ask ask;
    }

    event Asked(
        bytes32 indexed queryId, uint256 indexed account, address indexed host, Ask ask, bytes32 workload, bytes32 parent,
        bytes32 userSalt, string input, bytes script
    );
    /// @notice The slot's new struct, with the new host and its exclusive time.
    event TakenOver(bytes32 indexed queryId, address indexed host, Ask ask);
    event Declined(bytes32 indexed queryId, address indexed host, string reason);
    event Delivered(bytes32 indexed queryId, address indexed host, string answer);
    /// @notice The answer stands on the oracle as part of `reportQueryId` (the ask's own queryId for byReport) at `timestamp`.
    event Sealed(bytes32 indexed queryId, bytes32 indexed reportQueryId, address indexed host, uint256 timestamp);
    event Settled(bytes32 indexed queryId, address indexed host, address indexed seller, uint128 hostPrice, uint128 royalty);
    event Refunded(bytes32 indexed queryId, uint256 indexed account, RefundReason reason, uint256 amount);
    event RelayFeePaid(bytes32 indexed queryId, address indexed payee, uint256 amount);
    /// @notice An item of a batch that could not be done; the others were. `reason` is the selector of an error below.
    event Skipped(bytes32 indexed queryId, bytes4 reason);

    error OracleLockTooShort(uint256 lockSeconds, uint256 minimumSeconds);
    error OracleNotReady(address oracle);
    error GasTooLow(uint256 gasLeft, uint256 needed);
    error ReasonTooLong(uint256 bytesLength, uint256 maxBytes);
    error AskExists(bytes32 queryId);
    error AskMismatch(bytes32 queryId);
    error WrongState(bytes32 queryId, State state);
    error PriceAboveMax(uint256 price, uint256 maxPrice);
    error PaymentTooLow(uint256 sent, uint256 price);
    error CoinNotExpected(uint256 sent);
    error TransferTooLate(uint256 openUntil);
    error DeadlineOutOfRange(uint256 deadline, uint256 earliest, uint256 latest);
    error InputEmpty();
    error ScriptMismatch(bytes32 workload, bytes32 scriptHash);
    error NotHost(bytes32 queryId, address caller, address host);
    error DeadlinePassed(bytes32 queryId, uint256 deadline);
    error StillExclusive(bytes32 queryId, uint256 until);
    error SoleHost(bytes32 queryId);
    error AlreadyHost(bytes32 queryId);
    error OfferTooHigh(uint256 offered, uint256 price);
    error OfferTooSlow(uint32 reportWithin, uint32 accepted);
    error LengthMismatch();
    error BatchEmpty();
    error BatchTooLarge(uint256 length, uint256 max);
    error AnswerEmpty(bytes32 queryId);
    error ReporterMismatch(bytes32 reportQueryId, uint256 timestamp, address reporter);
    error ValueMismatch(bytes32 reportQueryId, uint256 timestamp);
    error ReportTooLate(bytes32 queryId, uint256 dueAt);
    error WindowOpen(bytes32 queryId, uint256 until);
    error DisputeOpen(bytes32 reportQueryId, uint256 timestamp);
    error DisputeUpheld(bytes32 reportQueryId, uint256 timestamp);
    error NotRefundable(bytes32 queryId);

    /// @notice Opens an ask with an account's money: by its owner, or by an allowed spender within the allowance.
    /// @param input the question, UTF-8
    /// @param script the inline workload of model 0, else empty
    /// @param relayFee taken beside the price, paid at once to the allowance's fee payee's account; 0 for an owner
    function ask(uint256 account, Order calldata order, string calldata input, bytes calldata script, uint96 relayFee)
        external
        returns (bytes32 queryId);

    /// @notice Opens an ask paid with the call: coin sent along (what is above the price returns at once), or an ERC-20 by
    /// allowance. The account is the caller's own; a refund goes to the caller's wallet.
    function askAndPay(Order calldata order, string calldata input, bytes calldata script)
        external
        payable
        returns (bytes32 queryId);

    /// @notice As askAndPay, after an EIP-2612 permit by the caller.
    function askAndPayWithPermit(
        Order calldata order, string calldata input, bytes calldata script, Permit calldata permit
    ) external returns (bytes32 queryId);

    /// @notice Opens an ask with the money of a plain transfer. The money lies on the deposit address of `account` and
    /// `transferSaltOf(order, input, script, openUntil)`: whoever sent it there agreed to exactly this ask, so that anybody may
    /// call this. What is above the price stays in the account; too little reverts and stays where it is. Once `openUntil`
    /// (unix seconds) is over, or somebody has swept the address, the money can only go into the account.
    /// @param order its `deadline` counts in seconds from the call
    function askByTransfer(
        uint256 account, Order calldata order, string calldata input, bytes calldata script, uint40 openUntil
    ) external returns (bytes32 queryId);

    /// @notice The salt of the deposit address that pays for exactly this ask.
    function transferSaltOf(Order calldata order, string calldata input, bytes calldata script, uint40 openUntil)
        external
        pure
        returns (bytes32);

    /// @notice A host with an offer at no more than the ask's host price becomes the eligible one: after the exclusive time or
    /// a decline, before the deadline. Its own exclusive time is at most half of what is left, so that another may follow.
    function takeOver(bytes32 queryId, Ask calldata a) external;

    /// @notice The eligible host gives up, with a reason for the asker (up to 256 bytes).
    function decline(bytes32 queryId, Ask calldata a, string calldata reason) external;

    /// @notice The eligible host hands over answers. Reads nothing from the oracle. A bad item is skipped, not fatal.
    /// @return root of the items that were delivered: keccak256(abi.encodePacked(queryId0, keccak256(answer0), ...))
    /// @return items those items, ready for `seal`
    function deliver(bytes32[] calldata queryIds, Ask[] calldata asks, string[] calldata answers)
        external
        returns (bytes32 root, SealItem[] memory items);

    /// @notice In the second of the report: notes that the caller's report of a batch's root stands on the oracle. `items` are
    /// the whole batch in the order of the root; an item in a wrong state is skipped.
    function seal(uint256 batch, SealItem[] calldata items) external;

    /// @notice The same for an answer reported as the value of the ask's own queryId.
    function sealReport(SealItem calldata item) external;

    /// @notice Pays hosts and sellers of answers that stood 12 h undisputed or whose dispute failed. One bad item is skipped.
    function settle(bytes32 reportQueryId, SettleItem[] calldata items) external returns (uint256 settled);

    /// @notice Returns the money of asks that are due a refund. One bad item is skipped.
    function refund(RefundItem[] calldata items) external returns (uint256 refunded);

    /// @return state of the ask
    /// @return time unix seconds: opened (or taken over), declined, by when the report must stand (Delivered), reported
    /// (Sealed), settled or refunded
    function stateOf(bytes32 queryId) external view returns (State state, uint40 time);

    /// @notice The queryId that `opener`'s ask would have.
    function queryIdOf(address opener, Order calldata order, string calldata input) external view returns (bytes32);

    /// @notice The query data of an ask: abi.encode("LangChainWorkload", abi.encode(workload, input, parent, salt)).
    function queryDataOf(address opener, Order calldata order, string calldata input) external view returns (bytes memory);

    /// @notice The queryId under which `host` reports the root of `batch`.
    function batchQueryIdOf(address host, uint256 batch) external view returns (bytes32);
    function batchQueryDataOf(address host, uint256 batch) external view returns (bytes memory);

    /// @notice Reads the oracle and its governance now: by this verdict `settle` and `refund` go.
    function verdictOf(bytes32 reportQueryId, uint256 timestamp) external view returns (Verdict);

    function registry() external view returns (address);
    function oracle() external view returns (address);
    function governance() external view returns (address);
}
