// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {UsingTellor} from "usingtellor/contracts/UsingTellor.sol";
import {Accounts} from "./Accounts.sol";
import {IAskMarket} from "./interfaces/IAskMarket.sol";
import {IGovernance} from "./interfaces/IGovernance.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ITellorFlex} from "./interfaces/ITellorFlex.sol";
import {BatchRoot} from "./lib/BatchRoot.sol";
import {Queries} from "./lib/Queries.sol";
import {Slot, SlotLib} from "./lib/Slot.sol";
import {Tokens} from "./lib/Tokens.sol";

/// @title AskMarket
/// @notice No administrator, no pause, no fee, no upgrade.
/// @dev Only `seal`, `settle` and refunds of sealed asks read the oracle: whatever befalls it, an ask that was not answered
/// is refundable by the clock alone, and every other one 90 days after its report.
contract AskMarket is IAskMarket, Accounts, UsingTellor {
    uint256 private constant MIN_ORACLE_LOCK = 12 hours;
    /// @dev Governance takes the first dispute of a report within 12 h of it, hard-coded.
    uint256 private constant DISPUTE_WINDOW = 12 hours;
    uint256 private constant MIN_DEADLINE = 10 seconds;
    uint256 private constant MAX_DEADLINE = 7 days;
    uint256 private constant BACKSTOP_UNDISPUTED = 30 days;
    uint256 private constant BACKSTOP_LATEST = 90 days;
    uint256 private constant MAX_BATCH = 256;
    uint256 private constant MAX_REASON_BYTES = 256;
    uint256 private constant MAX_SCRIPT_BYTES = 24_000;
    /// @dev Enough for a smart wallet's receive hook or an odd token; bounded, so that no wallet can make refunds dear.
    uint256 private constant WALLET_GAS = 150_000;

    /// @inheritdoc IAskMarket
    address public immutable registry;
    /// @inheritdoc IAskMarket
    address public immutable governance;

    mapping(bytes32 queryId => Slot) private _slots;

    /// @param oracle_ a TellorFlex with its governance set and a reporting lock of at least 12 h: under a shorter lock a
    /// host's one stake would answer for many reports, and after its first slash for none
    constructor(address oracle_, address registry_) UsingTellor(payable(oracle_)) {
        uint256 lock = ITellorFlex(oracle_).getReportingLock();
        if (lock < MIN_ORACLE_LOCK) revert OracleLockTooShort(lock, MIN_ORACLE_LOCK);
        // TellorFlex sets it once and for all.
        governance = ITellorFlex(oracle_).getGovernanceAddress();
        if (governance.code.length == 0 || IModelRegistry(registry_).oracle() != oracle_) {
            revert OracleNotReady(oracle_);
        }
        registry = registry_;
    }

    // -- asking

    /// @inheritdoc IAskMarket
    function ask(
        uint256 account,
        Order calldata order,
        string calldata input,
        bytes calldata script,
        uint96 relayFee
    ) external nonReentrant returns (bytes32 queryId) {
        Ask memory a = _quote(account, order, order.deadline, input, script, false);
        address payee = _take(account, order.token, uint256(a.hostPrice) + a.royalty, relayFee);
        queryId = _open(a, order, input, script);
        if (relayFee != 0) {
            _credit(uint160(payee), order.token, relayFee);
            emit RelayFeePaid(queryId, payee, relayFee);
        }
    }

    /// @inheritdoc IAskMarket
    function askAndPay(Order calldata order, string calldata input, bytes calldata script)
        external
        payable
        nonReentrant
        returns (bytes32)
    {
        return _askAndPay(order, input, script);
    }

    /// @inheritdoc IAskMarket
    function askAndPayWithPermit(
        Order calldata order,
        string calldata input,
        bytes calldata script,
        Permit calldata permit
    ) external nonReentrant returns (bytes32) {
        _usePermit(order.token, permit);
        return _askAndPay(order, input, script);
    }

    /// @inheritdoc IAskMarket
    function askByTransfer(
        uint256 account,
        Order calldata order,
        string calldata input,
        bytes calldata script,
        uint40 openUntil
    ) external nonReentrant returns (bytes32 queryId) {
        if (block.timestamp > openUntil) revert TransferTooLate(openUntil);
        uint256 received = _sweep(account, transferSaltOf(order, input, script, openUntil), order.token);
        Ask memory a = _quote(account, order, block.timestamp + order.deadline, input, script, false);
        uint256 price = uint256(a.hostPrice) + a.royalty;
        // What lay in the account before is not for this ask: its owner agreed to what was sent here alone.
        if (received < price) revert PaymentTooLow(received, price);
        _debit(account, order.token, price);
        queryId = _open(a, order, input, script);
    }

    // -- hosting

    /// @inheritdoc IAskMarket
    function takeOver(bytes32 queryId, Ask calldata a) external {
        Slot slot = _slots[queryId];
        State state = slot.state();
        if (state != State.Open && state != State.Declined) revert WrongState(queryId, state);
        if (!slot.commits(SlotLib.hashAsk(a))) revert AskMismatch(queryId);
        if (a.soleHost) revert SoleHost(queryId);
        if (a.host == msg.sender) revert AlreadyHost(queryId);
        if (block.timestamp > a.deadline) revert DeadlinePassed(queryId, a.deadline);
        if (state == State.Open && block.timestamp < a.exclusiveUntil) revert StillExclusive(queryId, a.exclusiveUntil);

        IModelRegistry.Offer memory offer =
            IModelRegistry(registry).quoteTakeOver(a.model, a.token, msg.sender, a.inputBytes);
        if (offer.price > a.hostPrice) revert OfferTooHigh(offer.price, a.hostPrice);
        // Else a stranger could deliver junk, never report it, and so hold the money for longer than the asker ever accepted.
        if (offer.reportWithinSeconds > a.reportWithin) revert OfferTooSlow(offer.reportWithinSeconds, a.reportWithin);

        Ask memory next = a;
        next.host = msg.sender;
        uint256 half = (a.deadline - block.timestamp) / 2;
        next.exclusiveUntil =
            uint40(block.timestamp + (offer.exclusiveSeconds < half ? offer.exclusiveSeconds : half));
        next.reportWithin = offer.reportWithinSeconds;
        _slots[queryId] = SlotLib.pack(State.Open, block.timestamp, SlotLib.hashAskMemory(next));
        emit TakenOver(queryId, msg.sender, next);
    }

    /// @inheritdoc IAskMarket
    function decline(bytes32 queryId, Ask calldata a, string calldata reason) external {
        Slot slot = _slots[queryId];
        if (slot.state() != State.Open) revert WrongState(queryId, slot.state());
        bytes32 askHash = SlotLib.hashAsk(a);
        if (!slot.commits(askHash)) revert AskMismatch(queryId);
        if (a.host != msg.sender) revert NotHost(queryId, msg.sender, a.host);
        if (block.timestamp > a.deadline) revert DeadlinePassed(queryId, a.deadline);
        if (bytes(reason).length > MAX_REASON_BYTES) revert ReasonTooLong(bytes(reason).length, MAX_REASON_BYTES);
        _slots[queryId] = SlotLib.pack(State.Declined, block.timestamp, askHash);
        emit Declined(queryId, msg.sender, reason);
    }

    /// @inheritdoc IAskMarket
    function deliver(bytes32[] calldata queryIds, Ask[] calldata asks, string[] calldata answers)
        external
        returns (bytes32 root, SealItem[] memory items)
    {
        uint256 length = queryIds.length;
        _requireBatch(length);
        if (asks.length != length || answers.length != length) revert LengthMismatch();
        items = new SealItem[](length);
        uint256 done;
        for (uint256 i; i < length; ++i) {
            SealItem memory item = items[done];
            bytes4 reason = _deliver(item, queryIds[i], asks[i], answers[i]);
            if (reason == 0) ++done;
            else emit Skipped(queryIds[i], reason);
        }
        assembly ("memory-safe") {
            mstore(items, done)
        }
        root = BatchRoot.hashMemory(items);
    }

    /// @inheritdoc IAskMarket
    function seal(uint256 batch, SealItem[] calldata items) external {
        _requireBatch(items.length);
        bytes32 reportQueryId = batchQueryIdOf(msg.sender, batch);
        _requireOwnReport(reportQueryId);
        if (keccak256(_retrieveData(reportQueryId, block.timestamp)) != keccak256(abi.encode(BatchRoot.hash(items)))) {
            revert ValueMismatch(reportQueryId, block.timestamp);
        }
        for (uint256 i; i < items.length; ++i) {
            bytes4 reason = _seal(items[i], reportQueryId, 0);
            if (reason != 0) emit Skipped(items[i].queryId, reason);
        }
    }

    /// @inheritdoc IAskMarket
    function sealReport(SealItem calldata item) external {
        bytes32 queryId = item.queryId;
        _requireOwnReport(queryId);
        bytes memory value = _retrieveData(queryId, block.timestamp);
        string memory answer = abi.decode(value, (string));
        // Decoding alone would let through values with a tail or odd offsets, which consumers may read differently.
        if (keccak256(bytes(answer)) != item.answerHash || keccak256(abi.encode(answer)) != keccak256(value)) {
            revert ValueMismatch(queryId, block.timestamp);
        }
        Slot slot = _slots[queryId];
        bytes4 reason = _seal(item, queryId, queryId);
        if (reason == WrongState.selector) revert WrongState(queryId, slot.state());
        if (reason == ReportTooLate.selector) revert ReportTooLate(queryId, slot.time());
        if (reason != 0) revert AskMismatch(queryId);
    }

    // -- ending

    /// @inheritdoc IAskMarket
    function settle(bytes32 reportQueryId, SettleItem[] calldata items)
        external
        nonReentrant
        returns (uint256 settled)
    {
        _requireBatch(items.length);
        // One report has one verdict; a host may have used the same batch number in two seconds, so that the time counts.
        uint256 judgedTime;
        Verdict verdict;
        for (uint256 i; i < items.length; ++i) {
            SettleItem calldata item = items[i];
            bytes32 queryId = item.queryId;
            Slot slot = _slots[queryId];
            bytes4 reason;
            if (slot.state() != State.Sealed) {
                reason = WrongState.selector;
            } else if (!slot.commits(_answerHash(item.ask, item.answerHash, reportQueryId))) {
                reason = AskMismatch.selector;
            } else if (block.timestamp < slot.time() + DISPUTE_WINDOW) {
                reason = WindowOpen.selector;
            } else {
                if (slot.time() != judgedTime) {
                    judgedTime = slot.time();
                    verdict = _verdictOf(reportQueryId, judgedTime);
                }
                if (verdict == Verdict.Open) reason = DisputeOpen.selector;
                else if (verdict == Verdict.Passed || verdict == Verdict.Invalid) reason = DisputeUpheld.selector;
            }
            if (reason == 0) {
                _settle(queryId, item.ask);
                ++settled;
            } else {
                emit Skipped(queryId, reason);
            }
        }
    }

    /// @inheritdoc IAskMarket
    function refund(RefundItem[] calldata items) external nonReentrant returns (uint256 refunded) {
        _requireBatch(items.length);
        for (uint256 i; i < items.length; ++i) {
            RefundItem calldata item = items[i];
            bytes32 queryId = item.queryId;
            (bytes4 refusal, RefundReason reason) = _dueRefund(item, _slots[queryId]);
            if (refusal == 0) {
                _slots[queryId] = SlotLib.pack(State.Refunded, block.timestamp, 0);
                uint256 amount = uint256(item.ask.hostPrice) + item.ask.royalty;
                emit Refunded(queryId, item.ask.account, reason, amount);
                if (item.ask.toWallet) _payBack(item.ask.account, item.ask.token, amount);
                else _credit(item.ask.account, item.ask.token, amount);
                ++refunded;
            } else {
                emit Skipped(queryId, refusal);
            }
        }
    }

    // -- views

    /// @inheritdoc IAskMarket
    function stateOf(bytes32 queryId) external view returns (State state, uint40 time) {
        Slot slot = _slots[queryId];
        return (slot.state(), uint40(slot.time()));
    }

    /// @inheritdoc IAskMarket
    function queryIdOf(address opener, Order calldata order, string calldata input) public view returns (bytes32) {
        return keccak256(queryDataOf(opener, order, input));
    }

    /// @inheritdoc IAskMarket
    function queryDataOf(address opener, Order calldata order, string calldata input)
        public
        view
        returns (bytes memory)
    {
        return Queries.workload(order.workload, input, order.parent, opener, order.userSalt);
    }

    /// @inheritdoc IAskMarket
    function transferSaltOf(Order calldata order, string calldata input, bytes calldata script, uint40 openUntil)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode("askByTransfer", order, keccak256(bytes(input)), keccak256(script), openUntil));
    }

    /// @inheritdoc IAskMarket
    function batchQueryIdOf(address host, uint256 batch) public view returns (bytes32) {
        return keccak256(batchQueryDataOf(host, batch));
    }

    /// @inheritdoc IAskMarket
    function batchQueryDataOf(address host, uint256 batch) public view returns (bytes memory) {
        return Queries.answers(address(this), host, batch);
    }

    /// @inheritdoc IAskMarket
    function verdictOf(bytes32 reportQueryId, uint256 timestamp) external view returns (Verdict) {
        return _verdictOf(reportQueryId, timestamp);
    }

    /// @inheritdoc IAskMarket
    function oracle() external view returns (address) {
        return address(tellor);
    }

    // -- inner

    function _quote(
        uint256 account,
        Order calldata order,
        uint256 deadline,
        string calldata input,
        bytes calldata script,
        bool toWallet
    ) private view returns (Ask memory a) {
        if (bytes(input).length == 0) revert InputEmpty();
        if (deadline < block.timestamp + MIN_DEADLINE || deadline > block.timestamp + MAX_DEADLINE) {
            revert DeadlineOutOfRange(deadline, block.timestamp + MIN_DEADLINE, block.timestamp + MAX_DEADLINE);
        }
        if (order.model == 0) {
            if (script.length > MAX_SCRIPT_BYTES) {
                revert IModelRegistry.ScriptTooLong(script.length, MAX_SCRIPT_BYTES);
            }
            if (script.length == 0 || keccak256(script) != order.workload) {
                revert ScriptMismatch(order.workload, keccak256(script));
            }
        } else if (script.length != 0) {
            revert ScriptMismatch(order.workload, keccak256(script));
        }
        IModelRegistry.Quote memory q =
            IModelRegistry(registry).quote(order.model, order.workload, order.token, order.host, bytes(input).length);
        uint256 price = uint256(q.hostPrice) + q.royalty;
        if (price > order.maxPrice) revert PriceAboveMax(price, order.maxPrice);
        a.account = account;
        a.opener = msg.sender;
        a.seller = q.seller;
        a.host = order.host;
        a.token = order.token;
        a.model = order.model;
        a.hostPrice = q.hostPrice;
        a.royalty = q.royalty;
        a.deadline = uint40(deadline);
        a.exclusiveUntil = uint40(block.timestamp + q.exclusiveSeconds);
        a.reportWithin = q.reportWithinSeconds;
        a.inputBytes = uint32(bytes(input).length);
        a.soleHost = order.soleHost;
        a.byReport = order.byReport;
        a.toWallet = toWallet;
    }

    function _open(Ask memory a, Order calldata order, string calldata input, bytes calldata script)
        private
        returns (bytes32 queryId)
    {
        queryId = queryIdOf(msg.sender, order, input);
        if (Slot.unwrap(_slots[queryId]) != 0) revert AskExists(queryId);
        _slots[queryId] = SlotLib.pack(State.Open, block.timestamp, SlotLib.hashAskMemory(a));
        emit Asked(queryId, a.account, a.host, a, order.workload, order.parent, order.userSalt, input, script);
    }

    function _askAndPay(Order calldata order, string calldata input, bytes calldata script)
        private
        returns (bytes32 queryId)
    {
        uint256 account = uint160(msg.sender);
        Ask memory a = _quote(account, order, order.deadline, input, script, true);
        uint256 price = uint256(a.hostPrice) + a.royalty;
        queryId = _open(a, order, input, script);
        if (order.token == address(0)) {
            if (msg.value < price) revert PaymentTooLow(msg.value, price);
            if (msg.value > price) _payBack(account, address(0), msg.value - price);
        } else {
            if (msg.value != 0) revert CoinNotExpected(msg.value);
            if (price == 0) return queryId;
            uint256 received = _pull(order.token, price);
            if (received < price) revert PaymentTooLow(received, price);
            if (received > price) _deposited(account, order.token, received - price, address(this));
        }
    }

    /// @dev @return reason 0, or why not: the selector of an error
    function _deliver(SealItem memory item, bytes32 queryId, Ask calldata a, string calldata answer)
        private
        returns (bytes4)
    {
        Slot slot = _slots[queryId];
        if (slot.state() != State.Open) return WrongState.selector;
        bytes32 askHash = SlotLib.hashAsk(a);
        if (!slot.commits(askHash)) return AskMismatch.selector;
        if (a.host != msg.sender) return NotHost.selector;
        if (block.timestamp > a.deadline) return DeadlinePassed.selector;
        if (bytes(answer).length == 0) return AnswerEmpty.selector;
        bytes32 answerHash = keccak256(bytes(answer));
        item.queryId = queryId;
        item.askHash = askHash;
        item.answerHash = answerHash;
        bytes32 hash = SlotLib.hashAnswer(askHash, answerHash, msg.sender, a.byReport ? queryId : bytes32(0));
        _slots[queryId] = SlotLib.pack(State.Delivered, block.timestamp + a.reportWithin, hash);
        emit Delivered(queryId, msg.sender, answer);
        return 0;
    }

    /// @dev An ask is sealed once: after a dispute the same answer can't be reported again for a second chance.
    function _seal(SealItem calldata item, bytes32 reportQueryId, bytes32 only) private returns (bytes4) {
        bytes32 queryId = item.queryId;
        Slot slot = _slots[queryId];
        if (slot.state() != State.Delivered) return WrongState.selector;
        if (!slot.commits(SlotLib.hashAnswer(item.askHash, item.answerHash, msg.sender, only))) {
            return AskMismatch.selector;
        }
        if (block.timestamp > slot.time()) return ReportTooLate.selector;
        bytes32 hash = SlotLib.hashAnswer(item.askHash, item.answerHash, msg.sender, reportQueryId);
        _slots[queryId] = SlotLib.pack(State.Sealed, block.timestamp, hash);
        emit Sealed(queryId, reportQueryId, msg.sender, block.timestamp);
        return 0;
    }

    function _settle(bytes32 queryId, Ask calldata a) private {
        _slots[queryId] = SlotLib.pack(State.Settled, block.timestamp, 0);
        _credit(uint160(a.host), a.token, a.hostPrice);
        if (a.royalty != 0) _credit(uint160(a.seller), a.token, a.royalty);
        emit Settled(queryId, a.host, a.seller, a.hostPrice, a.royalty);
    }

    /// @return refusal 0, or the selector of the error that says why not
    function _dueRefund(RefundItem calldata item, Slot slot)
        private
        view
        returns (bytes4 refusal, RefundReason reason)
    {
        State state = slot.state();
        uint256 time = slot.time();
        if (state == State.Open || state == State.Declined) {
            if (!slot.commits(SlotLib.hashAsk(item.ask))) return (AskMismatch.selector, reason);
            if (state == State.Declined && item.ask.soleHost) return (0, RefundReason.Declined);
            if (block.timestamp > item.ask.deadline) return (0, RefundReason.Overdue);
        } else if (state == State.Delivered) {
            bytes32 only = item.ask.byReport ? item.queryId : bytes32(0);
            if (!slot.commits(_answerHash(item.ask, item.answerHash, only))) return (AskMismatch.selector, reason);
            if (block.timestamp > time) return (0, RefundReason.NotReported);
        } else if (state == State.Sealed) {
            if (!slot.commits(_answerHash(item.ask, item.answerHash, item.reportQueryId))) {
                return (AskMismatch.selector, reason);
            }
            if (block.timestamp >= time + BACKSTOP_LATEST) return (0, RefundReason.Backstop);
            // An oracle that fails must not spoil the other items.
            try this.verdictOf(item.reportQueryId, time) returns (Verdict verdict) {
                if (verdict == Verdict.Passed || verdict == Verdict.Invalid) return (0, RefundReason.DisputeLost);
                // Not after a dispute that failed: an asker could execute the vote and take the refund in one transaction.
                if (verdict == Verdict.None && block.timestamp >= time + BACKSTOP_UNDISPUTED) {
                    return (0, RefundReason.Backstop);
                }
            } catch {}
        } else {
            return (WrongState.selector, reason);
        }
        return (NotRefundable.selector, reason);
    }

    /// @dev To the wallet that paid, or into its account when the wallet or the token won't.
    function _payBack(uint256 account, address token, uint256 amount) private {
        // A caller must not be able to starve the wallet of gas and so send the money to the account: a 64th stays here, and
        // the call itself costs up to 11,600.
        uint256 needed = WALLET_GAS + WALLET_GAS / 32 + 12_000;
        if (gasleft() < needed) revert GasTooLow(gasleft(), needed);
        if (amount != 0 && !Tokens.tryTransfer(token, address(uint160(account)), amount, WALLET_GAS)) {
            _deposited(account, token, amount, address(this));
        }
    }

    function _verdictOf(bytes32 reportQueryId, uint256 timestamp) private view returns (Verdict) {
        if (!_isInDispute(reportQueryId, timestamp)) return Verdict.None;
        uint256[] memory rounds =
            IGovernance(governance).getVoteRounds(keccak256(abi.encodePacked(reportQueryId, timestamp)));
        if (rounds.length == 0) return Verdict.Open;
        // Only the last round can be executed, and after that none can follow.
        (,, bool executed, uint8 result,) = IGovernance(governance).getVoteInfo(rounds[rounds.length - 1]);
        if (!executed) return Verdict.Open;
        if (result == 0) return Verdict.Failed;
        return result == 1 ? Verdict.Passed : Verdict.Invalid;
    }

    function _requireOwnReport(bytes32 reportQueryId) private view {
        address reporter = _getReporterByTimestamp(reportQueryId, block.timestamp);
        if (reporter != msg.sender) revert ReporterMismatch(reportQueryId, block.timestamp, reporter);
    }

    function _requireBatch(uint256 length) private pure {
        if (length == 0) revert BatchEmpty();
        if (length > MAX_BATCH) revert BatchTooLarge(length, MAX_BATCH);
    }

    function _answerHash(Ask calldata a, bytes32 answerHash, bytes32 reportQueryId) private pure returns (bytes32) {
        return SlotLib.hashAnswer(SlotLib.hashAsk(a), answerHash, a.host, reportQueryId);
    }
}
