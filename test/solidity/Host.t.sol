// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IHost} from "../../contracts/interfaces/IHost.sol";
import {Base} from "./base/Base.sol";
import {FalseToken} from "./base/OddTokens.sol";
import {Vm} from "./base/Vm.sol";

contract HostTest is Base {
    // -- ownership and operators

    function test_ownershipInTwoSteps() public {
        vm.prank(coldOwner);
        host.offerOwnership(stranger);
        _true(host.owner() == coldOwner && host.pendingOwner() == stranger, "not yet");
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOwner.selector, rival));
        host.acceptOwnership();
        vm.prank(stranger);
        host.acceptOwnership();
        _true(host.owner() == stranger && host.pendingOwner() == address(0), "taken");
        vm.prank(coldOwner);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOwner.selector, coldOwner));
        host.sweep(address(token), coldOwner);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOwner.selector, address(0)));
        _newHost(address(0));
    }

    function test_operatorsReplacedAtOnce() public {
        vm.startPrank(coldOwner);
        host.setOperator(operator, 0);
        host.setOperator(stranger, 5);
        vm.stopPrank();
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOperator.selector, operator));
        host.withdrawOffer(modelId, address(0));
        vm.prank(stranger);
        host.withdrawOffer(modelId, address(0));
        (uint32 perDay, uint32 used) = host.operatorOf(stranger);
        _true(perDay == 5 && used == 0, "budget");
    }

    function test_theOwnerMayDoWhatOperatorsMay() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(coldOwner);
        host.deliver(1, _one(id), _one(a), _one(ANSWER), true);
        _assertState(id, IAskMarket.State.Sealed);
        (, uint32 used) = host.operatorOf(coldOwner);
        _eq(used, 0, "the owner has no budget");
    }

    // -- the budget

    function test_aSpentBudgetStopsReportsNotDeliveries() public {
        vm.prank(coldOwner);
        host.setOperator(operator, 2);
        for (uint256 i; i < 3; ++i) {
            (bytes32 id, IAskMarket.Ask memory a) = _ask();
            vm.recordLogs();
            _deliver(i, id, a, true);
            _assertState(id, i < 2 ? IAskMarket.State.Sealed : IAskMarket.State.Delivered);
            if (i == 2) {
                uint256 until = (_now() / 1 days + 1) * 1 days;
                bytes memory spent =
                    abi.encodeWithSelector(IHost.ReportBudgetSpent.selector, operator, 2, until);
                _eq(keccak256(_failure()), keccak256(spent), "why");
                vm.prank(operator);
                vm.expectRevert(spent);
                host.report(9, _sealItem(id, a));
                vm.warp(until);
                vm.prank(operator);
                host.report(9, _sealItem(id, a));
                (, uint32 used) = host.operatorOf(operator);
                _eq(used, 1, "a new day");
            }
            vm.warp(_now() + 60);
        }
    }

    function test_settingABudgetAgainDoesNotDoubleIt() public {
        vm.prank(coldOwner);
        host.setOperator(operator, 1);
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, true);
        vm.prank(coldOwner);
        host.setOperator(operator, 1);
        vm.warp(_now() + 60);
        (id, a) = _ask();
        _deliver(2, id, a, true);
        _assertState(id, IAskMarket.State.Delivered);
    }

    function test_aDeliveryWithoutReportCostsNoBudget() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        (, uint32 used) = host.operatorOf(operator);
        _eq(used, 0, "none");
    }

    // -- the guard: a failing report never undoes a delivery

    function test_reportsWithinTheLockFailSoftly() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask();
        _deliver(1, id, a, true);
        vm.recordLogs();
        _deliver(2, id2, a2, true);
        _assertState(id2, IAskMarket.State.Delivered);
        bytes memory why = abi.encodeWithSignature("Error(string)", "still in reporter time lock, please wait!");
        _eq(keccak256(_failure()), keccak256(why), "the oracle's reason");
        (, uint32 used) = host.operatorOf(operator);
        _eq(used, 1, "a report that failed costs no budget");
        vm.prank(operator);
        vm.expectRevert(bytes("still in reporter time lock, please wait!"));
        host.report(2, _sealItem(id2, a2));
    }

    function test_longReasonsAreCut() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.mockCallRevert(address(flex), abi.encodeWithSelector(flex.submitValue.selector), new bytes(1000));
        vm.recordLogs();
        _deliver(1, id, a, true);
        _eq(_failure().length, 256, "cut");
        vm.mockCallRevert(address(flex), abi.encodeWithSelector(flex.submitValue.selector), "");
        (id, a) = _ask();
        vm.recordLogs();
        _deliver(1, id, a, true);
        _eq(keccak256(_failure()), keccak256("?"), "an empty reason is a failure too");
        vm.clearMockedCalls();
    }

    /// @dev Should the market refuse the seal of a report that the oracle took, the delivery stands all the same.
    function test_aFailingSealUndoesNoDelivery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.mockCallRevert(address(market), abi.encodeWithSelector(market.seal.selector), hex"01020304");
        vm.recordLogs();
        _deliver(1, id, a, true);
        _eq(keccak256(_failure()), keccak256(hex"01020304"), "reason");
        vm.clearMockedCalls();
        _assertState(id, IAskMarket.State.Delivered);
        vm.warp(_now() + 60);
        vm.prank(operator);
        host.report(2, _sealItem(id, a));
        _assertState(id, IAskMarket.State.Sealed);
    }

    function test_nothingDeliveredNothingReported() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        _deliver(2, id, a, true);
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.prank(operator);
        host.deliverByReport(keccak256(data), a, ANSWER, data);
        (, uint32 used) = host.operatorOf(operator);
        _eq(used, 0, "no report");
    }

    // -- stake and earnings

    function test_stakeAndUnstake() public {
        uint256 before = token.balanceOf(coldOwner);
        vm.startPrank(coldOwner);
        host.stake(3 * STAKE);
        _eq(token.balanceOf(coldOwner), before - 3 * STAKE, "from the owner");
        host.requestUnstake(5 * STAKE);
        host.stake(2 * STAKE);
        _eq(token.balanceOf(coldOwner), before - 3 * STAKE, "what was waiting comes first");
        host.stake(4 * STAKE);
        _eq(token.balanceOf(coldOwner), before - 4 * STAKE, "and the rest from the owner");
        host.requestUnstake(5 * STAKE);
        vm.expectRevert(bytes("7 days didn't pass"));
        host.withdrawStake();
        vm.warp(_now() + 7 days);
        host.withdrawStake();
        _eq(token.balanceOf(address(host)), 5 * STAKE, "in the contract");
        host.stake(STAKE);
        _eq(token.balanceOf(address(host)), 4 * STAKE, "what lies here comes before the owner's");
        host.sweep(address(token), coldOwner);
        _eq(token.balanceOf(coldOwner), before, "out");
        vm.stopPrank();
        _eq(token.allowance(address(host), address(flex)), 0, "no approval is left");
    }

    function test_earningsOnlyToTheOwner() public {
        (bytes32 id, IAskMarket.Ask memory a,,) = _sealed(1);
        vm.warp(_now() + 12 hours);
        _settle(market.batchQueryIdOf(address(host), 1), id, a);
        vm.prank(coldOwner);
        host.withdrawEarnings(address(0), PRICE, address(0xE4));
        _eq(address(0xE4).balance, PRICE, "earned");
    }

    function test_sweepsCoinAndTokens() public {
        vm.deal(address(this), 2 ether);
        (bool ok,) = address(host).call{value: 1 ether}("");
        _true(ok, "takes coin");
        token.transfer(address(host), 5);
        vm.startPrank(coldOwner);
        host.sweep(address(0), address(0xE4));
        host.sweep(address(token), address(0xE4));
        _true(address(0xE4).balance == 1 ether && token.balanceOf(address(0xE4)) == 5, "swept");
        vm.expectRevert(abi.encodeWithSelector(IHost.TransferFailed.selector, address(0), address(0), 0));
        host.sweep(address(0), address(0));
        FalseToken f = new FalseToken();
        f.give(address(host), 7);
        f.setBroken(true);
        vm.expectRevert(abi.encodeWithSelector(IHost.TransferFailed.selector, address(f), coldOwner, 7));
        host.sweep(address(f), coldOwner);
        token.approve(address(host), 0);
        vm.expectPartialRevert(IHost.TransferFailed.selector);
        host.stake(STAKE);
        vm.stopPrank();
    }

    // -- disputes

    function test_beginDisputePaysTheExactFee() public {
        bytes memory data = abi.encode("SpotPrice", abi.encode("eth", "usd"));
        bytes32 id = keccak256(data);
        uint256[7] memory times;
        uint256 before = token.balanceOf(coldOwner);
        uint256 fees;
        for (uint256 i; i < 7; ++i) {
            vm.warp(_now() + 60);
            vm.prank(rival);
            flex.submitValue(id, hex"01", 0, data);
            times[i] = _now();
        }
        for (uint256 i; i < 7; ++i) {
            vm.prank(coldOwner);
            host.beginDispute(id, times[i]);
            fees += i > 3 ? STAKE : STAKE / 10 * 2 ** i;
            _eq(token.balanceOf(coldOwner), before - fees, "fee");
        }
        _eq(token.allowance(address(host), address(gov)), 0, "no approval is left");
        // A second round of the first.
        vm.warp(_now() + 1 days);
        gov.tallyVotes(1);
        vm.prank(coldOwner);
        host.beginDispute(id, times[0]);
        _eq(token.balanceOf(coldOwner), before - fees - STAKE / 5, "doubled with the round");
    }

    // -- other query types

    function test_onlyChatGPTResponseBeside() public {
        bytes memory data = abi.encode("ChatGPTResponse", abi.encode("What is Tellor?"));
        bytes32 id = keccak256(data);
        _eq(id, 0x2ea03b01e00fcca8272a9e05aa0373ccdfdeddcbc8fe63eaf7cf62ca147568f5, "Tellor's own vector");
        vm.prank(operator);
        host.reportValue(id, abi.encode("An oracle."), 0, data);
        _eq(keccak256(flex.retrieveData(id, _now())), keccak256(abi.encode("An oracle.")), "reported");
        data = abi.encode("SpotPrice", abi.encode("eth", "usd"));
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.QueryTypeNotAllowed.selector, "SpotPrice"));
        host.reportValue(keccak256(data), abi.encode(1), 0, data);
    }

    /// @dev A stolen operator key. The thief can't touch stake, earnings, tokens, ownership or other operators, can't report
    /// other query types, and no more than the day's budget. What he can get: nothing that is worth money to him, unless he
    /// asks as well: then answers at a price of his own choosing (an offer at 0), or junk for answers. What he can spoil: offers
    /// withdrawn, asks declined, votes cast against the host, and junk reported, which costs the owner a stake for each report
    /// that somebody disputes. The owner ends it with one transaction.
    function test_stolenOperatorKey() public {
        bytes memory refusal = abi.encodeWithSelector(IHost.NotOwner.selector, operator);
        bytes[8] memory calls;
        calls[0] = abi.encodeCall(host.offerOwnership, (operator));
        calls[1] = abi.encodeCall(host.setOperator, (operator, 1_000_000));
        calls[2] = abi.encodeCall(host.stake, (STAKE));
        calls[3] = abi.encodeCall(host.requestUnstake, (STAKE));
        calls[4] = abi.encodeCall(host.withdrawStake, ());
        calls[5] = abi.encodeCall(host.withdrawEarnings, (address(0), 1, operator));
        calls[6] = abi.encodeCall(host.sweep, (address(token), operator));
        calls[7] = abi.encodeCall(host.beginDispute, (bytes32(0), 0));
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(operator);
            (bool ok, bytes memory result) = address(host).call(calls[i]);
            _true(!ok && keccak256(result) == keccak256(refusal), "refused");
        }
        vm.prank(coldOwner);
        host.setOperator(operator, 3);
        bytes memory data = abi.encode("ChatGPTResponse", abi.encode("junk"));
        for (uint256 i; i < 3; ++i) {
            vm.warp(_now() + 60);
            vm.prank(operator);
            host.reportValue(keccak256(data), abi.encode("junk"), 0, data);
            _dispute(stranger, keccak256(data), _now());
        }
        vm.warp(_now() + 60);
        vm.prank(operator);
        vm.expectPartialRevert(IHost.ReportBudgetSpent.selector);
        host.reportValue(keccak256(data), abi.encode("junk"), 0, data);
        (, uint256 staked,,,,,,,) = flex.getStakerInfo(address(host));
        _eq(staked, (STAKES - 3) * STAKE, "a stake for each junk report, three at most");
        vm.prank(coldOwner);
        host.setOperator(operator, 0);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOperator.selector, operator));
        host.vote(1, true, false);
    }

    function test_strangersMayDoNothing() public {
        IAskMarket.Ask memory a;
        bytes[11] memory calls;
        calls[0] = abi.encodeCall(host.offer, (0, address(0), 1, 1, 1, 1));
        calls[1] = abi.encodeCall(host.withdrawOffer, (0, address(0)));
        calls[2] = abi.encodeCall(host.takeOver, (0, a));
        calls[3] = abi.encodeCall(host.decline, (0, a, ""));
        calls[4] = abi.encodeCall(
            host.deliver, (0, new bytes32[](0), new IAskMarket.Ask[](0), new string[](0), true)
        );
        calls[5] = abi.encodeCall(host.report, (0, new IAskMarket.SealItem[](0)));
        calls[6] = abi.encodeCall(host.deliverByReport, (0, a, "", ""));
        calls[7] = abi.encodeCall(host.vote, (1, true, true));
        calls[8] = abi.encodeCall(host.tally, (1));
        calls[9] = abi.encodeCall(host.execute, (1));
        calls[10] = abi.encodeCall(host.reportValue, (0, "", 0, ""));
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool ok, bytes memory result) = address(host).call(calls[i]);
            _true(!ok && bytes4(result) == IHost.NotOperator.selector, "refused");
        }
    }

    function _failure() private returns (bytes memory reason) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IHost.ReportFailed.selector) reason = abi.decode(logs[i].data, (bytes));
        }
    }
}
