// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IHost} from "../../contracts/interfaces/IHost.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Base} from "./base/Base.sol";
import {FeeToken, OddToken, ReentrantToken} from "./base/OddTokens.sol";
import {IMarket} from "./base/Ours.sol";
import {ContractWallet} from "./base/Wallets.sol";

/// @notice Sets the market's balance to the highest number there is, in the middle of a transfer.
contract BoundlessToken {
    mapping(address => uint256) public balanceOf;

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        balanceOf[to] = amount == 1 ? type(uint256).max : balanceOf[to] + amount;
        return true;
    }

    function empty(address of_) external {
        balanceOf[of_] = 0;
    }
}

/// @notice Takes coin only if it is given all the gas that the market promises.
contract DemandingWallet {
    function call(address to, uint256 value, bytes calldata data) external {
        (bool ok,) = to.call{value: value}(data);
        require(ok, "failed");
    }

    receive() external payable {
        require(gasleft() >= 149_900);
    }
}

/// @notice Tries everything while it is being paid.
contract ReentrantWallet {
    address public immutable market;
    bytes[] public calls;
    uint256 public refused;

    constructor(address market_) {
        market = market_;
    }

    function arm(bytes calldata data) external {
        calls.push(data);
    }

    function call(uint256 value, bytes calldata data) external {
        (bool ok,) = market.call{value: value}(data);
        require(ok, "failed");
    }

    receive() external payable {
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = market.call(calls[i]);
            if (!ok) ++refused;
        }
    }
}

/// @notice While it is swept, sends the market coin.
contract CoinSendingToken is OddToken {
    bool public sent;

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, amount);
        (sent,) = to.call{value: 1}("");
        return true;
    }

    receive() external payable {}
}

/// @notice What a hostile reader of the contracts tried.
contract AuditTest is Base {
    bytes32 private answerHash = keccak256(bytes(ANSWER));

    // -- one bad item of a batch

    /// @dev A token that lies about balances can fill an account to the brim. The next credit must not overflow: in a batch, it
    /// would take the other items with it.
    function test_aFullAccountCannotSpoilABatch() public {
        BoundlessToken t = new BoundlessToken();
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](2);
        IAskMarket.Order memory o = _orderIn(address(t));
        vm.startPrank(asker);
        market.depositToken(askerAccount, address(t), TOTAL);
        vm.stopPrank();
        (items[0].queryId, items[0].ask) = _ask(o);
        (items[1].queryId, items[1].ask) = _ask();
        t.empty(address(market));
        market.depositToken(askerAccount, address(t), 1);
        vm.warp(_now() + 11 minutes);
        _eq(market.refund(items), 2, "both");
        _eq(_balance(asker), 10 ether, "the honest one");
    }

    function test_aFullAccountCannotSpoilASettlement() public {
        BoundlessToken t = new BoundlessToken();
        bytes32[] memory ids = new bytes32[](2);
        IAskMarket.Ask[] memory asks = new IAskMarket.Ask[](2);
        string[] memory answers = new string[](2);
        (answers[0], answers[1]) = (ANSWER, ANSWER);
        IAskMarket.Order memory o = _orderIn(address(t));
        vm.prank(asker);
        market.depositToken(askerAccount, address(t), TOTAL);
        (ids[0], asks[0]) = _ask(o);
        (ids[1], asks[1]) = _ask();
        vm.prank(operator);
        host.deliver(1, ids, asks, answers, true);
        t.empty(address(market));
        market.depositToken(uint160(seller), address(t), 1);
        vm.warp(_now() + 12 hours);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](2);
        for (uint256 i; i < 2; ++i) {
            items[i] = IAskMarket.SettleItem(ids[i], answerHash, asks[i]);
        }
        _eq(market.settle(market.batchQueryIdOf(address(host), 1), items), 2, "both");
        _eq(_balance(address(host)), PRICE, "the honest one");
    }

    /// @dev Whatever gas the refunder gives: a wallet that insists on what it is promised gets it, or the call reverts.
    function test_aDemandingWalletIsNeverStarved() public {
        DemandingWallet wallet = new DemandingWallet();
        vm.deal(address(wallet), TOTAL);
        IAskMarket.Order memory o = _order();
        IAskMarket.Ask memory a = _askOf(o, uint160(address(wallet)), address(wallet), true);
        bytes32 id = market.queryIdOf(address(wallet), o, INPUT);
        wallet.call(address(market), TOTAL, abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        vm.warp(uint256(a.deadline) + 1);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0] = IAskMarket.RefundItem(id, 0, 0, a);
        uint256 paid;
        for (uint256 gas = 150_000; gas < 330_000; gas += 2_000) {
            uint256 snapshot = vm.snapshotState();
            try market.refund{gas: gas}(items) {
                _eq(address(wallet).balance, TOTAL, "to the wallet");
                ++paid;
            } catch {}
            _eq(_balance(address(wallet)), 0, "never into the account");
            vm.revertToState(snapshot);
        }
        _true(paid > 5, "and with enough gas it is paid");
    }

    /// @dev A wallet that is being paid can enter nothing that moves money.
    function test_aReentrantWallet() public {
        ReentrantWallet wallet = new ReentrantWallet(address(market));
        vm.deal(address(wallet), 1 ether);
        uint256 account = uint160(address(wallet));
        market.depositCoin{value: 1 ether}(account);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        IAskMarket.Order memory o = _order();
        items[0].ask = _askOf(o, account, address(wallet), true);
        items[0].queryId = market.queryIdOf(address(wallet), o, INPUT);
        wallet.call(TOTAL, abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        IAskMarket.SettleItem[] memory settles = new IAskMarket.SettleItem[](1);
        IAccounts.Permit memory p;
        wallet.arm(abi.encodeCall(market.refund, (items)));
        wallet.arm(abi.encodeCall(market.settle, (0, settles)));
        wallet.arm(abi.encodeCall(market.withdraw, (account, address(0), 1, address(wallet))));
        wallet.arm(abi.encodeCall(market.ask, (account, _order(), INPUT, "", 0)));
        wallet.arm(abi.encodeCall(market.askAndPay, (_order(), INPUT, "")));
        wallet.arm(abi.encodeCall(market.askAndPayWithPermit, (_order(), INPUT, "", p)));
        wallet.arm(abi.encodeCall(market.sweep, (account, 0, address(0))));
        wallet.arm(abi.encodeCall(market.depositToken, (account, address(token), 1)));
        vm.warp(_now() + 11 minutes);
        _eq(market.refund(items), 1, "refunded");
        _eq(address(wallet).balance, 1 ether, "once");
        _eq(wallet.refused(), 8, "all refused");
        _eq(market.balanceOf(account, address(0)), 1 ether, "its account is as it was");
        // And while it withdraws.
        wallet.call(0, abi.encodeCall(market.withdraw, (account, address(0), 1 ether, address(wallet))));
        _eq(address(wallet).balance, 2 ether, "once");
        _eq(wallet.refused(), 16, "all refused");
        _eq(address(market).balance, 10 ether, "the others' money");
    }

    /// @dev Re-entrant and fee-taking tokens as items of a batch beside an honest one.
    function test_reentrantAndFeeTokensAsItemsOfABatch() public {
        ReentrantToken r = new ReentrantToken();
        FeeToken f = new FeeToken();
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](3);
        IAskMarket.Order memory o = _orderIn(address(r));
        r.give(asker, TOTAL);
        vm.prank(asker);
        r.approve(address(market), TOTAL);
        items[0].ask = _askOf(o, askerAccount, asker, true);
        vm.prank(asker);
        items[0].queryId = market.askAndPay(o, INPUT, "");
        o = _orderIn(address(f));
        f.give(asker, 2 * TOTAL);
        vm.startPrank(asker);
        f.approve(address(market), 2 * TOTAL);
        market.depositToken(askerAccount, address(f), 2 * TOTAL);
        vm.stopPrank();
        (items[1].queryId, items[1].ask) = _ask(o);
        (items[2].queryId, items[2].ask) = _ask();
        vm.warp(_now() + 11 minutes);
        r.arm(address(market), abi.encodeCall(market.refund, (items)));
        _eq(market.refund(items), 3, "all");
        _true(r.attempted() && !r.succeeded(), "kept out");
        _eq(r.balanceOf(asker), TOTAL, "once");
        _eq(market.balanceOf(askerAccount, address(f)), 2 * TOTAL - TOTAL / 50, "what had arrived");
        _eq(f.balanceOf(address(market)), 2 * TOTAL - TOTAL / 50, "and is there");
        _eq(_balance(asker), 10 ether, "the honest one");
    }

    // -- deposit addresses

    /// @dev While a deposit address is swept only that address may send coin, and afterwards nobody.
    function test_coinSentInTheMiddleOfASweep() public {
        CoinSendingToken t = new CoinSendingToken();
        vm.deal(address(t), 1 ether);
        address deposits = market.depositAddressOf(askerAccount, 0);
        t.give(deposits, 5);
        _eq(market.sweep(askerAccount, 0, address(t)), 5, "swept");
        _true(!t.sent() && address(t).balance == 1 ether, "refused");
        vm.deal(deposits, 1 ether);
        vm.prank(deposits);
        (bool ok,) = address(market).call{value: 1}("");
        _true(!ok, "not outside of a sweep");
    }

    /// @dev What lies on the deposit address of nobody could never be swept.
    function test_nobodyHasADepositAddress() public {
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, 0));
        market.depositAddressOf(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, 1 << 255));
        market.depositAddressOf(1 << 255, 0);
    }

    // -- what a slot commits to

    /// @dev Each state's hash is worth nothing in another state, under another report or to another host.
    function test_statesShareNoCommitments() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        bytes32 reportId = market.batchQueryIdOf(address(host), 1);
        _neither(id, a, 0, 0);
        _deliver(1, id, a, false);
        _neither(id, a, answerHash, 0);
        _neither(id, a, answerHash, reportId);
        vm.prank(operator);
        host.report(1, _sealItem(id, a));
        vm.warp(_now() + 12 hours);
        _neither(id, a, 0, 0);
        _neither(id, a, answerHash, 0);
        _neither(id, a, answerHash, id);
        _neither(id, a, answerHash, market.batchQueryIdOf(address(host), 2));
        _neither(id, a, answerHash, market.batchQueryIdOf(rival, 1));
        _neither(id, a, keccak256("another answer"), reportId);
        IAskMarket.Ask memory b = abi.decode(abi.encode(a), (IAskMarket.Ask));
        b.seller = rival;
        _neither(id, b, answerHash, reportId);
        _eq(_settle(reportId, id, a), 1, "settled");
        vm.warp(_now() + 100 days);
        _neither(id, a, answerHash, reportId);
        _neither(id, a, 0, 0);
    }

    /// @dev A dispute lost on one report is no reason to refund what was sealed under another.
    function test_aLostDisputeOfAnotherReport() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 good,) = _sealed(1);
        vm.warp(_now() + 1 minutes);
        (bytes32 id2, IAskMarket.Ask memory a2, bytes32 bad, uint256 time) = _sealed(2);
        uint256 d = _dispute(asker, bad, time);
        _passed(d);
        _eq(_refund(id, a, answerHash, bad), 0, "not under the other's report");
        _eq(_refund(id, a, answerHash, good), 0, "nor under its own");
        _eq(_settle(good, id, a), 1, "settled");
        _eq(_settle(bad, id2, a2), 0, "not upheld");
        _eq(_refund(id2, a2, answerHash, bad), 1, "refunded");
    }

    /// @dev The same batch number in two seconds, one report disputed: each item goes by its own second, in either order.
    function test_oneBatchNumberTwoVerdicts() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(7);
        vm.warp(_now() + 1 minutes);
        (bytes32 id2, IAskMarket.Ask memory a2,, uint256 time2) = _sealed(7);
        uint256 d = _dispute(stranger, reportId, time2);
        _passed(d);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](2);
        for (uint256 order; order < 2; ++order) {
            uint256 snapshot = vm.snapshotState();
            items[order] = IAskMarket.SettleItem(id, answerHash, a);
            items[1 - order] = IAskMarket.SettleItem(id2, answerHash, a2);
            _eq(market.settle(reportId, items), 1, "one");
            _assertState(id, IAskMarket.State.Settled);
            _assertState(id2, IAskMarket.State.Sealed);
            _eq(_refund(id2, a2, answerHash, reportId), 1, "the other is refunded");
            vm.revertToState(snapshot);
        }
    }

    // -- junk and copies on the batch's query

    /// @dev Another reporter's values on the batch's own query, junk and copies, in seconds before and after the host's: they
    /// seal nothing, and the host's stands.
    function test_junkAndCopiesOnTheBatchsQuery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        bytes memory data = market.batchQueryDataOf(address(host), 1);
        bytes memory copy = abi.encode(keccak256(abi.encodePacked(id, answerHash)));
        for (uint256 i; i < 2; ++i) {
            _junkBy(rival, data, i == 0 ? bytes(hex"01") : copy);
            vm.prank(rival);
            vm.expectPartialRevert(IAskMarket.ReporterMismatch.selector);
            market.seal(1, _sealItem(id, a));
            vm.warp(_now() + 1 minutes);
        }
        _deliver(1, id, a, true);
        _assertState(id, IAskMarket.State.Sealed);
        for (uint256 i; i < 2; ++i) {
            vm.warp(_now() + 1 minutes);
            _junkBy(rival, data, i == 0 ? bytes(hex"01") : copy);
        }
        // A dispute of the copy is none of the host's report.
        _passed(_dispute(stranger, keccak256(data), _now()));
        _eq(_settle(keccak256(data), id, a), 1, "settled");
        _eq(_balance(rival), 0, "the copier earns nothing");
    }

    /// @dev A host that lets somebody else report for it would risk somebody else's stake: only its own report seals.
    function test_anothersReportOfTheRightValueSealsNothing() public {
        _stake(stranger, STAKES * STAKE);
        IAskMarket.Order memory o = _order();
        o.host = rival;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        IAskMarket.Order memory o2 = _order();
        (o2.host, o2.byReport) = (rival, true);
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask(o2);
        vm.startPrank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        market.deliver(_one(id2), _one(a2), _one(ANSWER));
        vm.stopPrank();
        bytes memory data = market.batchQueryDataOf(rival, 1);
        _junkBy(stranger, data, abi.encode(keccak256(abi.encodePacked(id, answerHash))));
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.ReporterMismatch.selector, keccak256(data), _now(), stranger)
        );
        market.seal(1, _sealItem(id, a));
        vm.warp(_now() + 1 minutes);
        _junkBy(stranger, market.queryDataOf(asker, o2, INPUT), abi.encode(ANSWER));
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ReporterMismatch.selector, id2, _now(), stranger));
        market.sealReport(_sealItem(id2, a2)[0]);
        _assertState(id, IAskMarket.State.Delivered);
        _assertState(id2, IAskMarket.State.Delivered);
    }

    /// @dev A thousand junk reports on the batch's query make a refund after a lost dispute no dearer.
    function test_junkMakesRefundsNoDearer() public {
        uint256[2] memory costs;
        _stake(rival, 50_000 * STAKE);
        for (uint256 i; i < 2; ++i) {
            (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(i);
            bytes memory data = market.batchQueryDataOf(address(host), i);
            for (uint256 n; n < i * 1000; ++n) {
                vm.warp(_now() + 1);
                _junkBy(rival, data, hex"01");
            }
            _passed(_dispute(stranger, reportId, time));
            uint256 gas = gasleft();
            _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
            costs[i] = gas - gasleft();
        }
        _true(costs[1] < costs[0] + 1000, "the cost grew");
    }

    // -- seals and verdicts

    /// @dev Disputed in the second of the report, before the seal: the value is erased, so that nothing can be sealed by it.
    function test_disputedBeforeTheSeal() public {
        IAskMarket.Order memory o = _order();
        o.host = rival;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        vm.prank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        bytes memory data = market.batchQueryDataOf(rival, 1);
        vm.prank(rival);
        flex.submitValue(keccak256(data), abi.encode(keccak256(abi.encodePacked(id, answerHash))), 0, data);
        uint256 d = _dispute(stranger, keccak256(data), _now());
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.ValueMismatch.selector, keccak256(data), _now())
        );
        market.seal(1, _sealItem(id, a));
        vm.warp(_now() + 1 hours + 1);
        _eq(_refund(id, a, answerHash, 0), 1, "not reported in time");
        _close(d);
    }

    /// @dev A tally is no verdict: another round may follow it for a day. Three rounds, the last one counts.
    function test_onlyTheLastRoundExecutedCounts() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        vm.prank(operator);
        host.vote(d, false, false);
        vm.warp(_now() + 1 days);
        gov.tallyVotes(d);
        _open(id, a, reportId, time);
        vm.warp(_now() + 1 days - 1);
        d = _dispute(stranger, reportId, time);
        vm.prank(team);
        gov.vote(d, true, false);
        vm.warp(_now() + 2 days);
        gov.tallyVotes(d);
        _open(id, a, reportId, time);
        vm.warp(_now() + 1 days - 1);
        d = _dispute(stranger, reportId, time);
        _open(id, a, reportId, time);
        // Nobody votes in the third.
        vm.warp(_now() + 3 days);
        gov.tallyVotes(d);
        _open(id, a, reportId, time);
        vm.warp(_now() + 1 days);
        gov.executeVote(d);
        _eq(uint256(market.verdictOf(reportId, time)), uint256(IAskMarket.Verdict.Invalid), "the third's");
        _eq(_settle(reportId, id, a), 0, "not upheld");
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    /// @dev Governance takes no snapshot: the same tokens vote again from the next address. All the tokens of the network don't
    /// outvote a host that votes for itself, because its reports count as much. Together with a reporter of more reports they do,
    /// even against the team.
    function test_whoOutvotesAHost() public {
        bytes memory data = market.batchQueryDataOf(rival, 9);
        for (uint256 i; i < 3; ++i) {
            vm.warp(_now() + 1 minutes);
            _junkBy(rival, data, hex"01");
        }
        vm.warp(_now() + 1 minutes);
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        vm.prank(operator);
        host.vote(d, false, false);
        uint256 rest = token.balanceOf(address(this));
        address voter = address(this);
        for (uint256 i = 1; i < 6; ++i) {
            address next = address(uint160(0xABC000 + i));
            vm.prank(voter);
            token.transfer(next, rest);
            voter = next;
            vm.prank(voter);
            gov.vote(d, true, false);
        }
        for (uint256 who; who < 3; ++who) {
            uint256 snapshot = vm.snapshotState();
            if (who > 0) _vote(rival, d, true);
            if (who > 1) _vote(team, d, false);
            _close(d);
            _eq(_settle(reportId, id, a), who == 0 ? 1 : 0, "settled");
            _eq(_refund(id, a, answerHash, reportId), who == 0 ? 0 : 1, "refunded");
            vm.revertToState(snapshot);
        }
    }

    function test_verdictOfWhatNeverWas() public {
        _eq(uint256(market.verdictOf(0, 0)), 0, "no query");
        (,, bytes32 reportId, uint256 time) = _sealed(1);
        _eq(uint256(market.verdictOf(reportId, time)), 0, "not disputed");
        _eq(uint256(market.verdictOf(reportId, time + 1)), 0, "no report");
    }

    // -- hosts

    /// @dev At whatever gas: a delivery with report reverts whole, or the answer is delivered, and what the report lacked can be
    /// made up for.
    function test_deliverAtAnyGas() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        uint256[4] memory seen;
        for (uint256 gas = 40_000; gas < 600_000; gas += 7_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(operator);
            try host.deliver{gas: gas}(1, _one(id), _one(a), _one(ANSWER), true) {} catch {}
            (IAskMarket.State state,) = market.stateOf(id);
            if (state == IAskMarket.State.Delivered) {
                ++seen[1];
                vm.warp(_now() + 1 minutes);
                vm.prank(operator);
                host.report(2, _sealItem(id, a));
                _assertState(id, IAskMarket.State.Sealed);
            } else if (state == IAskMarket.State.Sealed) {
                ++seen[2];
            } else {
                _assertState(id, IAskMarket.State.Open);
                ++seen[0];
            }
            vm.revertToState(snapshot);
        }
        _true(seen[0] > 0 && seen[2] > 0, "both were seen");
    }

    /// @dev An operator can't use deliverByReport to put values on queries that are not this host's own asks.
    function test_deliverByReportOfAnothersAsk() public {
        IAskMarket.Order memory o = _order();
        (o.host, o.byReport) = (rival, true);
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.prank(operator);
        host.deliverByReport(id, a, "junk", data);
        _eq(flex.getNewValueCountbyQueryId(id), 0, "not while it is open");
        vm.prank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AskMismatch.selector, id));
        host.deliverByReport(id, a, ANSWER, data);
        _eq(flex.getNewValueCountbyQueryId(id), 0, "nor after its delivery");
        bytes memory price = abi.encode("SpotPrice", abi.encode("trb", "usd"));
        vm.prank(operator);
        host.deliverByReport(keccak256(price), a, "junk", price);
        _eq(flex.getNewValueCountbyQueryId(keccak256(price)), 0, "nor on a query that is no ask");
    }

    /// @dev The worst of a stolen operator key: the thief reports junk, disputes it himself and, when the dispute passes, is
    /// paid the stake that was slashed. The owner's number of reports a day is what bounds it: he loses a stake for each, no more.
    function test_aThiefOfAnOperatorKeyCanDisputeHisOwnJunk() public {
        vm.prank(coldOwner);
        host.setOperator(operator, 1);
        bytes memory data = abi.encode("ChatGPTResponse", abi.encode("junk"));
        vm.prank(operator);
        host.reportValue(keccak256(data), abi.encode("junk"), 0, data);
        uint256 before = token.balanceOf(stranger);
        uint256 d = _dispute(stranger, keccak256(data), _now());
        vm.prank(operator);
        host.vote(d, true, false);
        vm.prank(operator);
        vm.expectPartialRevert(IHost.ReportBudgetSpent.selector);
        host.reportValue(keccak256(data), abi.encode("junk"), 0, data);
        _close(d);
        // `_dispute` gave him a stake to pay the fee with; it is still his.
        _eq(token.balanceOf(stranger), before + 2 * STAKE, "one stake won");
        (, uint256 staked,,,,,,,) = flex.getStakerInfo(address(host));
        _eq(staked, (STAKES - 1) * STAKE, "one stake lost");
    }

    /// @dev Off the seller's list, offer pruned or withdrawn, model retired and handed over: an open ask is still answered and
    /// paid by the terms it was opened with.
    function test_nothingAtTheRegistryReachesAnOpenAsk() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(operator);
        host.withdrawOffer(modelId, address(0));
        address[] memory hosts = new address[](1);
        hosts[0] = address(host);
        vm.startPrank(seller);
        registry.setHosts(modelId, hosts, false);
        registry.update(modelId, workload, 1 ether, true, "guide", "{}");
        registry.handOver(modelId, stranger);
        vm.stopPrank();
        vm.prank(stranger);
        registry.retire(modelId);
        _deliver(1, id, a, true);
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 1), id, a), 1, "settled");
        _eq(_balance(seller), ROYALTY, "to the seller of then");
        _eq(_balance(stranger), 0, "not to that of now");
        _eq(_balance(address(host)), PRICE, "at the price of then");
    }

    // -- signatures

    /// @dev Two accounts of one key: a signature for one is none for the other, be it a purse or a wallet that asks the key.
    function test_signaturesForAnotherAccountOfTheSameOwner() public {
        uint256 purse = market.openPurse(asker);
        ContractWallet wallet = new ContractWallet(asker);
        market.depositCoin{value: 1 ether}(purse);
        market.depositCoin{value: 1 ether}(uint160(address(wallet)));
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Withdrawal(uint256 account,address token,uint256 amount,address to,uint256 relayFee,address feePayee,uint256 nonce,uint256 deadline)"
                ),
                askerAccount, address(0), 1 ether, stranger, 0, address(0), 0, _now()
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ASKER_KEY, _digest(structHash));
        bytes memory sig = abi.encodePacked(r, s, v);
        vm.expectPartialRevert(IAccounts.SignatureInvalid.selector);
        market.withdrawBySignature(purse, address(0), 1 ether, stranger, 0, address(0), 0, _now(), sig);
        vm.expectPartialRevert(IAccounts.SignatureInvalid.selector);
        market.withdrawBySignature(
            uint160(address(wallet)), address(0), 1 ether, stranger, 0, address(0), 0, _now(), abi.encode(r, s, v)
        );
        market.withdrawBySignature(askerAccount, address(0), 1 ether, stranger, 0, address(0), 0, _now(), sig);
        _eq(stranger.balance, 1 ether, "only the one");
    }

    /// @dev `revoke` ends what stands; a grant signed and not used yet is ended by `revokeAll`, in the same block or later.
    function test_revokeLeavesGrantsNotYetUsed() public {
        IAccounts.Allowance memory t = IAccounts.Allowance(TOTAL, TOTAL, 1 days, uint40(_now() + 1 days), bot, 0);
        bytes32 typeHash = keccak256(
            "AllowanceGrant(uint256 account,address spender,address token,uint128 perAsk,uint128 perPeriod,uint32 periodSeconds,uint40 expiry,address feePayee,uint96 maxRelayFee,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, askerAccount, bot, address(0), t, 0, _now()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ASKER_KEY, _digest(structHash));
        bytes memory sig = abi.encodePacked(r, s, v);
        vm.prank(asker);
        market.revoke(askerAccount, bot, address(0));
        uint256 snapshot = vm.snapshotState();
        market.allowBySignature(askerAccount, bot, address(0), t, 0, _now(), sig);
        _true(market.allowanceOf(askerAccount, bot, address(0)).active, "still good");
        vm.revertToState(snapshot);
        vm.prank(asker);
        market.revokeAll(askerAccount);
        vm.expectPartialRevert(IAccounts.NonceWrong.selector);
        market.allowBySignature(askerAccount, bot, address(0), t, 0, _now(), sig);
    }

    /// @dev What a purse's open asks hold goes back to the purse, whoever owns it by then.
    function test_aPurseHandedOverWithAsksOpen() public {
        uint256 purse = market.openPurse(asker);
        market.depositCoin{value: TOTAL}(purse);
        IAskMarket.Order memory o = _order();
        IAskMarket.Ask memory a = _askOf(o, purse, asker, false);
        vm.startPrank(asker);
        bytes32 id = market.ask(purse, o, INPUT, "", 0);
        market.offerPurse(purse, rival);
        vm.stopPrank();
        vm.prank(rival);
        market.acceptPurse(purse);
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, purse, asker));
        market.withdraw(purse, address(0), TOTAL, asker);
        vm.prank(rival);
        market.withdraw(purse, address(0), TOTAL, address(0xE4));
        _eq(address(0xE4).balance, TOTAL, "the new owner's");
    }

    /// @dev The opener's asks are his alone: nobody can take his queryId before him, on this market or another.
    function test_nobodyTakesAnothersQueryId() public {
        IAskMarket.Order memory o = _order();
        bytes32 id = market.queryIdOf(asker, o, INPUT);
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        _true(market.askAndPay{value: TOTAL}(o, INPUT, "") != id, "his own");
        IMarket other = _newMarket(address(flex), address(registry));
        _true(other.queryIdOf(asker, o, INPUT) != id, "another market");
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        _true(market.queryIdOf(asker, o, INPUT) != id, "another chain");
        vm.chainId(chain);
        (bytes32 mine,) = _ask(o);
        _eq(mine, id, "still free");
    }

    // -- the ledger of a token

    /// @dev Random lives in an ERC-20 that takes a fee of each transfer: after each step the market holds exactly what accounts
    /// and open asks add up to.
    function testFuzz_theLedgerOfATokenIsExact(uint256 seed) public {
        FeeToken t = new FeeToken();
        IAskMarket.Order memory terms = _orderIn(address(t));
        t.give(asker, 100 ether);
        vm.prank(asker);
        t.approve(address(market), type(uint256).max);
        Made[] memory made = new Made[](24);
        uint256 count;
        for (uint256 i; i < made.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 balance = market.balanceOf(askerAccount, address(t));
            if (i == 0 || seed % 6 == 0) {
                vm.prank(asker);
                market.depositToken(askerAccount, address(t), _bound(seed >> 8, 1, 1 ether));
            } else if (seed % 6 == 1 && balance != 0) {
                vm.prank(asker);
                market.withdraw(askerAccount, address(t), _bound(seed >> 8, 1, balance), asker);
            } else if (seed % 6 < 4 && balance >= TOTAL) {
                IAskMarket.Order memory o = _order();
                (o.model, o.token) = (terms.model, terms.token);
                Made memory m = made[count++];
                (m.id, m.a) = _ask(o);
                if (seed >> 8 & 1 == 1) _deliver(i, m.id, m.a, seed >> 9 & 1 == 1);
                m.reportId = market.batchQueryIdOf(address(host), i);
            } else {
                vm.warp(_now() + (seed >> 8 & 1 == 1 ? 1 hours : 12 hours));
                for (uint256 k; k < count; ++k) {
                    Made memory m = made[k];
                    (IAskMarket.State state,) = market.stateOf(m.id);
                    _settle(m.reportId, m.id, m.a);
                    _refund(m.id, m.a, state == IAskMarket.State.Open ? bytes32(0) : answerHash, m.reportId);
                }
            }
            uint256 owed = market.balanceOf(askerAccount, address(t)) + market.balanceOf(uint160(seller), address(t))
                + market.balanceOf(uint160(address(host)), address(t));
            for (uint256 k; k < count; ++k) {
                (IAskMarket.State state,) = market.stateOf(made[k].id);
                if (state != IAskMarket.State.Settled && state != IAskMarket.State.Refunded) owed += TOTAL;
            }
            _eq(t.balanceOf(address(market)), owed, "holds what it owes");
        }
    }

    // -- helpers

    struct Made {
        bytes32 id;
        IAskMarket.Ask a;
        bytes32 reportId;
    }

    /// @dev Neither settled nor refunded with these.
    function _neither(bytes32 id, IAskMarket.Ask memory a, bytes32 answer, bytes32 reportId) private {
        (IAskMarket.State before,) = market.stateOf(id);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](1);
        items[0] = IAskMarket.SettleItem(id, answer, a);
        bytes32 right = market.batchQueryIdOf(address(host), 1);
        if (before != IAskMarket.State.Sealed || answer != answerHash || reportId != right || a.seller != seller) {
            _eq(market.settle(reportId, items), 0, "settled");
        }
        _eq(_refund(id, a, answer, reportId), 0, "refunded");
        _assertState(id, before);
    }

    function _vote(address by, uint256 d, bool inFavor) private {
        vm.prank(by);
        gov.vote(d, inFavor, false);
    }

    function _junkBy(address who, bytes memory data, bytes memory value) private {
        vm.prank(who);
        flex.submitValue(keccak256(data), value, 0, data);
    }

    function _open(bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) private {
        _eq(uint256(market.verdictOf(reportId, time)), uint256(IAskMarket.Verdict.Open), "open");
        _eq(_settle(reportId, id, a), 0, "not settled");
        _eq(_refund(id, a, answerHash, reportId), 0, "not refunded");
    }

    function _passed(uint256 d) private {
        _vote(stranger, d, true);
        _vote(team, d, true);
        _close(d);
    }

    function _orderIn(address t) private returns (IAskMarket.Order memory o) {
        vm.prank(seller);
        uint256 model = registry.list(workload, t, ROYALTY, false, "odd", "{}");
        vm.prank(operator);
        host.offer(model, t, PRICE, 4096, 60, 1 hours);
        o = _order();
        (o.model, o.token) = (model, t);
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("AskMarket"),
                keccak256("1"),
                block.chainid,
                address(market)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
