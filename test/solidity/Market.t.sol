// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Base} from "./base/Base.sol";
import {ContractWallet, GreedyWallet, ThirstyWallet} from "./base/Wallets.sol";
import {Vm} from "./base/Vm.sol";

/// @notice Asking, hosting and ending, without disputes.
contract MarketTest is Base {
    // -- asking

    function test_theSlotsTimeAndTheQueryId() public {
        IAskMarket.Order memory o = _order();
        bytes32 salt = keccak256(abi.encode(block.chainid, address(market), asker, o.userSalt));
        bytes memory data =
            abi.encode("LangChainWorkload", abi.encode(workload, INPUT, bytes32(0), salt));
        _eq(keccak256(market.queryDataOf(asker, o, INPUT)), keccak256(data), "query data");
        (bytes32 id,) = _ask(o);
        _eq(id, keccak256(data), "query id");
        _eq(market.queryIdOf(asker, o, INPUT), id, "view");
        (IAskMarket.State state, uint40 time) = market.stateOf(id);
        _true(state == IAskMarket.State.Open && time == _now(), "open");
        bytes memory batch = abi.encode(
            "LangChainAnswers", abi.encode(block.chainid, address(market), address(host), uint256(9))
        );
        _eq(keccak256(market.batchQueryDataOf(address(host), 9)), keccak256(batch), "batch data");
        _eq(market.batchQueryIdOf(address(host), 9), keccak256(batch), "batch id");
    }

    function test_theSameAskTwice() public {
        IAskMarket.Order memory o = _order();
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory refusal = abi.encodeWithSelector(IAskMarket.AskExists.selector, id);
        vm.prank(asker);
        vm.expectRevert(refusal);
        market.ask(askerAccount, o, INPUT, "", 0);
        // Not even when it is over.
        vm.warp(uint256(a.deadline) + 1);
        _refund(id, a, 0, 0);
        o.deadline = uint40(_now() + 60);
        vm.prank(asker);
        vm.expectRevert(refusal);
        market.ask(askerAccount, o, INPUT, "", 0);
        // Another opener's equal ask is another ask.
        o.deadline = uint40(_now() + 60);
        vm.deal(rival, 1 ether);
        vm.prank(rival);
        _true(market.askAndPay{value: TOTAL}(o, INPUT, "") != id, "its own id");
    }

    function _byTransfer() private returns (IAskMarket.Order memory o) {
        o = _order();
        o.deadline = 600;
    }

    function test_aTransferPaysForExactlyOneAsk() public {
        IAskMarket.Order memory o = _byTransfer();
        uint40 until = uint40(_now() + 1 hours);
        bytes32 salt = market.transferSaltOf(o, INPUT, "", until);
        address at = market.depositAddressOf(askerAccount, salt);
        uint256 before = market.balanceOf(askerAccount, address(0));
        vm.deal(at, TOTAL + 7);
        // Nobody bends it: another price, question, time or account has another address, on which nothing lies.
        IAskMarket.Order memory other = _byTransfer();
        other.maxPrice = o.maxPrice * 2;
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AmountZero.selector));
        market.askByTransfer(askerAccount, other, INPUT, "", until);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AmountZero.selector));
        market.askByTransfer(uint160(rival), o, INPUT, "", until);
        vm.prank(rival);
        bytes32 id = market.askByTransfer(askerAccount, o, INPUT, "", until);
        (IAskMarket.State state,) = market.stateOf(id);
        _true(state == IAskMarket.State.Open, "open");
        _eq(market.balanceOf(askerAccount, address(0)), before + 7, "the rest is the account's");
        // The same again takes nothing of what is in the account.
        vm.deal(at, 1);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.PaymentTooLow.selector, 1, TOTAL));
        market.askByTransfer(askerAccount, o, INPUT, "", until);
        vm.deal(at, TOTAL);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AskExists.selector, id));
        market.askByTransfer(askerAccount, o, INPUT, "", until);
        _eq(market.sweep(askerAccount, salt, address(0)), TOTAL, "what came again");
        // Its refund goes into the account.
        o.deadline = uint40(_now() + 600);
        IAskMarket.Ask memory a = _askOf(o, askerAccount, rival, false);
        vm.warp(_now() + 601);
        _refund(id, a, 0, 0);
        _eq(market.balanceOf(askerAccount, address(0)), before + 7 + TOTAL + TOTAL, "back");
    }

    function test_aTransferThatComesTooLateOrIsSweptOnlyFillsTheAccount() public {
        IAskMarket.Order memory o = _byTransfer();
        uint40 until = uint40(_now() + 1 hours);
        bytes32 salt = market.transferSaltOf(o, INPUT, "", until);
        address at = market.depositAddressOf(askerAccount, salt);
        uint256 before = market.balanceOf(askerAccount, address(0));
        vm.deal(at, TOTAL);
        vm.prank(rival);
        market.sweep(askerAccount, salt, address(0));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AmountZero.selector));
        market.askByTransfer(askerAccount, o, INPUT, "", until);
        _eq(market.balanceOf(askerAccount, address(0)), before + TOTAL, "swept");
        vm.deal(at, TOTAL);
        vm.warp(uint256(until) + 1);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.TransferTooLate.selector, until));
        market.askByTransfer(askerAccount, o, INPUT, "", until);
        market.sweep(askerAccount, salt, address(0));
        _eq(market.balanceOf(askerAccount, address(0)), before + TOTAL + TOTAL, "late");
    }

    function testFuzz_deadlines(uint40 deadline) public {
        IAskMarket.Order memory o = _order();
        o.deadline = deadline;
        bool good = deadline >= _now() + 10 && deadline <= _now() + 7 days;
        vm.prank(asker);
        if (!good) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAskMarket.DeadlineOutOfRange.selector, deadline, _now() + 10, _now() + 7 days
                )
            );
        }
        market.ask(askerAccount, o, INPUT, "", 0);
    }

    function test_emptyInput() public {
        IAskMarket.Order memory o = _order();
        vm.prank(asker);
        vm.expectRevert(IAskMarket.InputEmpty.selector);
        market.ask(askerAccount, o, "", "", 0);
    }

    function test_parentMakesAnotherQuery() public {
        IAskMarket.Order memory o = _order();
        (bytes32 first,) = _ask(o);
        o.parent = first;
        (bytes32 second,) = _ask(o);
        _true(first != second, "continued");
    }

    function test_paidWithTheCall() public {
        IAskMarket.Order memory o = _order();
        uint256 before = asker.balance;
        vm.startPrank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.PaymentTooLow.selector, TOTAL - 1, TOTAL));
        market.askAndPay{value: TOTAL - 1}(o, INPUT, "");
        market.askAndPay{value: 1 ether}(o, INPUT, "");
        vm.stopPrank();
        _eq(asker.balance, before - TOTAL, "the change came back");
        _eq(_balance(asker), 10 ether, "the account was not touched");
    }

    function test_changeForAWalletThatTakesNone() public {
        ContractWallet wallet = new ContractWallet(asker);
        vm.deal(address(wallet), 1 ether);
        wallet.setRefusing(true);
        IAskMarket.Order memory o = _order();
        wallet.call(address(market), 1 ether, abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        _eq(_balance(address(wallet)), 1 ether - TOTAL, "in its account");
    }

    /// @dev Free for all: no royalty, no price. A coin ask and a token ask take nothing.
    function test_askingForNothing() public {
        vm.prank(seller);
        uint256 free = registry.list(workload, address(token), 0, false, "free", "{}");
        vm.prank(operator);
        host.offer(free, address(token), 0, 4096, 60, 1 hours);
        IAskMarket.Order memory o = _order();
        (o.model, o.token, o.maxPrice) = (free, address(token), 0);
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, true);
        vm.prank(asker);
        bytes32 id = market.askAndPay(o, INPUT, "");
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "ends like any other");
        _eq(token.balanceOf(asker), 0, "nothing moved");
    }

    // -- hosting

    function test_onlyTheEligibleHostDelivers() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.recordLogs();
        vm.prank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        _eq(_skipped(), IAskMarket.NotHost.selector, "skipped");
        a.host = rival;
        vm.recordLogs();
        vm.prank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "skipped");
        _assertState(id, IAskMarket.State.Open);
    }

    function test_deliveryAtAndAfterTheDeadline() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask();
        vm.warp(a.deadline);
        _eq(_refund(id, a, 0, 0), 0, "not overdue yet");
        _deliver(1, id, a, false);
        _assertState(id, IAskMarket.State.Delivered);
        vm.warp(uint256(a.deadline) + 1);
        vm.recordLogs();
        _deliver(2, id2, a2, false);
        _eq(_skipped(), IAskMarket.DeadlinePassed.selector, "late");
        _eq(_refund(id2, a2, 0, 0), 1, "refunded");
    }

    function test_aSecondDelivery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        (, uint40 due) = market.stateOf(id);
        _eq(due, _now() + 1 hours, "by when the report must stand");
        vm.warp(_now() + 60);
        vm.recordLogs();
        vm.prank(operator);
        host.deliver(2, _one(id), _one(a), _one(string("A better answer.")), false);
        _eq(_skipped(), IAskMarket.WrongState.selector, "skipped");
        (, uint40 later) = market.stateOf(id);
        _eq(later, due, "unchanged");
    }

    function test_emptyAnswerIsSkipped() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.recordLogs();
        vm.prank(operator);
        host.deliver(1, _one(id), _one(a), _one(string("")), true);
        _eq(_skipped(), IAskMarket.AnswerEmpty.selector, "skipped");
        _assertState(id, IAskMarket.State.Open);
    }

    function test_batchesOfWrongSize() public {
        vm.startPrank(rival);
        vm.expectRevert(IAskMarket.BatchEmpty.selector);
        market.deliver(new bytes32[](0), new IAskMarket.Ask[](0), new string[](0));
        vm.expectRevert(IAskMarket.LengthMismatch.selector);
        market.deliver(new bytes32[](2), new IAskMarket.Ask[](1), new string[](2));
        vm.expectRevert(IAskMarket.LengthMismatch.selector);
        market.deliver(new bytes32[](2), new IAskMarket.Ask[](2), new string[](1));
        bytes memory tooLarge = abi.encodeWithSelector(IAskMarket.BatchTooLarge.selector, 257, 256);
        vm.expectRevert(tooLarge);
        market.deliver(new bytes32[](257), new IAskMarket.Ask[](257), new string[](257));
        vm.expectRevert(IAskMarket.BatchEmpty.selector);
        market.seal(1, new IAskMarket.SealItem[](0));
        vm.expectRevert(tooLarge);
        market.seal(1, new IAskMarket.SealItem[](257));
        vm.expectRevert(IAskMarket.BatchEmpty.selector);
        market.settle(0, new IAskMarket.SettleItem[](0));
        vm.expectRevert(IAskMarket.BatchEmpty.selector);
        market.refund(new IAskMarket.RefundItem[](0));
        vm.expectRevert(tooLarge);
        market.settle(0, new IAskMarket.SettleItem[](257));
        vm.expectRevert(tooLarge);
        market.refund(new IAskMarket.RefundItem[](257));
        vm.stopPrank();
    }

    /// @dev One bad item never spoils the rest: at delivery, settlement and refund.
    function testFuzz_badItemsAreSkipped(uint8 badBits) public {
        uint256 n = 6;
        bytes32[] memory ids = new bytes32[](n);
        IAskMarket.Ask[] memory asks = new IAskMarket.Ask[](n);
        string[] memory answers = new string[](n);
        uint256 good;
        for (uint256 i; i < n; ++i) {
            (ids[i], asks[i]) = _ask();
            answers[i] = ANSWER;
            if (badBits >> i & 1 == 1) answers[i] = "";
            else ++good;
        }
        vm.prank(operator);
        host.deliver(3, ids, asks, answers, true);
        vm.warp(_now() + 12 hours);
        IAskMarket.SettleItem[] memory settles = new IAskMarket.SettleItem[](n);
        IAskMarket.RefundItem[] memory refunds = new IAskMarket.RefundItem[](n);
        for (uint256 i; i < n; ++i) {
            settles[i] = IAskMarket.SettleItem(ids[i], keccak256(bytes(ANSWER)), asks[i]);
            refunds[i] = IAskMarket.RefundItem(ids[i], 0, 0, asks[i]);
        }
        _eq(market.settle(market.batchQueryIdOf(address(host), 3), settles), good, "settled");
        _eq(market.refund(refunds), n - good, "refunded");
        _eq(_balance(address(host)), good * PRICE, "host");
        _eq(_balance(asker), 10 ether - good * TOTAL, "asker");
    }

    function test_takeOver() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.startPrank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.StillExclusive.selector, id, a.exclusiveUntil));
        market.takeOver(id, a);
        vm.warp(a.exclusiveUntil);
        market.takeOver(id, a);
        vm.stopPrank();
        IAskMarket.Ask memory b = a;
        b.host = rival;
        b.exclusiveUntil = uint40(_now() + 60);
        vm.prank(rival);
        market.deliver(_one(id), _one(b), _one(ANSWER));
        _assertState(id, IAskMarket.State.Delivered);
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.WrongState.selector, id, IAskMarket.State.Delivered)
        );
        host.takeOver(id, b);
    }

    function test_takeOverRefusals() public {
        IAskMarket.Order memory o = _order();
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        vm.warp(a.exclusiveUntil);
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotStaked.selector, stranger, 0, STAKE));
        market.takeOver(id, a);
        IAskMarket.Ask memory wrong = _copy(a);
        wrong.hostPrice = 1;
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AskMismatch.selector, id));
        market.takeOver(id, wrong);
        vm.stopPrank();
        vm.startPrank(rival);
        registry.offer(modelId, address(0), PRICE + 1, 4096, 60, 60);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.OfferTooHigh.selector, PRICE + 1, PRICE));
        market.takeOver(id, a);
        registry.offer(modelId, address(0), PRICE, 2, 60, 60);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InputTooLong.selector, bytes(INPUT).length, 2));
        market.takeOver(id, a);
        registry.withdrawOffer(modelId, address(0));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NoOffer.selector, rival, modelId, address(0)));
        market.takeOver(id, a);
        vm.stopPrank();
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AlreadyHost.selector, id));
        host.takeOver(id, a);
        vm.warp(uint256(a.deadline) + 1);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.DeadlinePassed.selector, id, a.deadline));
        market.takeOver(id, a);
    }

    /// @dev A host that takes over to sit on the ask can't keep it from everybody until the deadline.
    function test_aTakeOverLeavesTimeForAnother() public {
        vm.prank(rival);
        registry.offer(modelId, address(0), 0, 4096, 7 days, 1 hours);
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.warp(a.exclusiveUntil);
        vm.prank(rival);
        market.takeOver(id, a);
        a.host = rival;
        a.exclusiveUntil = uint40(_now() + (a.deadline - _now()) / 2);
        vm.warp(a.exclusiveUntil);
        vm.prank(operator);
        host.takeOver(id, a);
        _assertState(id, IAskMarket.State.Open);
    }

    /// @dev Junk that is never reported costs its host nothing: it must not hold the money longer than the asker accepted.
    function test_aTakeOverKeepsTheReportTime() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(rival);
        registry.offer(modelId, address(0), 0, 4096, 60, a.reportWithin + 1);
        vm.warp(a.exclusiveUntil);
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.OfferTooSlow.selector, a.reportWithin + 1, a.reportWithin)
        );
        market.takeOver(id, a);
    }

    /// @dev Take-over and delivery in one block: whichever comes first wins, and the other loses nothing but gas.
    function test_takeOverRacesADelivery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask();
        vm.warp(a.exclusiveUntil);
        _deliver(1, id, a, true);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.WrongState.selector, id, IAskMarket.State.Sealed));
        market.takeOver(id, a);
        vm.prank(rival);
        market.takeOver(id2, a2);
        vm.recordLogs();
        _deliver(2, id2, a2, true);
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "the old host was displaced");
    }

    function test_declineEndsExclusivityAtOnce() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.NotHost.selector, id, rival, address(host)));
        market.decline(id, a, "");
        vm.prank(operator);
        host.decline(id, a, "The model is down.");
        _assertState(id, IAskMarket.State.Declined);
        _eq(_refund(id, a, 0, 0), 0, "another host may still come");
        vm.recordLogs();
        _deliver(1, id, a, false);
        _eq(_skipped(), IAskMarket.WrongState.selector, "gave up");
        vm.prank(rival);
        market.takeOver(id, a);
        _assertState(id, IAskMarket.State.Open);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AskMismatch.selector, id));
        host.decline(id, a, "");
    }

    function test_declineRefusals() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ReasonTooLong.selector, 257, 256));
        host.decline(id, a, string(new bytes(257)));
        vm.warp(uint256(a.deadline) + 1);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.DeadlinePassed.selector, id, a.deadline));
        host.decline(id, a, "");
        vm.stopPrank();
        _refund(id, a, 0, 0);
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.WrongState.selector, id, IAskMarket.State.Refunded)
        );
        host.decline(id, a, "");
    }

    function test_soleHostIsRefundableAtOnceAfterADecline() public {
        IAskMarket.Order memory o = _order();
        o.soleHost = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        vm.warp(a.exclusiveUntil);
        vm.prank(rival);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.SoleHost.selector, id));
        market.takeOver(id, a);
        vm.prank(operator);
        host.decline(id, a, "No.");
        _eq(_refund(id, a, 0, 0), 1, "refunded");
    }

    function test_declinedAndNobodyElseCame() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(operator);
        host.decline(id, a, "");
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
    }

    // -- delivery and report apart

    function test_deliveredThenReportedWithinTheOffersTime() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        vm.warp(_now() + 1 hours);
        vm.prank(operator);
        host.report(5, _sealItem(id, a));
        _assertState(id, IAskMarket.State.Sealed);
        _eq(_refund(id, a, keccak256(bytes(ANSWER)), market.batchQueryIdOf(address(host), 5)), 0, "no refund");
    }

    function test_notReportedInTime() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _deliver(1, id, a, false);
        bytes32 answerHash = keccak256(bytes(ANSWER));
        vm.warp(_now() + 1 hours);
        _eq(_refund(id, a, answerHash, 0), 0, "still time");
        vm.warp(_now() + 1);
        _eq(_refund(id, a, 0, 0), 0, "the answer's hash is part of it");
        vm.recordLogs();
        vm.prank(operator);
        host.report(5, _sealItem(id, a));
        _eq(_skipped(), IAskMarket.ReportTooLate.selector, "too late");
        _eq(_refund(id, a, answerHash, 0), 1, "refunded");
    }

    function test_aReportWithoutADeliveryEarnsNothing() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.recordLogs();
        vm.prank(operator);
        host.report(5, _sealItem(id, a));
        _eq(_skipped(), IAskMarket.WrongState.selector, "skipped");
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
    }

    function test_sealWithAWrongRootOrOrder() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 id2, IAskMarket.Ask memory a2) = _ask();
        _deliver(1, id, a, false);
        _deliver(1, id2, a2, false);
        // A host without our Host contract, so that report and seal can differ.
        IAskMarket.SealItem[] memory items = new IAskMarket.SealItem[](2);
        (items[0], items[1]) = (_sealItem(id, a)[0], _sealItem(id2, a2)[0]);
        bytes32 root = keccak256(
            abi.encodePacked(items[1].queryId, items[1].answerHash, items[0].queryId, items[0].answerHash)
        );
        bytes memory data = market.batchQueryDataOf(rival, 1);
        vm.startPrank(rival);
        flex.submitValue(keccak256(data), abi.encode(root), 0, data);
        bytes memory refusal =
            abi.encodeWithSelector(IAskMarket.ValueMismatch.selector, keccak256(data), _now());
        vm.expectRevert(refusal);
        market.seal(1, items);
        vm.expectRevert(refusal);
        market.seal(1, _sealItem(id, a));
        (items[0], items[1]) = (items[1], items[0]);
        vm.recordLogs();
        market.seal(1, items);
        vm.stopPrank();
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "the right root, but another's answers");
        bytes32 never = market.batchQueryIdOf(rival, 2);
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAskMarket.ReporterMismatch.selector, never, _now(), address(0))
        );
        market.seal(2, items);
    }

    function test_sealOnlyInTheSecondOfTheReport() public {
        (bytes32 id, IAskMarket.Ask memory a) = _takenByRival();
        vm.prank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        IAskMarket.SealItem[] memory items = _sealItem(id, a);
        bytes memory data = market.batchQueryDataOf(rival, 1);
        bytes32 root = keccak256(abi.encodePacked(id, items[0].answerHash));
        vm.startPrank(rival);
        flex.submitValue(keccak256(data), abi.encode(root), 0, data);
        vm.warp(_now() + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAskMarket.ReporterMismatch.selector, keccak256(data), _now(), address(0)
            )
        );
        market.seal(1, items);
        vm.stopPrank();
    }

    // -- byReport

    function test_deliveryAsAReport() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        (IAskMarket.State state, uint40 time) = market.stateOf(id);
        _true(state == IAskMarket.State.Sealed && time == _now(), "sealed");
        _eq(keccak256(flex.retrieveData(id, time)), keccak256(abi.encode(ANSWER)), "consumers read it");
        vm.warp(_now() + 12 hours);
        _eq(_settle(id, id, a), 1, "settled");
    }

    function test_aReportIsSealedOnce() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        IAskMarket.SealItem memory item = _sealItem(id, a)[0];
        vm.prank(address(host));
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.WrongState.selector, id, IAskMarket.State.Sealed));
        market.sealReport(item);
    }

    function test_byReportIsNotPaidForABatch() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        vm.recordLogs();
        _deliver(1, id, a, true);
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "a batch's root is not what was asked for");
        _assertState(id, IAskMarket.State.Delivered);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.warp(_now() + 10 minutes);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        _assertState(id, IAskMarket.State.Sealed);
    }

    function test_byReportNotReportedRefunds() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        _deliver(1, id, a, false);
        vm.warp(_now() + 1 hours + 1);
        bytes memory data = _data(o);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ReportTooLate.selector, id, _now() - 1));
        host.deliverByReport(id, a, ANSWER, data);
        _eq(_refund(id, a, keccak256(bytes(ANSWER)), 0), 1, "refunded");
    }

    function test_aReportOfAnotherAnswerOrShape() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        o.host = rival;
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = _data(o);
        vm.startPrank(rival);
        market.deliver(_one(id), _one(a), _one(ANSWER));
        IAskMarket.SealItem memory item = _sealItem(id, a)[0];
        bytes[3] memory values;
        values[0] = abi.encode("Another answer.");
        values[1] = bytes.concat(abi.encode(ANSWER), "tail");
        values[2] = abi.encodePacked(uint256(0x40), uint256(0), uint256(bytes(ANSWER).length), ANSWER);
        for (uint256 i; i < 3; ++i) {
            vm.warp(_now() + 2 hours);
            // reportWithin has passed by the third, and the shape is looked at first.
            flex.submitValue(id, values[i], 0, data);
            vm.expectRevert(abi.encodeWithSelector(IAskMarket.ValueMismatch.selector, id, _now()));
            market.sealReport(item);
        }
        vm.stopPrank();
    }

    function test_sealReportOfAnAskThatDidNotWantIt() public {
        IAskMarket.Order memory o = _order();
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        bytes memory data = _data(o);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        _assertState(id, IAskMarket.State.Delivered);
        vm.warp(_now() + 10 minutes);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.AskMismatch.selector, id));
        host.deliverByReport(id, a, ANSWER, data);
        vm.prank(operator);
        host.report(1, _sealItem(id, a));
        _assertState(id, IAskMarket.State.Sealed);
    }

    // -- ending

    function test_settleOnlyAfterTheWindow() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(1);
        vm.warp(_now() + 12 hours - 1);
        vm.recordLogs();
        _eq(_settle(reportId, id, a), 0, "window");
        _eq(_skipped(), IAskMarket.WindowOpen.selector, "skipped");
        vm.warp(_now() + 1);
        vm.recordLogs();
        _eq(_refund(id, a, keccak256("another answer"), reportId), 0, "another answer");
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "skipped");
        vm.recordLogs();
        _eq(_settle(bytes32(uint256(1)), id, a), 0, "another report");
        _eq(_skipped(), IAskMarket.AskMismatch.selector, "skipped");
        vm.prank(stranger);
        _eq(_settle(reportId, id, a), 1, "anybody");
        vm.recordLogs();
        _eq(_settle(reportId, id, a), 0, "once");
        _eq(_skipped(), IAskMarket.WrongState.selector, "skipped");
        vm.warp(_now() + 100 days);
        _eq(_refund(id, a, keccak256(bytes(ANSWER)), reportId), 0, "and never refunded");
    }

    function test_theSameItemTwiceInACall() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(1);
        vm.warp(_now() + 12 hours);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](2);
        items[0] = items[1] = _settleItem(id, a)[0];
        _eq(market.settle(reportId, items), 1, "once");
        _eq(_balance(address(host)), PRICE, "paid once");
    }

    /// @dev One batch number, used in two seconds: each has its own window and verdict.
    function test_oneBatchNumberInTwoSeconds() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(1);
        vm.warp(_now() + 6 hours);
        (bytes32 id2, IAskMarket.Ask memory a2,,) = _sealed(1);
        vm.warp(_now() + 6 hours);
        IAskMarket.SettleItem[] memory items = new IAskMarket.SettleItem[](2);
        (items[0], items[1]) = (_settleItem(id, a)[0], _settleItem(id2, a2)[0]);
        _eq(market.settle(reportId, items), 1, "the first only");
        vm.warp(_now() + 6 hours);
        _eq(market.settle(reportId, items), 1, "then the second");
    }

    function test_refundToAWalletThatRefuses() public {
        ContractWallet wallet = new ContractWallet(asker);
        vm.deal(address(wallet), 1 ether);
        IAskMarket.Order memory o = _order();
        IAskMarket.Ask memory a = _askOf(o, uint160(address(wallet)), address(wallet), true);
        bytes32 id = abi.decode(
            wallet.call(address(market), TOTAL, abi.encodeCall(market.askAndPay, (o, INPUT, ""))), (bytes32)
        );
        wallet.setRefusing(true);
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
        _eq(_balance(address(wallet)), TOTAL, "into its account");
        wallet.setRefusing(false);
        wallet.call(
            address(market),
            0,
            abi.encodeCall(market.withdraw, (uint160(address(wallet)), address(0), TOTAL, address(wallet)))
        );
        _eq(address(wallet).balance, 1 ether, "and out");
    }

    function test_aGreedyWalletCannotSpoilABatchOfRefunds() public {
        GreedyWallet wallet = new GreedyWallet();
        vm.deal(address(wallet), 1 ether);
        IAskMarket.Order memory o = _order();
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](2);
        items[0].ask = _askOf(o, uint160(address(wallet)), address(wallet), true);
        items[0].queryId = market.queryIdOf(address(wallet), o, INPUT);
        wallet.call(address(market), TOTAL, abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        (items[1].queryId, items[1].ask) = _ask();
        vm.warp(uint256(o.deadline) + 1);
        uint256 gas = gasleft();
        _eq(market.refund(items), 2, "both");
        _true(gas - gasleft() < 400_000, "bounded");
        _eq(_balance(address(wallet)), TOTAL, "into its account");
    }

    /// @dev A refunder who gives too little gas must not turn a refund to the wallet into one to the account.
    function test_starvingTheWalletOfGas() public {
        ThirstyWallet wallet = new ThirstyWallet();
        vm.deal(address(wallet), TOTAL);
        IAskMarket.Order memory o = _order();
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0].ask = _askOf(o, uint160(address(wallet)), address(wallet), true);
        items[0].queryId = market.queryIdOf(address(wallet), o, INPUT);
        wallet.call(address(market), TOTAL, abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        vm.warp(uint256(o.deadline) + 1);
        bool starved;
        bool paid;
        for (uint256 gas = 20_000; gas < 300_000; gas += 5_000) {
            uint256 snapshot = vm.snapshotState();
            try market.refund{gas: gas}(items) {
                _eq(address(wallet).balance, TOTAL, "paid to the wallet");
                paid = true;
            } catch (bytes memory reason) {
                if (bytes4(reason) == IAskMarket.GasTooLow.selector) starved = true;
            }
            vm.revertToState(snapshot);
        }
        _true(starved && paid, "both happened");
    }

    function testFuzz_everyFieldOfAnAskIsCommitted(uint8 word, uint256 junk) public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.warp(uint256(a.deadline) + 1);
        uint256 i = word % 15;
        bytes memory encoded = abi.encode(a);
        uint256 old;
        assembly {
            let at := add(add(encoded, 0x20), mul(i, 0x20))
            old := mload(at)
            mstore(at, junk)
        }
        vm.assume(old != junk);
        bytes memory data = abi.encodePacked(
            IAskMarket.refund.selector, uint256(0x20), uint256(1), id, bytes32(0), bytes32(0), encoded
        );
        // A word out of its type's range reverts the call, every other one is a mismatch.
        (bool ok, bytes memory result) = address(market).call(data);
        if (ok) _eq(abi.decode(result, (uint256)), 0, "refunded a forged ask");
        _assertState(id, IAskMarket.State.Open);
    }

    // -- helpers

    function _takenByRival() private returns (bytes32 id, IAskMarket.Ask memory a) {
        IAskMarket.Order memory o = _order();
        o.host = rival;
        return _ask(o);
    }

    function _data(IAskMarket.Order memory o) private view returns (bytes memory) {
        return market.queryDataOf(asker, o, INPUT);
    }

    function _copy(IAskMarket.Ask memory a) private pure returns (IAskMarket.Ask memory) {
        return abi.decode(abi.encode(a), (IAskMarket.Ask));
    }
}
