// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IHost} from "../../contracts/interfaces/IHost.sol";
import {Base} from "./base/Base.sol";
import {HostileToken} from "./base/HostileToken.sol";

/// @notice Asks are paid in a token that re-enters, and that is itself seller, host, asker and owner of a purse: whatever it may do at all it
/// does in the middle of a transfer. Nothing is paid twice, nothing is made or lost, and in the end everybody gets his money out.
contract HostileAskTokenTest is Base {
    HostileToken private t;
    IHost private own;
    uint256 private purse;
    bytes32[] private ids;
    IAskMarket.Ask[] private asks;

    function setUp() public override {
        super.setUp();
        t = new HostileToken();
        own = _newHost(address(t));
        token.transfer(address(t), 10 * STAKE);
        t.act(address(token), abi.encodeCall(token.approve, (address(own), 10 * STAKE)));
        t.act(address(own), abi.encodeCall(own.stake, (10 * STAKE)));
        t.act(address(own), abi.encodeCall(own.setOperator, (address(t), 1000)));
        modelId = abi.decode(
            t.act(
                address(registry),
                abi.encodeCall(registry.list, (workload, address(t), ROYALTY, false, "hostile", "{}"))
            ),
            (uint256)
        );
        t.act(address(own), abi.encodeCall(own.offer, (modelId, address(t), PRICE, 4096, 60, 1 hours)));
        purse = abi.decode(t.act(address(market), abi.encodeCall(market.openPurse, (address(t)))), (uint256));
        t.give(address(t), 1 ether);
        t.act(address(t), abi.encodeCall(t.approve, (address(market), 1 ether)));
        t.act(address(market), abi.encodeCall(market.depositToken, (uint160(address(t)), address(t), 0.5 ether)));
        t.act(address(market), abi.encodeCall(market.depositToken, (purse, address(t), 0.1 ether)));
        t.give(asker, 1 ether);
        vm.startPrank(asker);
        t.approve(address(market), type(uint256).max);
        market.depositToken(askerAccount, address(t), 0.5 ether);
        vm.stopPrank();
    }

    function test_depositOfOthers() public {
        _prepare();
        vm.prank(asker);
        market.depositToken(askerAccount, address(t), 0.1 ether);
        _conclude();
    }

    function test_withdrawalOfOthers() public {
        _prepare();
        vm.prank(asker);
        market.withdraw(askerAccount, address(t), 0.1 ether, asker);
        _conclude();
    }

    function test_askPaidWithTheCall() public {
        _prepare();
        IAskMarket.Order memory o = _tokenOrder();
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, true);
        vm.prank(asker);
        _keep(market.askAndPay(o, INPUT, ""), a);
        _conclude();
    }

    function test_sweepOfADepositAddress() public {
        address at = market.depositAddressOf(askerAccount, 0);
        t.give(at, 0.1 ether);
        _prepare();
        _eq(market.sweep(askerAccount, 0, address(t)), 0.1 ether, "swept");
        _conclude();
    }

    function test_refundToTheWallet() public {
        _prepare();
        _eq(_refund(ids[1], asks[1], 0, 0), 1, "refunded");
        _eq(_refund(ids[1], asks[1], 0, 0), 0, "once");
        _conclude();
    }

    function test_itsOwnWithdrawals() public {
        _prepare();
        uint256 before = _wealth();
        _settle(market.batchQueryIdOf(address(own), 1), ids[0], asks[0]);
        t.act(address(own), abi.encodeCall(own.withdrawEarnings, (address(t), PRICE, address(t))));
        t.act(address(market), abi.encodeCall(market.withdraw, (uint160(address(t)), address(t), ROYALTY, address(t))));
        _eq(_wealth() - before, TOTAL, "one ask's price, once");
        _conclude();
    }

    function test_sweepOfAHost() public {
        t.give(address(own), 5);
        HostileToken.Call[] memory calls = new HostileToken.Call[](1);
        calls[0] = _own(abi.encodeCall(own.sweep, (address(t), address(t))));
        t.arm(calls);
        uint256 before = t.balanceOf(address(t));
        t.act(address(own), abi.encodeCall(own.sweep, (address(t), address(t))));
        _eq(t.transfers(), 1, "it was called");
        _eq(t.balanceOf(address(t)) - before, 5, "once");
    }

    // -- helpers

    /// @dev One ask to settle, one to refund to its payer's wallet, one to report and one to answer; and every call is armed.
    function _prepare() private {
        _asked(false);
        _byOwn(abi.encodeCall(own.deliver, (1, _one(ids[0]), _one(asks[0]), _one(ANSWER), true)));
        _assertState(ids[0], IAskMarket.State.Sealed);
        _asked(true);
        vm.warp(_now() + 12 hours);
        _asked(false);
        _byOwn(abi.encodeCall(own.deliver, (2, _one(ids[2]), _one(asks[2]), _one(ANSWER), false)));
        _asked(true);

        IAccounts.Permit memory p;
        IAskMarket.Order memory o = _tokenOrder();
        uint256 mine = uint160(address(t));
        HostileToken.Call[] memory calls = new HostileToken.Call[](26);
        uint256 n;
        // The ledger: kept out by the guard.
        calls[n++] = _market(abi.encodeCall(market.depositToken, (mine, address(t), 1)));
        calls[n++] = _market(abi.encodeCall(market.depositTokenWithPermit, (mine, address(t), 1, p)));
        calls[n++] = _market(abi.encodeCall(market.withdraw, (mine, address(t), 0.5 ether, address(t))));
        calls[n++] = _market(abi.encodeCall(market.withdraw, (purse, address(t), 0.1 ether, address(t))));
        calls[n++] =
            _market(abi.encodeCall(market.withdrawBySignature, (mine, address(t), 1, address(t), 0, address(0), 0, _now(), "")));
        calls[n++] = _market(abi.encodeCall(market.sweep, (askerAccount, 0, address(t))));
        calls[n++] = _market(abi.encodeCall(market.ask, (mine, o, INPUT, "", 0)));
        calls[n++] = _market(abi.encodeCall(market.askAndPay, (o, INPUT, "")));
        calls[n++] = _market(abi.encodeCall(market.askAndPayWithPermit, (o, INPUT, "", p)));
        calls[n++] = _market(abi.encodeCall(market.askByTransfer, (mine, o, INPUT, "", uint40(_now() + 60))));
        bytes32 report = market.batchQueryIdOf(address(own), 1);
        calls[n++] = _market(abi.encodeCall(market.settle, (report, _settleItem(ids[0], asks[0]))));
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0] = IAskMarket.RefundItem(ids[1], 0, 0, asks[1]);
        calls[n++] = _market(abi.encodeCall(market.refund, (items)));
        calls[n++] = _own(abi.encodeCall(own.withdrawEarnings, (address(t), PRICE, address(t))));
        // What it may do at any time, it may do now.
        calls[n++] = _own(abi.encodeCall(own.deliver, (1, _one(ids[0]), _one(asks[0]), _one(ANSWER), true)));
        calls[n++] = _own(abi.encodeCall(own.report, (2, _items(2))));
        calls[n++] = _own(abi.encodeCall(own.report, (3, _items(2))));
        calls[n++] = _own(abi.encodeCall(own.deliver, (4, _one(ids[3]), _one(asks[3]), _one(ANSWER), true)));
        calls[n++] = _own(abi.encodeCall(own.decline, (ids[3], asks[3], "no")));
        calls[n++] = _own(abi.encodeCall(own.takeOver, (ids[3], asks[3])));
        calls[n++] = _own(abi.encodeCall(own.sweep, (address(t), address(own))));
        calls[n++] = _own(abi.encodeCall(own.offer, (modelId, address(t), PRICE, 4096, 60, 1 hours)));
        calls[n++] = _market(abi.encodeCall(market.seal, (2, _items(2))));
        calls[n++] = _market(abi.encodeCall(market.openPurse, (address(t))));
        calls[n++] = _market(abi.encodeCall(market.offerPurse, (purse, address(t))));
        calls[n++] = _market(abi.encodeCall(market.acceptPurse, (purse)));
        calls[n++] = _market(abi.encodeCall(market.revokeAll, (purse)));
        t.arm(calls);
    }

    /// @dev The books agree to the unit; every ask ends once; all that is left is taken out and nothing stays behind.
    function _conclude() private {
        _balanced();
        HostileToken.Call[] memory none;
        t.arm(none);
        _settle(market.batchQueryIdOf(address(own), 1), ids[0], asks[0]);
        for (uint256 i; i < ids.length; ++i) {
            if (i != 0) vm.warp(_now() + 12 hours);
            bytes32 answer = keccak256(bytes(ANSWER));
            for (uint256 batch = 1; batch < 5; ++batch) {
                bytes32 report = market.batchQueryIdOf(address(own), batch);
                _settle(report, ids[i], asks[i]);
                _refund(ids[i], asks[i], answer, report);
            }
            _refund(ids[i], asks[i], 0, 0);
            _refund(ids[i], asks[i], answer, 0);
        }
        for (uint256 i; i < ids.length; ++i) {
            (IAskMarket.State state,) = market.stateOf(ids[i]);
            _true(state == IAskMarket.State.Settled || state == IAskMarket.State.Refunded, "ended");
        }
        _balanced();
        uint256[4] memory accounts = [askerAccount, uint160(address(t)), purse, uint160(address(own))];
        for (uint256 i; i < 4; ++i) {
            uint256 left = market.balanceOf(accounts[i], address(t));
            if (left == 0) continue;
            address owner = market.ownerOf(accounts[i]);
            vm.prank(owner);
            market.withdraw(accounts[i], address(t), left, owner);
        }
        _eq(t.balanceOf(address(market)), 0, "nothing is stuck");
    }

    function _balanced() private view {
        uint256 owed = market.balanceOf(askerAccount, address(t)) + market.balanceOf(uint160(address(t)), address(t))
            + market.balanceOf(purse, address(t)) + market.balanceOf(uint160(address(own)), address(t));
        for (uint256 i; i < ids.length; ++i) {
            (IAskMarket.State state,) = market.stateOf(ids[i]);
            if (state != IAskMarket.State.Settled && state != IAskMarket.State.Refunded) owed += TOTAL;
        }
        _eq(t.balanceOf(address(market)), owed, "what the market holds");
    }

    /// @dev All that the token has of itself, wherever it lies.
    function _wealth() private view returns (uint256) {
        return t.balanceOf(address(t)) + t.balanceOf(address(own)) + market.balanceOf(uint160(address(t)), address(t))
            + market.balanceOf(purse, address(t)) + market.balanceOf(uint160(address(own)), address(t));
    }

    function _asked(bool toWallet) private {
        IAskMarket.Order memory o = _tokenOrder();
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, toWallet);
        vm.prank(asker);
        _keep(toWallet ? market.askAndPay(o, INPUT, "") : market.ask(askerAccount, o, INPUT, "", 0), a);
    }

    function _keep(bytes32 id, IAskMarket.Ask memory a) private {
        ids.push(id);
        asks.push(a);
    }

    function _tokenOrder() private returns (IAskMarket.Order memory o) {
        o = _order();
        (o.token, o.host) = (address(t), address(own));
    }

    function _items(uint256 index) private view returns (IAskMarket.SealItem[] memory) {
        return _sealItem(ids[index], asks[index]);
    }

    function _byOwn(bytes memory data) private {
        t.act(address(own), data);
    }

    function _market(bytes memory data) private view returns (HostileToken.Call memory) {
        return HostileToken.Call(address(market), data);
    }

    function _own(bytes memory data) private view returns (HostileToken.Call memory) {
        return HostileToken.Call(address(own), data);
    }
}
