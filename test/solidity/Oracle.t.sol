// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Base} from "./base/Base.sol";
import {IGenuineFlex} from "./base/Tellor.sol";
import {Vm} from "./base/Vm.sol";

/// @notice Junk, disputes, verdicts and a broken oracle, on the genuine TellorFlex and Governance.
contract OracleTest is Base {
    bytes32 private answerHash = keccak256(bytes(ANSWER));

    // -- the oracle that the market takes

    function test_refusesAShortLock() public {
        (IGenuineFlex short,) = _deployTellor(12 hours - 1);
        IModelRegistry r = _newRegistry(address(short));
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.OracleLockTooShort.selector, 12 hours - 1, 12 hours));
        _newMarket(address(short), address(r));
        (IGenuineFlex long,) = _deployTellor(24 hours);
        _newMarket(address(long), address(_newRegistry(address(long))));
    }

    function test_refusesAnOracleNotReady() public {
        (IGenuineFlex other,) = _deployTellor(12 hours);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.OracleNotReady.selector, address(other)));
        _newMarket(address(other), address(registry));
        IGenuineFlex bare = IGenuineFlex(
            _create(
                abi.encodePacked(
                    _bytecode("tellorflex/contracts/TellorFlex.sol/TellorFlex.json"),
                    abi.encode(address(token), LOCK, STAKE, 1e18, STAKE, bytes32(uint256(1)))
                )
            )
        );
        IModelRegistry r = _newRegistry(address(bare));
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.OracleNotReady.selector, address(bare)));
        _newMarket(address(bare), address(r));
    }

    function test_addresses() public view {
        _true(market.oracle() == address(flex) && market.governance() == address(gov), "oracle");
        _true(market.registry() == address(registry) && registry.oracle() == address(flex), "registry");
    }

    // -- junk and copies by other staked reporters

    /// @dev Before, in the same second as, and after the real report, on the ask's query: they earn nothing and change nothing.
    function test_junkOnTheAsksQuery() public {
        IAskMarket.Order memory o = _order();
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        _junk(id, data, "junk before");
        _deliver(1, id, a, true);
        vm.warp(_now() + 2 hours);
        _junk(id, data, abi.encode(ANSWER));
        bytes32 reportId = market.batchQueryIdOf(address(host), 1);
        vm.warp(_now() + 10 hours);
        _eq(_settle(reportId, id, a), 1, "settled");
        _eq(_balance(rival), 0, "the copier earns nothing");
    }

    /// @dev A stranger who takes the second of a byReport ask's own query stops that report, not the delivery.
    function test_junkInTheSameSecondOnAByReportAsk() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        _junk(id, data, "junk");
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        _assertState(id, IAskMarket.State.Delivered);
        vm.warp(_now() + 1);
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.ReporterMismatch.selector, id, _now(), address(0))
        );
        market.sealReport(_sealItem(id, a)[0]);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        _assertState(id, IAskMarket.State.Sealed);
        vm.warp(_now() + 12 hours);
        _eq(_settle(id, id, a), 1, "settled");
    }

    /// @dev The batch's query in the same second, by front-running: the delivery stands, the next report is under another batch.
    function test_junkInTheSameSecondOnTheBatchsQuery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        bytes memory data = market.batchQueryDataOf(address(host), 1);
        _junk(keccak256(data), data, abi.encode(bytes32(uint256(1))));
        vm.recordLogs();
        _deliver(1, id, a, true);
        _assertState(id, IAskMarket.State.Delivered);
        vm.warp(_now() + 1);
        vm.prank(operator);
        host.report(2, _sealItem(id, a));
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 2), id, a), 1, "settled");
    }

    /// @dev A reporter copies a whole delivery with its root: its own batch seals nothing of the host's.
    function test_aCopiedBatch() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        IAskMarket.SealItem[] memory items = _sealItem(id, a);
        bytes memory data = market.batchQueryDataOf(rival, 1);
        bytes32 root = keccak256(abi.encodePacked(id, answerHash));
        vm.startPrank(rival);
        flex.submitValue(keccak256(data), abi.encode(root), 0, data);
        vm.recordLogs();
        market.seal(1, items);
        vm.stopPrank();
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "skipped");
        _assertState(id, IAskMarket.State.Delivered);
    }

    /// @dev A thousand junk reports on a query make settling and refunding no dearer.
    function test_aThousandJunkReports() public {
        uint256 cheap = _settleCost(0);
        uint256 dear = _settleCost(1000);
        _true(dear < cheap + 1000, "settle's cost grew");
    }

    // -- verdicts

    function test_failedDisputeSettles() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(asker, reportId, time);
        _verdict(reportId, time, IAskMarket.Verdict.Open);
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
        vm.warp(_now() + 13 hours);
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
        // The value is erased at once; the verdict decides, not the erasure.
        _eq(flex.retrieveData(reportId, time).length, 0, "erased");
        vm.prank(operator);
        host.vote(d, false, false);
        uint256 before = token.balanceOf(address(host));
        _close(d);
        _verdict(reportId, time, IAskMarket.Verdict.Failed);
        _eq(_settle(reportId, id, a), 1, "settled");
        _eq(_balance(address(host)), PRICE, "paid");
        _eq(token.balanceOf(address(host)) - before, STAKE + STAKE / 10, "stake and fee came back");
        _eq(token.balanceOf(asker), STAKE - STAKE / 10, "a failed dispute costs its fee");
    }

    function test_passedDisputeRefunds() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        vm.prank(stranger);
        gov.vote(d, true, false);
        vm.prank(team);
        gov.vote(d, true, false);
        _close(d);
        _verdict(reportId, time, IAskMarket.Verdict.Passed);
        vm.recordLogs();
        _eq(_settle(reportId, id, a), 0, "not settled");
        _eq(_skipped(), IAskMarket.DisputeUpheld.selector, "upheld");
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
        _eq(_balance(asker), 10 ether, "whole");
    }

    /// @dev One batch number in two seconds: two reports, two verdicts, in one call.
    function test_eachSecondOfABatchNumberHasItsVerdict() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(1);
        vm.warp(_now() + 60);
        (bytes32 id2, IAskMarket.Ask memory a2,, uint256 time2) = _sealed(1);
        _dispute(stranger, reportId, time2);
        vm.warp(_now() + 12 hours);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](2);
        (items[0], items[1]) = (_settleItem(id, a)[0], _settleItem(id2, a2)[0]);
        vm.recordLogs();
        _eq(market.settle(reportId, items), 1, "the first");
        _eq(_skipped(), IAskMarket.DisputeOpen.selector, "not the second");
        _assertState(id2, IAskMarket.State.Sealed);
    }

    /// @dev Nobody voted: INVALID. A host that doesn't stand up for its answer isn't paid.
    function test_invalidWhenNobodyVotes() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        _close(d);
        _verdict(reportId, time, IAskMarket.Verdict.Invalid);
        _eq(_settle(reportId, id, a), 0, "not settled");
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    function test_aSecondRoundOverturnsTheFirst() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        vm.prank(team);
        gov.vote(d, true, false);
        vm.warp(_now() + 1 days);
        gov.tallyVotes(d);
        _verdict(reportId, time, IAskMarket.Verdict.Open);
        uint256 d2 = _dispute(stranger, reportId, time);
        _true(d2 != d, "another round");
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
        vm.prank(operator);
        host.vote(d2, false, false);
        vm.prank(team);
        gov.vote(d2, false, false);
        vm.warp(_now() + 2 days);
        vm.prank(operator);
        host.tally(d2);
        vm.warp(_now() + 1 days);
        vm.expectRevert(bytes("Must be the final vote"));
        gov.executeVote(d);
        vm.prank(operator);
        host.execute(d2);
        _verdict(reportId, time, IAskMarket.Verdict.Failed);
        _eq(_settle(reportId, id, a), 1, "settled");
    }

    /// @dev A host disputes its own junk to shield it: while the vote runs nothing is paid, and INVALID refunds.
    function test_aHostDisputesItself() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        vm.prank(coldOwner);
        host.beginDispute(reportId, time);
        vm.warp(_now() + 12 hours);
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
        _close(gov.getVoteCount());
        _eq(_settle(reportId, id, a), 0, "no host is paid for an answer that was not upheld");
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    /// @dev Disputing every answer never makes asking free while the host votes.
    function test_disputingEveryAnswerIsNoWayToAskForNothing() public {
        uint256 n = 4;
        bytes32[] memory ids = new bytes32[](n);
        IAskMarket.Ask[] memory asks = new IAskMarket.Ask[](n);
        bytes32[] memory reports = new bytes32[](n);
        token.transfer(asker, n * STAKE);
        uint256 tokens = token.balanceOf(asker) + n * STAKE;
        uint256 first = gov.getVoteCount() + 1;
        for (uint256 i; i < n; ++i) {
            uint256 time;
            vm.warp(_now() + 2 hours);
            (ids[i], asks[i], reports[i], time) = _sealed(i);
            uint256 d = _dispute(asker, reports[i], time);
            vm.prank(operator);
            host.vote(d, false, false);
        }
        vm.warp(_now() + 6 days);
        for (uint256 i; i < n; ++i) {
            gov.tallyVotes(first + i);
        }
        vm.warp(_now() + 1 days);
        for (uint256 i; i < n; ++i) {
            gov.executeVote(first + i);
            _eq(_refund(ids[i], asks[i], answerHash, reports[i]), 0, "no refund");
            _eq(_settle(reports[i], ids[i], asks[i]), 1, "settled");
        }
        _eq(_balance(asker), 10 ether - n * TOTAL, "paid for all");
        _eq(tokens - token.balanceOf(asker), n * STAKE / 10, "and a fee for each");
    }

    function test_aDisputeAfterSettlementIsTooLate() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        vm.warp(time + 12 hours);
        _settle(reportId, id, a);
        token.transfer(asker, STAKE);
        vm.startPrank(asker);
        token.approve(address(gov), STAKE);
        vm.expectRevert(bytes("Dispute must be started within reporting lock time"));
        gov.beginDispute(reportId, time);
        vm.stopPrank();
    }

    function test_disputeInTheLastSecondOfTheWindow() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        vm.warp(time + 12 hours - 1);
        _dispute(stranger, reportId, time);
        vm.warp(time + 12 hours);
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
    }

    function test_aDisputedBatchReportedAgain() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(stranger, reportId, time);
        vm.warp(_now() + 2 hours);
        for (uint256 batch = 1; batch < 3; ++batch) {
            vm.recordLogs();
            vm.prank(operator);
            host.report(batch, _sealItem(id, a));
            _eq(_skipped(), IAskMarket.WrongState.selector, "sealed once");
            vm.warp(_now() + 2 hours);
        }
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 2), id, a), 0, "not under the second report");
        _close(d);
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    /// @dev Slashed to nothing: the host can report no more, its offer can be pruned, what it delivered is refunded in time.
    function test_stakeSlashedToNothing() public {
        vm.prank(coldOwner);
        host.requestUnstake((STAKES - 1) * STAKE);
        vm.warp(_now() + 7 days);
        vm.prank(coldOwner);
        host.withdrawStake();
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask();
        _dispute(stranger, reportId, time);
        _true(!registry.isStaked(address(host)), "no stake");
        vm.warp(_now() + 1);
        _deliver(2, id2, a2, true);
        _assertState(id2, IAskMarket.State.Delivered);
        registry.prune(address(host), modelId, address(0));
        vm.warp(_now() + 1 hours + 1);
        _eq(_refund(id2, a2, answerHash, 0), 1, "not reported");
        _close(gov.getVoteCount());
        _eq(_refund(id, a, answerHash, reportId), 1, "not upheld");
        _eq(_balance(asker), 10 ether, "whole");
    }

    /// @dev A host that withdraws stake and offer with asks open: what it has reported can still be disputed for 12 h, because
    /// the stake waits seven days.
    function test_stakeWithdrawnWithAsksOpen() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        vm.prank(coldOwner);
        host.requestUnstake(STAKES * STAKE);
        vm.prank(operator);
        host.withdrawOffer(modelId, address(0));
        uint256 d = _dispute(stranger, reportId, time);
        (, uint256 staked, uint256 locked,,,,,,) = flex.getStakerInfo(address(host));
        _eq(staked + locked, (STAKES - 1) * STAKE, "slashed all the same");
        _close(d);
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    // -- backstops

    function test_backstopAfter30DaysUndisputed() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        vm.warp(time + 30 days - 1);
        _eq(_refund(id, a, answerHash, reportId), 0, "not yet");
        vm.warp(time + 30 days);
        uint256 snapshot = vm.snapshotState();
        _eq(_settle(reportId, id, a), 1, "may still be settled");
        vm.revertToState(snapshot);
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
        _eq(_settle(reportId, id, a), 0, "once");
    }

    function test_backstopWaitsForADispute_90DaysAtTheLatest() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        _dispute(stranger, reportId, time);
        vm.warp(time + 90 days - 1);
        _noEnd(id, a, reportId, IAskMarket.DisputeOpen.selector);
        vm.warp(time + 90 days);
        _eq(_refund(id, a, answerHash, reportId), 1, "refunded");
    }

    /// @dev An asker who executes a failed dispute's vote late can't take the refund in the same breath.
    function test_afterAFailedDisputeTheHostHas90Days() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        uint256 d = _dispute(asker, reportId, time);
        vm.prank(operator);
        host.vote(d, false, false);
        vm.warp(time + 40 days);
        gov.tallyVotes(d);
        vm.warp(time + 41 days);
        gov.executeVote(d);
        _eq(_refund(id, a, answerHash, reportId), 0, "no");
        _eq(_settle(reportId, id, a), 1, "settled");
    }

    /// @dev Whatever befalls the oracle, the clock alone returns what was not answered or not reported, and everything in 90 days.
    function test_anOracleThatReverts() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(1);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](3);
        items[0] = IAskMarket.RefundItem(id, answerHash, reportId, a);
        (items[1].queryId, items[1].ask) = _ask();
        (items[2].queryId, items[2].ask) = _ask();
        _deliver(2, items[2].queryId, items[2].ask, false);
        items[2].answerHash = answerHash;
        vm.etch(address(flex), hex"60006000fd");
        vm.warp(time + 31 days);
        _eq(market.refund(items), 2, "the two that don't need it");
        vm.expectRevert();
        _settle(reportId, id, a);
        vm.warp(time + 90 days);
        _eq(market.refund(items), 1, "and the third");
        _eq(_balance(asker), 10 ether, "whole");
    }

    // -- helpers

    function _junk(bytes32 id, bytes memory data, bytes memory value) private {
        vm.prank(rival);
        flex.submitValue(id, value, 0, data);
    }

    function _settleCost(uint256 junk) private returns (uint256 cost) {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) = _sealed(junk);
        bytes memory data = market.batchQueryDataOf(address(host), junk);
        // Enough stake for a report a second.
        if (junk != 0) _stake(rival, 50_000 * STAKE);
        for (uint256 i; i < junk; ++i) {
            vm.warp(_now() + 1);
            _junk(reportId, data, hex"01");
        }
        vm.warp(time + 12 hours);
        IAskMarket.SettleItem[] memory items = _settleItem(id, a);
        cost = gasleft();
        market.settle(reportId, items);
        cost -= gasleft();
    }

    function _verdict(bytes32 reportId, uint256 time, IAskMarket.Verdict expected) private view {
        _eq(uint256(market.verdictOf(reportId, time)), uint256(expected), "verdict");
    }

    function _noEnd(bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, bytes4 laterReason) private {
        (, uint40 time) = market.stateOf(id);
        vm.recordLogs();
        _eq(_settle(reportId, id, a), 0, "settled");
        _eq(_skipped(), _now() < time + 12 hours ? IAskMarket.WindowOpen.selector : laterReason, "reason");
        vm.recordLogs();
        _eq(_refund(id, a, answerHash, reportId), 0, "refunded");
        _eq(_skipped(), IAskMarket.NotRefundable.selector, "reason");
    }
}
