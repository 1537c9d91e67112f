// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IHost} from "../../contracts/interfaces/IHost.sol";
import {Base} from "./base/Base.sol";
import {HostileAutopay} from "./base/HostileAutopay.sol";
import {TestAutopay} from "./base/TestAutopay.sol";

/// @notice Tips on Autopay: what the owner sets, what an operator may do with it, and what a thief of either can.
contract TipsTest is Base {
    uint256 private constant TIP = 10e18;
    bytes private constant VALUE = abi.encode("An oracle.");

    TestAutopay private autopay;
    bytes private data = abi.encode("ChatGPTResponse", abi.encode("What is Tellor?"));
    bytes32 private id = keccak256(data);

    function setUp() public override {
        super.setUp();
        autopay = new TestAutopay(address(flex));
        _set(address(autopay));
        token.approve(address(autopay), type(uint256).max);
    }

    // -- the owner's word

    function test_onlyTheOwnerSetsAutopay() public {
        address[3] memory others = [operator, stranger, address(autopay)];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IHost.NotOwner.selector, others[i]));
            host.setAutopay(others[i]);
        }
        _eq(host.autopay(), address(autopay), "as it was");
        vm.expectEmit(true, true, true, true, address(host));
        emit IHost.AutopaySet(stranger);
        _set(stranger);
        _eq(host.autopay(), stranger, "set");
    }

    function test_theZeroAddressIsOff() public {
        IHost fresh = _newHost(coldOwner);
        _eq(fresh.autopay(), address(0), "off at first");
        _tip(data, TIP);
        _set(address(0));
        vm.warp(_now() + 1);
        // The owner too: there is nobody to ask.
        address[2] memory callers = [operator, coldOwner];
        for (uint256 i; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(IHost.NoAutopay.selector);
            host.reportTipped(id, VALUE, 0, data, 0);
            vm.prank(callers[i]);
            vm.expectRevert(IHost.NoAutopay.selector);
            host.claimTips(id, new uint256[](0));
        }
        _eq(_used(), 0, "costs no budget");
    }

    function test_strangersNeitherReportNorClaim() public {
        _tip(data, TIP);
        vm.warp(_now() + 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOperator.selector, stranger));
        host.reportTipped(id, VALUE, 0, data, TIP);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOperator.selector, stranger));
        host.claimTips(id, new uint256[](0));
    }

    // -- the money

    function test_claimedTipsAreTheOwnersToSweep() public {
        _tip(data, TIP);
        vm.warp(_now() + 1);
        _report(data, 0, TIP);
        uint256[] memory times = _times();
        vm.warp(_now() + 12 hours + 1);
        vm.prank(operator);
        host.claimTips(id, times);
        _eq(token.balanceOf(address(host)), TIP * 98 / 100, "in the contract, less Autopay's fee");
        _eq(token.balanceOf(operator), 0, "not with the operator");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.NotOwner.selector, operator));
        host.sweep(address(token), operator);
        vm.prank(operator);
        vm.expectRevert(bytes("tip already claimed"));
        host.claimTips(id, times);
        vm.prank(coldOwner);
        host.sweep(address(token), address(0xE4));
        _eq(token.balanceOf(address(0xE4)), TIP * 98 / 100, "swept");
    }

    function test_noApprovalIsHeld() public {
        token.transfer(address(host), STAKE);
        _tip(data, TIP);
        vm.warp(_now() + 1);
        _report(data, 0, TIP);
        uint256[] memory times = _times();
        vm.warp(_now() + 12 hours + 1);
        vm.prank(operator);
        host.claimTips(id, times);
        address[4] memory spenders = [address(autopay), address(flex), address(gov), address(market)];
        for (uint256 i; i < spenders.length; ++i) {
            _eq(token.allowance(address(host), spenders[i]), 0, "allowance");
        }
    }

    // -- guards of a report

    function test_aTippedReportCountsAsAReport() public {
        bytes memory second = abi.encode("ChatGPTResponse", abi.encode("What is a stake?"));
        _tip(data, TIP);
        _tip(second, TIP);
        vm.prank(coldOwner);
        host.setOperator(operator, 1);
        vm.warp(_now() + 60);
        _report(data, 0, TIP);
        _eq(_used(), 1, "used");
        vm.warp(_now() + 60);
        uint256 until = (_now() / 1 days + 1) * 1 days;
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.ReportBudgetSpent.selector, operator, 1, until));
        host.reportTipped(keccak256(second), VALUE, 0, second, TIP);
        vm.warp(until);
        _report(second, 0, TIP);
    }

    function test_ourQueryTypesAndNoOther() public {
        bytes memory workloadData =
            abi.encode("LangChainWorkload", abi.encode(workload, "What is Tellor?", bytes32(0), bytes32(0)));
        _tip(workloadData, TIP);
        _tip(data, TIP);
        vm.warp(_now() + 60);
        _report(workloadData, 0, TIP);
        vm.warp(_now() + 60);
        _report(data, 0, TIP);
        bytes memory batch = market.batchQueryDataOf(address(host), 1);
        (string memory batchType,) = abi.decode(batch, (string, bytes));
        _refusesType(batch, batchType);
    }

    function test_otherQueryTypes(string memory queryType) public {
        bytes32 typeHash = keccak256(bytes(queryType));
        vm.assume(typeHash != keccak256("ChatGPTResponse") && typeHash != keccak256("LangChainWorkload"));
        _refusesType(abi.encode(queryType, abi.encode("eth", "usd")), queryType);
    }

    function test_namesCloseToOurs() public {
        string[5] memory names = ["SpotPrice", "chatgptresponse", "ChatGPTResponse ", "LangChainWorkload\x00", ""];
        for (uint256 i; i < names.length; ++i) {
            _refusesType(abi.encode(names[i], abi.encode("eth", "usd")), names[i]);
        }
    }

    /// @dev The type is read from the data, the report goes to the id: that they belong together is the oracle's rule.
    function test_theIdOfOneQueryWithTheDataOfAnother() public {
        bytes memory price = abi.encode("SpotPrice", abi.encode("eth", "usd"));
        _tip(price, TIP);
        vm.warp(_now() + 1);
        vm.prank(operator);
        vm.expectRevert(bytes("query id must be hash of query data"));
        host.reportTipped(keccak256(price), VALUE, 0, data, TIP);
        _eq(_used(), 0, "undone with it");
    }

    function test_aQueryThatNobodyTipped() public {
        _refuses(0, 0, 0, 0, 0);
    }

    function test_lessThanTheOperatorSaw() public {
        _tip(data, TIP);
        uint256 due = _now() + 1;
        vm.warp(due);
        _refuses(0, TIP + 1, TIP, due, 0);
        _report(data, 0, TIP);
    }

    function test_aTipThatIsSpent() public {
        _tip(data, TIP);
        uint256 due = _now() + 1;
        vm.warp(due);
        _report(data, 0, TIP);
        uint256[] memory times = _times();
        vm.warp(_now() + 12 hours + 1);
        vm.prank(operator);
        host.claimTips(id, times);
        _refuses(1, 1, 0, due, 1);
    }

    /// @dev A report in the second of the tip earns nothing, and a tip of one unit just before ours makes the whole of it too new.
    function test_tippedInTheSecondOfTheReport() public {
        _tip(data, TIP);
        _refuses(0, TIP, TIP, _now() + 1, 0);
        vm.warp(_now() + 1);
        _tip(data, 1);
        _refuses(0, TIP, TIP + 1, _now() + 1, 0);
        vm.warp(_now() + 1);
        _report(data, 0, TIP);
    }

    function test_reportedByAnotherJustBefore() public {
        _tip(data, TIP);
        uint256 due = _now() + 1;
        vm.warp(due);
        vm.prank(rival);
        flex.submitValue(id, VALUE, 0, data);
        vm.warp(_now() + 1);
        _refuses(0, TIP, TIP, due, 1);
        // Disputed, the rival's report earns nothing; who says that he has seen it may report.
        _dispute(stranger, id, due);
        _refuses(2, TIP, TIP, due, 1);
        _report(data, 1, TIP);
        uint256[] memory times = _times();
        vm.warp(_now() + 12 hours + 1);
        vm.prank(operator);
        host.claimTips(id, times);
        _eq(token.balanceOf(address(host)), TIP * 98 / 100, "earned");
    }

    // -- thieves

    /// @dev A stolen operator key where Autopay is set. The thief tips a unit himself, so that the guards hold nothing up, and
    /// reports junk of both types: it costs the owner one stake a report and no more reports than without Autopay. He gets no tip.
    function test_stolenOperatorKey() public {
        vm.prank(coldOwner);
        host.setOperator(operator, 3);
        for (uint256 i; i < 3; ++i) {
            bytes memory junk = abi.encode(i == 1 ? "LangChainWorkload" : "ChatGPTResponse", abi.encode(i));
            _tip(junk, 1);
            vm.warp(_now() + 60);
            if (i == 2) {
                vm.prank(operator);
                host.reportValue(keccak256(junk), VALUE, 0, junk);
            } else {
                _report(junk, 0, 0);
            }
            _dispute(stranger, keccak256(junk), _now());
        }
        _tip(data, 1);
        vm.warp(_now() + 60);
        vm.prank(operator);
        vm.expectPartialRevert(IHost.ReportBudgetSpent.selector);
        host.reportTipped(id, VALUE, 0, data, 0);
        (, uint256 staked,,,,,,,) = flex.getStakerInfo(address(host));
        _eq(staked, (STAKES - 3) * STAKE, "one budget for all kinds of reports");
    }

    /// @dev An Autopay of a thief, set by the owner's mistake: called by this contract it is still nobody here.
    function test_aHostileAutopayIsNobody() public {
        HostileAutopay thief = _hostile();
        token.transfer(address(host), STAKE);
        (address[] memory targets, bytes[] memory calls) = _everything(address(thief));
        thief.arm(targets, calls, false);
        vm.prank(operator);
        host.claimTips(id, new uint256[](1));
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = thief.results(i);
            bytes4 why = bytes4(reason);
            _true(!ok && (targets[i] == address(token) || why == IHost.NotOwner.selector || why == IHost.NotOperator.selector), "refused");
        }
        _eq(token.balanceOf(address(host)), STAKE, "what lies here");
        _eq(token.allowance(address(host), address(thief)), 0, "no approval");
        (, uint256 staked,,,,,,,) = flex.getStakerInfo(address(host));
        _eq(staked, STAKES * STAKE, "the stake");
        _eq(host.owner(), coldOwner, "the owner");
    }

    /// @dev The same with a stolen operator key in it: entering again while it pays gives no report beyond the budget.
    function test_aHostileAutopayThatIsAnOperator() public {
        HostileAutopay thief = _hostile();
        vm.prank(coldOwner);
        host.setOperator(address(thief), 1);
        bytes[] memory calls = new bytes[](3);
        address[] memory targets = new address[](3);
        for (uint256 i; i < 3; ++i) {
            bytes memory junk = abi.encode("ChatGPTResponse", abi.encode(i));
            calls[i] = abi.encodeCall(host.reportTipped, (keccak256(junk), VALUE, 0, junk, 0));
            targets[i] = address(host);
        }
        thief.arm(targets, calls, false);
        thief.call(address(host), abi.encodeCall(host.claimTips, (id, new uint256[](0))));
        uint256 reports;
        for (uint256 i; i < 3; ++i) {
            (bool ok, bytes memory reason) = thief.results(i);
            if (ok) ++reports;
            else _true(bytes4(reason) == IHost.ReportBudgetSpent.selector, "spent");
        }
        _eq(reports, 1, "one");
    }

    /// @dev Asked for the tip it is only read: a call back, even as an operator, changes nothing.
    function test_askingIsReadOnly() public {
        HostileAutopay thief = _hostile();
        vm.prank(coldOwner);
        host.setOperator(address(thief), 10);
        bytes memory junk = abi.encode("ChatGPTResponse", abi.encode("junk"));
        (address[] memory targets, bytes[] memory calls) = (new address[](2), new bytes[](2));
        (targets[0], targets[1]) = (address(host), address(host));
        calls[0] = abi.encodeCall(host.reportValue, (keccak256(junk), VALUE, 0, junk));
        calls[1] = abi.encodeCall(host.withdrawOffer, (modelId, address(0)));
        thief.arm(targets, calls, true);
        _report(data, 0, 0);
        _eq(flex.getNewValueCountbyQueryId(keccak256(junk)), 0, "nothing beside");
        _eq(flex.getNewValueCountbyQueryId(id), 1, "the report");
        (, uint32 used) = host.operatorOf(address(thief));
        _eq(used, 0, "the call back");
        _eq(_used(), 1, "the operator's one report");
    }

    /// @dev An operator chooses neither target nor function: whatever the owner set by mistake, the one call that exists fails there.
    function test_anAddressThatIsNoAutopay() public {
        token.transfer(address(host), STAKE);
        address[7] memory wrong = [
            address(token), address(flex), address(gov), address(market), address(registry), address(host), address(0xE0A)
        ];
        for (uint256 i; i < wrong.length; ++i) {
            _set(wrong[i]);
            vm.prank(operator);
            vm.expectRevert();
            host.claimTips(id, new uint256[](1));
            vm.prank(operator);
            vm.expectRevert();
            host.reportTipped(id, VALUE, 0, data, 0);
        }
        _eq(token.balanceOf(address(host)), STAKE, "nothing moved");
        _eq(_used(), 0, "no budget");
        // The market's work goes on.
        (bytes32 askId, IAskMarket.Ask memory a) = _ask();
        _deliver(1, askId, a, true);
        _assertState(askId, IAskMarket.State.Sealed);
    }

    // -- helpers

    function _set(address to) private {
        vm.prank(coldOwner);
        host.setAutopay(to);
    }

    function _hostile() private returns (HostileAutopay thief) {
        thief = new HostileAutopay();
        _set(address(thief));
    }

    function _tip(bytes memory queryData, uint256 amount) private {
        autopay.tip(keccak256(queryData), amount, queryData);
    }

    function _report(bytes memory queryData, uint256 reports, uint256 minTip) private {
        vm.prank(operator);
        host.reportTipped(keccak256(queryData), VALUE, reports, queryData, minTip);
        _eq(flex.getReporterByTimestamp(keccak256(queryData), _now()), address(host), "reported");
    }

    /// @dev The report of now, to be claimed later.
    function _times() private view returns (uint256[] memory times) {
        times = new uint256[](1);
        times[0] = _now();
    }

    function _used() private view returns (uint32 used) {
        (, used) = host.operatorOf(operator);
    }

    function _refuses(uint256 reports, uint256 minTip, uint256 amount, uint256 timestamp, uint256 made) private {
        uint32 used = _used();
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.TipChanged.selector, amount, timestamp, made));
        host.reportTipped(id, VALUE, reports, data, minTip);
        _eq(_used(), used, "a report that was refused costs no budget");
    }

    function _refusesType(bytes memory queryData, string memory queryType) private {
        _tip(queryData, TIP);
        vm.warp(_now() + 60);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IHost.QueryTypeNotAllowed.selector, queryType));
        host.reportTipped(keccak256(queryData), VALUE, 0, queryData, TIP);
    }

    /// @dev All that a caller could want of a host, and the token that lies in it.
    function _everything(address thief) private view returns (address[] memory targets, bytes[] memory calls) {
        IAskMarket.Ask memory a;
        calls = new bytes[](16);
        calls[0] = abi.encodeCall(host.setAutopay, (thief));
        calls[1] = abi.encodeCall(host.offerOwnership, (thief));
        calls[2] = abi.encodeCall(host.acceptOwnership, ());
        calls[3] = abi.encodeCall(host.setOperator, (thief, 1_000_000));
        calls[4] = abi.encodeCall(host.stake, (STAKE));
        calls[5] = abi.encodeCall(host.requestUnstake, (STAKE));
        calls[6] = abi.encodeCall(host.withdrawStake, ());
        calls[7] = abi.encodeCall(host.withdrawEarnings, (address(0), 1, thief));
        calls[8] = abi.encodeCall(host.sweep, (address(token), thief));
        calls[9] = abi.encodeCall(host.beginDispute, (id, 1));
        calls[10] = abi.encodeCall(host.reportTipped, (id, VALUE, 0, data, 0));
        calls[11] = abi.encodeCall(host.claimTips, (id, new uint256[](0)));
        calls[12] = abi.encodeCall(host.reportValue, (id, VALUE, 0, data));
        calls[13] = abi.encodeCall(host.withdrawOffer, (modelId, address(0)));
        calls[14] = abi.encodeCall(host.decline, (id, a, ""));
        calls[15] = abi.encodeCall(token.transferFrom, (address(host), thief, STAKE));
        targets = new address[](16);
        for (uint256 i; i < 15; ++i) targets[i] = address(host);
        targets[15] = address(token);
    }
}
