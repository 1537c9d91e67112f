// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {Base} from "./base/Base.sol";
import {HostileToken} from "./base/HostileToken.sol";
import {IToken} from "./base/Ours.sol";

/// @notice The oracle's own token re-enters. TellorFlex pays rewards in it in the middle of `submitValue`, so in the middle of a host's delivery,
/// between the answer and its seal; and stakes and fees move in it. The token holds an operator's key of the host as well.
contract HostileOracleTokenTest is Base {
    HostileToken private t;

    function setUp() public override {
        super.setUp();
        vm.prank(coldOwner);
        host.setOperator(address(t), 1000);
        // What lies in the oracle beside stakes is paid to reporters, by the time since the last report.
        t.give(address(flex), 1000e18);
        vm.warp(_now() + 1 hours);
    }

    function _newToken() internal override returns (IToken) {
        t = new HostileToken();
        t.give(address(this), 1_000_000_000e18);
        return IToken(address(t));
    }

    function test_inTheMiddleOfADelivery() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 other, IAskMarket.Ask memory b) = _ask();
        _arm(id, a, other, b);
        _deliver(1, id, a, true);
        _eq(t.transfers(), 1, "it was called");
        _conclude(id, a, other, b);
    }

    function test_inTheMiddleOfAReport() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        (bytes32 other, IAskMarket.Ask memory b) = _ask();
        _deliver(9, id, a, false);
        _arm(id, a, other, b);
        vm.prank(operator);
        host.report(1, _sealItem(id, a));
        _eq(t.transfers(), 1, "it was called");
        _conclude(id, a, other, b);
    }

    function test_inTheMiddleOfADeliveryByReport() public {
        IAskMarket.Order memory o = _order();
        o.byReport = true;
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, false);
        vm.prank(asker);
        bytes32 id = market.ask(askerAccount, o, INPUT, "", 0);
        (bytes32 other, IAskMarket.Ask memory b) = _ask();
        _arm(id, a, other, b);
        bytes memory data = market.queryDataOf(asker, o, INPUT);
        vm.prank(operator);
        host.deliverByReport(id, a, ANSWER, data);
        _eq(t.transfers(), 1, "it was called");
        _conclude(id, a, other, b);
    }

    /// @dev The owner pays each stake and each fee once, and every unit is somewhere.
    function test_inTheMiddleOfStakesAndDisputes() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 report, uint256 time) = _sealed(1);
        (bytes32 other, IAskMarket.Ask memory b) = _ask();
        _arm(id, a, other, b);
        // The reward of its report lies in the host and goes into the stake.
        uint256 before = t.balanceOf(coldOwner) + t.balanceOf(address(host));
        vm.startPrank(coldOwner);
        host.stake(STAKE);
        _eq(before - t.balanceOf(coldOwner) - t.balanceOf(address(host)), STAKE, "one stake");
        before = t.balanceOf(coldOwner);
        host.beginDispute(report, time);
        _eq(before - t.balanceOf(coldOwner), STAKE / 10, "one fee");
        _eq(t.allowance(coldOwner, address(gov)), 0, "nothing may be taken from the owner");
        _eq(t.allowance(address(host), address(gov)), 0, "nor from the host");
        _eq(t.allowance(address(host), address(flex)), 0, "nor by the oracle");
        host.requestUnstake(STAKE);
        vm.stopPrank();
        vm.warp(_now() + 7 days);
        uint256 held = t.balanceOf(address(host));
        vm.prank(coldOwner);
        host.withdrawStake();
        // With it comes the reward that the stake has earned.
        _true(t.balanceOf(address(host)) - held < STAKE + 1000e18, "one stake back");
        // It may have tallied already: anybody may.
        try gov.tallyVotes(1) {} catch {}
        vm.warp(_now() + 1 days);
        gov.executeVote(1);
        before = t.balanceOf(stranger);
        uint256 all = t.balanceOf(address(host));
        vm.prank(coldOwner);
        host.sweep(address(t), stranger);
        _eq(t.balanceOf(stranger) - before, all, "all, once");
        _true(t.transfers() > 5, "it was called");
        _conclude(id, a, other, b);
    }

    // -- helpers

    /// @dev What an operator, a stranger and a reporter without a stake can try with one answered and one open ask.
    function _arm(bytes32 id, IAskMarket.Ask memory a, bytes32 other, IAskMarket.Ask memory b) private {
        HostileToken.Call[] memory calls = new HostileToken.Call[](17);
        uint256 n;
        bytes32 report = market.batchQueryIdOf(address(host), 1);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](2);
        items[0] = IAskMarket.RefundItem(id, keccak256(bytes(ANSWER)), report, a);
        items[1] = IAskMarket.RefundItem(other, 0, 0, b);
        calls[n++] = _host(abi.encodeCall(host.deliver, (1, _one(id), _one(a), _one(string("another")), true)));
        calls[n++] = _host(abi.encodeCall(host.deliver, (2, _one(other), _one(b), _one(ANSWER), true)));
        calls[n++] = _host(abi.encodeCall(host.report, (1, _sealItem(id, a))));
        calls[n++] = _host(abi.encodeCall(host.report, (2, _sealItem(id, a))));
        calls[n++] = _host(abi.encodeCall(host.deliverByReport, (id, a, ANSWER, "")));
        calls[n++] = _host(abi.encodeCall(host.decline, (id, a, "no")));
        calls[n++] = _host(abi.encodeCall(host.decline, (other, b, "no")));
        calls[n++] = _host(abi.encodeCall(host.takeOver, (id, a)));
        calls[n++] = _host(abi.encodeCall(host.withdrawEarnings, (address(0), PRICE, address(t))));
        calls[n++] = _host(abi.encodeCall(host.sweep, (address(t), address(t))));
        calls[n++] = _host(abi.encodeCall(host.withdrawStake, ()));
        calls[n++] = _host(abi.encodeCall(host.tally, (1)));
        calls[n++] = _host(abi.encodeCall(host.execute, (1)));
        calls[n++] = HostileToken.Call(address(market), abi.encodeCall(market.seal, (1, _sealItem(id, a))));
        calls[n++] = HostileToken.Call(address(market), abi.encodeCall(market.settle, (report, _settleItem(id, a))));
        calls[n++] = HostileToken.Call(address(market), abi.encodeCall(market.refund, (items)));
        calls[n++] = HostileToken.Call(address(market), abi.encodeCall(market.withdraw, (askerAccount, address(0), 1, address(t))));
        t.arm(calls);
    }

    /// @dev Every ask ends once, with its price where it belongs, and all coin can be taken out.
    function _conclude(bytes32 id, IAskMarket.Ask memory a, bytes32 other, IAskMarket.Ask memory b) private {
        HostileToken.Call[] memory none;
        t.arm(none);
        bytes32 answer = keccak256(bytes(ANSWER));
        vm.warp(_now() + 31 days);
        for (uint256 twice; twice < 2; ++twice) {
            for (uint256 batch = 1; batch < 3; ++batch) {
                bytes32 report = market.batchQueryIdOf(address(host), batch);
                _settle(report, id, a);
                _settle(report, other, b);
                _refund(id, a, answer, report);
                _refund(other, b, answer, report);
            }
            _settle(id, id, a);
            _refund(id, a, answer, 0);
            _refund(other, b, 0, 0);
            _refund(other, b, answer, 0);
        }
        uint256 settled = _ended(id) + _ended(other);
        _eq(_balance(address(host)), settled * PRICE, "the host's");
        _eq(_balance(seller), settled * ROYALTY, "the seller's");
        _eq(_balance(asker), 10 ether - settled * TOTAL, "the asker's");
        _eq(address(market).balance, 10 ether, "all of it is there");
        _eq(address(t).balance, 0, "the token got nothing");
    }

    function _ended(bytes32 id) private view returns (uint256) {
        (IAskMarket.State state,) = market.stateOf(id);
        if (state == IAskMarket.State.Settled) return 1;
        _assertState(id, IAskMarket.State.Refunded);
        return 0;
    }

    function _host(bytes memory data) private view returns (HostileToken.Call memory) {
        return HostileToken.Call(address(host), data);
    }
}
