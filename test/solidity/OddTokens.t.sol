// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {Base} from "./base/Base.sol";
import "./base/OddTokens.sol";

contract OddTokensTest is Base {
    function test_noReturnToken() public {
        _whole(new NoReturnToken());
    }

    function test_hugeReturnToken() public {
        _whole(new HugeReturnToken());
    }

    function test_falseTokenThatWorks() public {
        _whole(new FalseToken());
    }

    function test_falseTokenThatFails() public {
        FalseToken t = new FalseToken();
        _give(t, asker, 1 ether);
        t.setBroken(true);
        vm.startPrank(asker);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(t), address(market), 1 ether)
        );
        market.depositToken(askerAccount, address(t), 1 ether);
        t.setBroken(false);
        market.depositToken(askerAccount, address(t), 1 ether);
        t.setBroken(true);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(t), asker, 1 ether));
        market.withdraw(askerAccount, address(t), 1 ether, asker);
        vm.stopPrank();
        _eq(market.balanceOf(askerAccount, address(t)), 1 ether, "still there");
        address at = market.depositAddressOf(askerAccount, 0);
        t.give(at, 5);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(t), address(market), 5));
        market.sweep(askerAccount, 0, address(t));
    }

    function test_feeOnTransferIsCreditedAsItArrives() public {
        FeeToken t = new FeeToken();
        _give(t, asker, 2 ether);
        uint256 model = _listIn(address(t));
        vm.prank(asker);
        market.depositToken(askerAccount, address(t), 1 ether);
        _eq(market.balanceOf(askerAccount, address(t)), 0.99 ether, "what arrived");
        address at = market.depositAddressOf(askerAccount, 0);
        t.give(at, 1 ether);
        _eq(market.sweep(askerAccount, 0, address(t)), 0.99 ether, "swept");
        IAskMarket.Order memory o = _tokenOrder(model, address(t));
        vm.startPrank(asker);
        // Paid with the call, less than the price arrives; from an account it works.
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.PaymentTooLow.selector, TOTAL - TOTAL / 100, TOTAL));
        market.askAndPay(o, INPUT, "");
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.stopPrank();
        _solvent(t);
    }

    /// @dev Paused, or burning all gas: one item of a batch of refunds. The others go through, and its money waits in the account.
    function test_badTokensAsOneItemOfABatch() public {
        PausedToken paused = new PausedToken();
        GasBurningToken burning = new GasBurningToken();
        HugeReturnToken huge = new HugeReturnToken();
        FalseToken lying = new FalseToken();
        OddToken[4] memory tokens = [OddToken(paused), burning, huge, lying];
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](5);
        for (uint256 i; i < 4; ++i) {
            items[i] = _askAndPayIn(tokens[i]);
        }
        (items[4].queryId, items[4].ask) = _askAndPay();
        paused.setPaused(true);
        burning.setBurning(true);
        huge.setReverting(true);
        lying.setBroken(true);
        vm.warp(_now() + 11 minutes);
        uint256 before = asker.balance;
        uint256 gas = gasleft();
        _eq(market.refund(items), 5, "all");
        _true(gas - gasleft() < 900_000, "bounded");
        _eq(asker.balance, before + TOTAL, "the good one is back in the wallet");
        for (uint256 i; i < 4; ++i) {
            _eq(market.balanceOf(askerAccount, address(tokens[i])), TOTAL, "in the account");
        }
        paused.setPaused(false);
        vm.prank(asker);
        market.withdraw(askerAccount, address(paused), TOTAL, asker);
        _eq(paused.balanceOf(asker), 1 ether, "out when it runs again");
    }

    /// @dev From inside a transfer, nothing that moves or counts money can be entered.
    function test_reentrancy() public {
        ReentrantToken t = new ReentrantToken();
        uint256 model = _listIn(address(t));
        _give(t, asker, 10 ether);
        IAskMarket.Order memory o = _tokenOrder(model, address(t));
        IAskMarket.RefundItem[] memory refunds = new IAskMarket.RefundItem[](1);
        IAskMarket.SettleItem[] memory settles = new IAskMarket.SettleItem[](1);
        IAccounts.Permit memory p;
        bytes[9] memory calls;
        calls[0] = abi.encodeCall(market.depositToken, (askerAccount, address(t), 1));
        calls[1] = abi.encodeCall(market.depositTokenWithPermit, (askerAccount, address(t), 1, p));
        calls[2] = abi.encodeCall(market.sweep, (askerAccount, 0, address(t)));
        calls[3] = abi.encodeCall(market.withdraw, (uint160(address(t)), address(t), 1, address(t)));
        calls[4] = abi.encodeCall(market.ask, (askerAccount, o, INPUT, "", 0));
        calls[5] = abi.encodeCall(market.askAndPay, (o, INPUT, ""));
        calls[6] = abi.encodeCall(market.refund, (refunds));
        calls[7] = abi.encodeCall(market.settle, (0, settles));
        calls[8] = abi.encodeCall(market.askAndPayWithPermit, (o, INPUT, "", p));
        for (uint256 i; i < calls.length; ++i) {
            t.arm(address(market), calls[i]);
            vm.prank(asker);
            market.depositToken(askerAccount, address(t), 0.1 ether);
            _true(t.attempted() && !t.succeeded(), "kept out");
            _eq(bytes32(bytes4(t.result())), bytes32(bytes4(keccak256("Reentrancy()"))), "by the guard");
            t.arm(address(market), calls[i]);
            vm.prank(asker);
            market.withdraw(askerAccount, address(t), 0.01 ether, asker);
            _true(t.attempted() && !t.succeeded(), "kept out");
        }
        _eq(market.balanceOf(askerAccount, address(t)), 0.81 ether, "exact");
        _solvent(t);
    }

    /// @dev A refund is booked before the wallet is paid: a second refund of the same ask from inside the payment gets nothing.
    function test_reentrantRefundToTheWallet() public {
        ReentrantToken t = new ReentrantToken();
        IAskMarket.RefundItem memory item = _askAndPayIn(t);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0] = item;
        vm.warp(_now() + 11 minutes);
        t.arm(address(market), abi.encodeCall(market.refund, (items)));
        _eq(market.refund(items), 1, "once");
        _eq(t.balanceOf(asker), 1 ether, "exactly what was paid");
        _eq(t.balanceOf(address(market)), 0, "nothing left");
    }

    /// @dev A token that sends more than it is asked for: the rest is the payer's.
    function test_bonusToken() public {
        BonusToken t = new BonusToken();
        IAskMarket.RefundItem memory item = _askAndPayIn(t);
        _eq(uint256(item.ask.hostPrice) + item.ask.royalty, TOTAL, "the price");
        _eq(market.balanceOf(askerAccount, address(t)), TOTAL / 100, "the rest");
    }

    /// @dev A token without code, or one that takes the market's whole balance, harms its own users only.
    function test_aTokenThatIsNoToken() public {
        vm.expectRevert(abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(0xdead), address(market), 1));
        market.depositToken(askerAccount, address(0xdead), 1);
        IAccounts.Permit memory p;
        vm.expectRevert(abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(0xdead), address(market), 1));
        market.depositTokenWithPermit(askerAccount, address(0xdead), 1, p);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(flex), address(market), 1)
        );
        market.depositToken(askerAccount, address(flex), 1);
    }

    function test_tokenPaidWithTheCall() public {
        uint256 model = _listIn(address(token));
        IAskMarket.Order memory o = _tokenOrder(model, address(token));
        token.transfer(asker, 1 ether);
        vm.startPrank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.CoinNotExpected.selector, 1));
        market.askAndPay{value: 1}(o, INPUT, "");
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(token), address(market), TOTAL)
        );
        market.askAndPay(o, INPUT, "");
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, true);
        IAccounts.Permit memory p;
        (p.value, p.deadline) = (TOTAL, _now());
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                asker,
                address(market),
                p.value,
                token.nonces(asker),
                p.deadline
            )
        );
        (p.v, p.r, p.s) = vm.sign(
            ASKER_KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash))
        );
        bytes32 id = market.askAndPayWithPermit(o, INPUT, "", p);
        vm.stopPrank();
        _eq(token.balanceOf(asker), 1 ether - TOTAL, "paid");
        vm.warp(_now() + 11 minutes);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
        _eq(token.balanceOf(asker), 1 ether, "to the wallet");
    }

    // -- helpers

    /// @dev The whole life in an odd token: deposit, ask, settle, withdraw; ask with the call, refund.
    function _whole(OddToken t) private {
        uint256 model = _listIn(address(t));
        _give(t, asker, 1 ether);
        vm.prank(asker);
        market.depositToken(askerAccount, address(t), 0.5 ether);
        IAskMarket.Order memory o = _tokenOrder(model, address(t));
        (bytes32 id, IAskMarket.Ask memory a) = _ask(o);
        _deliver(1, id, a, true);
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 1), id, a), 1, "settled");
        vm.prank(coldOwner);
        host.withdrawEarnings(address(t), PRICE, coldOwner);
        _eq(t.balanceOf(coldOwner), PRICE, "earned");
        vm.prank(seller);
        market.withdraw(uint160(seller), address(t), ROYALTY, seller);
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0] = _askAndPayIn(t);
        uint256 before = t.balanceOf(asker);
        vm.warp(_now() + 11 minutes);
        _eq(market.refund(items), 1, "refunded");
        _eq(t.balanceOf(asker), before + TOTAL, "to the wallet");
        _solvent(t);
    }

    function _askAndPayIn(OddToken t) private returns (IAskMarket.RefundItem memory item) {
        uint256 model = _listIn(address(t));
        if (t.balanceOf(asker) == 0) _give(t, asker, 1 ether);
        IAskMarket.Order memory o = _tokenOrder(model, address(t));
        item.ask = _askOf(o, askerAccount, asker, true);
        vm.prank(asker);
        item.queryId = market.askAndPay(o, INPUT, "");
    }

    function _listIn(address t) private returns (uint256 model) {
        vm.prank(seller);
        model = registry.list(workload, t, ROYALTY, false, "odd", "{}");
        vm.prank(operator);
        host.offer(model, t, PRICE, 4096, 60, 1 hours);
    }

    function _tokenOrder(uint256 model, address t) private returns (IAskMarket.Order memory o) {
        o = _order();
        (o.model, o.token) = (model, t);
    }

    function _give(OddToken t, address to, uint256 amount) private {
        t.give(to, amount);
        vm.prank(to);
        t.approve(address(market), type(uint256).max);
    }

    function _solvent(OddToken t) private view {
        uint256 owed = market.balanceOf(askerAccount, address(t)) + market.balanceOf(uint160(seller), address(t))
            + market.balanceOf(uint160(address(host)), address(t));
        _true(t.balanceOf(address(market)) >= owed, "solvent");
    }
}
