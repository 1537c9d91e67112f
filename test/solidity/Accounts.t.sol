// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {Base} from "./base/Base.sol";
import {IDepositAddress, IMarket} from "./base/Ours.sol";
import {ContractWallet} from "./base/Wallets.sol";

contract AccountsTest is Base {
    bytes32 private constant WITHDRAWAL = keccak256(
        "Withdrawal(uint256 account,address token,uint256 amount,address to,uint256 relayFee,address feePayee,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant GRANT = keccak256(
        "AllowanceGrant(uint256 account,address spender,address token,uint128 perAsk,uint128 perPeriod,uint32 periodSeconds,uint40 expiry,address feePayee,uint96 maxRelayFee,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant REVOKE_ALL = keccak256("RevokeAll(uint256 account,uint256 nonce,uint256 deadline)");
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    // -- deposits

    function testFuzz_depositCoinForAnybody(uint160 account, uint96 amount) public {
        vm.assume(account != 0 && amount != 0 && account != askerAccount);
        vm.deal(stranger, amount);
        vm.prank(stranger);
        market.depositCoin{value: amount}(account);
        _eq(market.balanceOf(account, address(0)), amount, "credited");
    }

    function test_depositsThatMakeNoSense() public {
        vm.expectRevert(IAccounts.AmountZero.selector);
        market.depositCoin{value: 0}(askerAccount);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, 0));
        market.depositCoin{value: 1}(0);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, 1 << 160));
        market.depositCoin{value: 1}(1 << 160);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, (1 << 160) + 1));
        market.depositToken((1 << 160) + 1, address(token), 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(0), address(market), 1)
        );
        market.depositToken(askerAccount, address(0), 1);
    }

    function test_coinSentPlainlyIsRefused() public {
        (bool ok, bytes memory result) = address(market).call{value: 1}("");
        _true(!ok && bytes4(result) == IAccounts.PlainTransfer.selector, "refused");
    }

    function testFuzz_depositTokenByAllowance(uint96 amount) public {
        vm.assume(amount != 0 && amount < 1e26);
        token.approve(address(market), amount);
        market.depositToken(askerAccount, address(token), amount);
        _eq(market.balanceOf(askerAccount, address(token)), amount, "credited");
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(token), address(market), 1)
        );
        market.depositToken(askerAccount, address(token), 1);
    }

    function test_depositWithPermitEvenWhenItWasFrontRun() public {
        token.transfer(asker, 10e18);
        for (uint256 i; i < 2; ++i) {
            IAccounts.Permit memory p = _permit(5e18);
            if (i == 1) {
                vm.prank(stranger);
                token.permit(asker, address(market), p.value, p.deadline, p.v, p.r, p.s);
            }
            vm.prank(asker);
            market.depositTokenWithPermit(askerAccount, address(token), 5e18, p);
        }
        _eq(market.balanceOf(askerAccount, address(token)), 10e18, "credited");
    }

    function test_aPermitGivesNobodyElseTheMoney() public {
        token.transfer(asker, 10e18);
        IAccounts.Permit memory p = _permit(5e18);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(token), address(market), 5e18)
        );
        market.depositTokenWithPermit(uint160(stranger), address(token), 5e18, p);
        _eq(token.balanceOf(asker), 10e18, "untouched");
    }

    function testFuzz_depositAddresses(uint160 account, bytes32 salt, uint96 coin, uint96 tokens) public {
        vm.assume(account != 0 && coin != 0 && tokens != 0 && tokens < 1e26 && account != askerAccount);
        address at = market.depositAddressOf(account, salt);
        vm.deal(at, coin);
        token.transfer(at, tokens);
        vm.prank(stranger);
        _eq(market.sweep(account, salt, address(0)), coin, "coin");
        vm.prank(stranger);
        _eq(market.sweep(account, salt, address(token)), tokens, "token");
        _eq(market.balanceOf(account, address(0)), coin, "coin credited");
        _eq(market.balanceOf(account, address(token)), tokens, "tokens credited");
        vm.expectRevert(IAccounts.AmountZero.selector);
        market.sweep(account, salt, address(0));
    }

    function test_aDeployedDepositAddressTakesCoinWithin2300Gas() public {
        address at = market.depositAddressOf(askerAccount, 0);
        vm.deal(at, 1);
        market.sweep(askerAccount, 0, address(0));
        payable(at).transfer(1 ether);
        _eq(market.sweep(askerAccount, 0, address(0)), 1 ether, "swept");
    }

    function test_onlyTheMarketPullsFromADepositAddress() public {
        address at = market.depositAddressOf(askerAccount, 0);
        vm.deal(at, 1);
        market.sweep(askerAccount, 0, address(0));
        vm.deal(at, 1 ether);
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IDepositAddress.NotMarket.selector, asker));
        IDepositAddress(at).pull(address(0));
    }

    // -- withdrawals

    function test_onlyTheOwnerWithdraws() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, askerAccount, stranger));
        market.withdraw(askerAccount, address(0), 1, stranger);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, (1 << 160) + 7));
        market.withdraw((1 << 160) + 7, address(0), 1, stranger);
    }

    function testFuzz_withdraw(uint96 amount) public {
        vm.prank(asker);
        if (amount == 0) {
            vm.expectRevert(IAccounts.AmountZero.selector);
        } else if (amount > 10 ether) {
            vm.expectRevert(
                abi.encodeWithSelector(IAccounts.BalanceTooLow.selector, askerAccount, address(0), 10 ether, amount)
            );
        }
        market.withdraw(askerAccount, address(0), amount, stranger);
        if (amount == 0 || amount > 10 ether) return;
        _eq(stranger.balance, amount, "paid");
        _eq(_balance(asker), 10 ether - amount, "debited");
    }

    function test_withdrawToNobodyOrToTheMarket() public {
        token.approve(address(market), 5);
        market.depositToken(askerAccount, address(token), 5);
        vm.startPrank(asker);
        vm.expectRevert(IAccounts.AddressZero.selector);
        market.withdraw(askerAccount, address(0), 1, address(0));
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.TransferFailed.selector, address(token), address(market), 5)
        );
        market.withdraw(askerAccount, address(token), 5, address(market));
        vm.stopPrank();
    }

    function test_whatAnAskHoldsCannotBeWithdrawn() public {
        _ask();
        vm.prank(asker);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccounts.BalanceTooLow.selector, askerAccount, address(0), 10 ether - TOTAL, 10 ether
            )
        );
        market.withdraw(askerAccount, address(0), 10 ether, asker);
    }

    function test_withdrawBySignature_thatNeverHadGas() public {
        bytes memory sig = _sign(_withdrawal(1 ether, 0.1 ether, market.nonceOf(askerAccount), _now()));
        vm.prank(bot);
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 0.1 ether, bot, 0, _now(), sig
        );
        _eq(stranger.balance, 0.9 ether, "paid");
        _eq(_balance(bot), 0.1 ether, "relay fee");
        _eq(_balance(asker), 9 ether, "debited");
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NonceWrong.selector, askerAccount, 0, 1));
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 0.1 ether, bot, 0, _now(), sig
        );
    }

    function test_withdrawBySignature_refusals() public {
        bytes memory sig = _sign(_withdrawal(1 ether, 2 ether, 0, _now()));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RelayFeeTooHigh.selector, 2 ether, 1 ether));
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 2 ether, bot, 0, _now(), sig
        );
        sig = _sign(_withdrawal(1 ether, 0, 0, _now()));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureInvalid.selector, asker));
        market.withdrawBySignature(askerAccount, address(0), 1 ether, rival, 0, bot, 0, _now(), sig);
        vm.warp(_now() + 1);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureExpired.selector, _now() - 1));
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 0, bot, 0, _now() - 1, sig
        );
    }

    function test_signaturesForAnotherChainOrContract() public {
        uint256 deadline = _now() + 1 days;
        bytes memory sig = _sign(_withdrawal(1 ether, 0, 0, deadline));
        IMarket other = _newMarket(address(flex), address(registry));
        other.depositCoin{value: 1 ether}(askerAccount);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureInvalid.selector, asker));
        other.withdrawBySignature(askerAccount, address(0), 1 ether, stranger, 0, bot, 0, deadline, sig);
        vm.chainId(424242);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureInvalid.selector, asker));
        market.withdrawBySignature(askerAccount, address(0), 1 ether, stranger, 0, bot, 0, deadline, sig);
    }

    function test_compactSignatures() public {
        bytes32 digest = _digest(_withdrawal(1 ether, 0, 0, _now()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ASKER_KEY, digest);
        bytes memory compact = abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255));
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 0, bot, 0, _now(), compact
        );
        _eq(stranger.balance, 1 ether, "paid");
    }

    function test_contractWalletsSignByErc1271() public {
        ContractWallet wallet = new ContractWallet(asker);
        uint256 account = uint160(address(wallet));
        market.depositCoin{value: 1 ether}(account);
        bytes32 structHash = keccak256(
            abi.encode(WITHDRAWAL, account, address(0), 1 ether, stranger, 0, address(0), 0, _now())
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ASKER_KEY, _digest(structHash));
        bytes memory wrong = abi.encode(s, r, v);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureInvalid.selector, address(wallet)));
        market.withdrawBySignature(
            account, address(0), 1 ether, stranger, 0, address(0), 0, _now(), wrong
        );
        market.withdrawBySignature(
            account, address(0), 1 ether, stranger, 0, address(0), 0, _now(), abi.encode(r, s, v)
        );
        _eq(stranger.balance, 1 ether, "paid");
    }

    /// @dev An account with EIP-7702 code has its key still, and signs by its code's ERC-1271 as well.
    function test_accountsWithCodeSignBothWays() public {
        vm.etch(asker, address(new ContractWallet(vm.addr(77))).code);
        market.withdrawBySignature(
            askerAccount,
            address(0),
            1 ether,
            stranger,
            0,
            bot,
            0,
            _now(),
            _sign(_withdrawal(1 ether, 0, 0, _now()))
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(77, _digest(_withdrawal(1 ether, 0, 1, _now())));
        market.withdrawBySignature(
            askerAccount, address(0), 1 ether, stranger, 0, bot, 1, _now(), abi.encode(r, s, v)
        );
        _eq(stranger.balance, 2 ether, "paid twice");
    }

    function test_domainByErc5267() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address at,,) = market.eip712Domain();
        _true(fields == 0x0f && keccak256(bytes(name)) == keccak256("AskMarket"), "name");
        _true(keccak256(bytes(version)) == keccak256("1") && chain == block.chainid && at == address(market), "domain");
    }

    // -- purses

    function test_purseHandedOverInTwoSteps() public {
        uint256 purse = market.openPurse(asker);
        _true(purse > 1 << 160, "an id no address has");
        _eq(market.ownerOf(purse), asker, "owner");
        market.depositCoin{value: 1 ether}(purse);
        _allow(purse, bot, 1 ether, 1 ether);
        vm.prank(asker);
        market.offerPurse(purse, rival);
        _eq(market.ownerOf(purse), asker, "not yet");
        _eq(market.pendingOwnerOf(purse), rival, "pending");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOfferedTo.selector, purse, stranger));
        market.acceptPurse(purse);
        vm.prank(rival);
        market.acceptPurse(purse);
        _eq(market.ownerOf(purse), rival, "new owner");
        _true(!market.allowanceOf(purse, bot, address(0)).active, "the last owner's allowances ended");
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, purse, asker));
        market.withdraw(purse, address(0), 1 ether, asker);
        vm.prank(rival);
        market.withdraw(purse, address(0), 1 ether, asker);
    }

    /// @dev Money sent to an id just opened stays its owner's when a reorganisation reorders who opened first.
    function test_purseIdsSurviveAReorganisation() public {
        uint256 snapshot = vm.snapshotState();
        uint256 first = market.openPurse(asker);
        uint256 second = market.openPurse(asker);
        _true(first != second && first >> 255 == 1, "two purses");
        vm.revertToState(snapshot);
        market.openPurse(stranger);
        _eq(market.openPurse(asker), first, "the same id");
    }

    function test_purseRefusals() public {
        vm.expectRevert(IAccounts.AddressZero.selector);
        market.openPurse(address(0));
        uint256 purse = market.openPurse(asker);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, purse, stranger));
        market.offerPurse(purse, stranger);
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.AccountUnknown.selector, askerAccount));
        market.offerPurse(askerAccount, stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOfferedTo.selector, purse, address(this)));
        market.acceptPurse(purse);
    }

    function test_aPurseOwnedByAContract() public {
        ContractWallet wallet = new ContractWallet(asker);
        uint256 purse = market.openPurse(address(wallet));
        market.depositCoin{value: 1 ether}(purse);
        IAskMarket.Order memory o = _order();
        wallet.call(address(market), 0, abi.encodeCall(market.ask, (purse, o, INPUT, "", 0)));
        _eq(market.balanceOf(purse, address(0)), 1 ether - TOTAL, "asked");
        wallet.call(
            address(market), 0, abi.encodeCall(market.withdraw, (purse, address(0), 1 ether - TOTAL, address(wallet)))
        );
        _eq(address(wallet).balance, 1 ether - TOTAL, "withdrawn");
    }

    function test_anOwnersAskOfAPurseBearsNoRelayFee() public {
        uint256 purse = market.openPurse(asker);
        market.depositCoin{value: 1 ether}(purse);
        IAskMarket.Order memory o = _order();
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RelayFeeTooHigh.selector, 1, 0));
        market.ask(purse, o, INPUT, "", 1);
    }

    function test_signedWithdrawalOfNothingOrToNobody() public {
        bytes memory sig = _sign(_withdrawal(0, 0, 0, _now()));
        vm.expectRevert(IAccounts.AmountZero.selector);
        market.withdrawBySignature(askerAccount, address(0), 0, stranger, 0, bot, 0, _now(), sig);
    }

    // -- allowances

    function test_anAccountOfSomebodyElse() public {
        IAskMarket.Order memory o = _order();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.AllowanceMissing.selector, askerAccount, stranger, address(0))
        );
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.startPrank(stranger);
        bytes memory notOwner = abi.encodeWithSelector(IAccounts.NotOwner.selector, askerAccount, stranger);
        vm.expectRevert(notOwner);
        market.allow(askerAccount, stranger, address(0), _terms(1, 1));
        vm.expectRevert(notOwner);
        market.revoke(askerAccount, bot, address(0));
        vm.expectRevert(notOwner);
        market.revokeAll(askerAccount);
        vm.stopPrank();
    }

    function test_spendingWithinTheTerms() public {
        _allow(askerAccount, bot, TOTAL + 1e15, 3 * TOTAL);
        bytes32 id = _botAsks(1e15);
        _assertState(id, IAskMarket.State.Open);
        _eq(_balance(bot), 1e15, "relay fee");
        _eq(_balance(asker), 10 ether - TOTAL - 1e15, "taken");
        IAccounts.AllowanceView memory v = market.allowanceOf(askerAccount, bot, address(0));
        _true(v.active && v.spentInPeriod == TOTAL + 1e15, "spent");
        _eq(v.available, TOTAL + 1e15, "per ask");
        _eq(v.periodEndsAt, _now() + 1 days, "period");
        _botAsks(0);
        v = market.allowanceOf(askerAccount, bot, address(0));
        _eq(v.available, TOTAL - 1e15, "left in the period");
        IAskMarket.Order memory o = _order();
        vm.prank(bot);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.OverPerPeriod.selector, TOTAL, TOTAL - 1e15, _now() + 1 days)
        );
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.warp(_now() + 1 days);
        _botAsks(0);
        _eq(market.allowanceOf(askerAccount, bot, address(0)).spentInPeriod, TOTAL, "a new period");
    }

    function test_termsAreEnforced() public {
        _allow(askerAccount, bot, TOTAL, 3 * TOTAL);
        IAskMarket.Order memory o = _order();
        vm.startPrank(bot);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.OverPerAsk.selector, TOTAL + 1, TOTAL));
        market.ask(askerAccount, o, INPUT, "", 1);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RelayFeeTooHigh.selector, 1e15 + 1, 1e15));
        market.ask(askerAccount, o, INPUT, "", 1e15 + 1);
        vm.stopPrank();
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RelayFeeTooHigh.selector, 1, 0));
        market.ask(askerAccount, o, INPUT, "", 1);
        vm.warp(_now() + 30 days);
        o.deadline = uint40(_now() + 60);
        vm.prank(bot);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.AllowanceExpired.selector, askerAccount, bot, _now())
        );
        market.ask(askerAccount, o, INPUT, "", 0);
        _eq(market.allowanceOf(askerAccount, bot, address(0)).available, 0, "expired");
    }

    function test_termsThatMakeNoSense() public {
        IAccounts.Allowance[6] memory bad;
        for (uint256 i; i < 6; ++i) {
            bad[i] = _terms(1, 1);
        }
        bad[0].perAsk = 0;
        bad[1].perPeriod = 0;
        bad[2].periodSeconds = 0;
        bad[3].expiry = uint40(_now());
        bad[4].feePayee = address(0);
        for (uint256 i; i < 6; ++i) {
            vm.prank(asker);
            vm.expectRevert(IAccounts.AllowanceTermsInvalid.selector);
            market.allow(askerAccount, i == 5 ? address(0) : bot, address(0), bad[i]);
        }
    }

    function test_revokeOneAndAll() public {
        _allow(askerAccount, bot, TOTAL, TOTAL);
        _allow(askerAccount, rival, TOTAL, TOTAL);
        vm.prank(asker);
        market.revoke(askerAccount, bot, address(0));
        _true(!market.allowanceOf(askerAccount, bot, address(0)).active, "revoked");
        _true(market.allowanceOf(askerAccount, rival, address(0)).active, "the other stays");
        vm.prank(asker);
        market.revokeAll(askerAccount);
        IAskMarket.Order memory o = _order();
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IAccounts.AllowanceMissing.selector, askerAccount, rival, address(0))
        );
        market.ask(askerAccount, o, INPUT, "", 0);
    }

    function test_allowBySignature() public {
        IAccounts.Allowance memory t = _terms(TOTAL, TOTAL);
        bytes memory sig = _sign(_grant(bot, t, 0, _now()));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.SignatureInvalid.selector, asker));
        market.allowBySignature(askerAccount, rival, address(0), t, 0, _now(), sig);
        vm.prank(stranger);
        market.allowBySignature(askerAccount, bot, address(0), t, 0, _now(), sig);
        _botAsks(0);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NonceWrong.selector, askerAccount, 0, 1));
        market.allowBySignature(askerAccount, bot, address(0), t, 0, _now(), sig);
    }

    /// @dev Revoked in the same block: the grant that waits in the mempool is dead, and so is one signed for a later nonce.
    function test_revokeAllKillsSignaturesNotYetUsed() public {
        IAccounts.Allowance memory t = _terms(TOTAL, TOTAL);
        bytes memory now_ = _sign(_grant(bot, t, 0, _now()));
        bytes memory ahead = _sign(_grant(bot, t, 1, _now()));
        bytes memory revocation = _sign(keccak256(abi.encode(REVOKE_ALL, askerAccount, 0, _now())));
        market.revokeAllBySignature(askerAccount, 0, _now(), revocation);
        uint256 next = 1 << 48;
        _eq(market.nonceOf(askerAccount), next, "out of reach");
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NonceWrong.selector, askerAccount, 0, next));
        market.allowBySignature(askerAccount, bot, address(0), t, 0, _now(), now_);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NonceWrong.selector, askerAccount, 1, next));
        market.allowBySignature(askerAccount, bot, address(0), t, 1, _now(), ahead);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NonceWrong.selector, askerAccount, 0, next));
        market.revokeAllBySignature(askerAccount, 0, _now(), revocation);
    }

    /// @dev A stolen bot key. The thief can't withdraw, raise its allowance, or take more than the caps: within a period
    /// `perPeriod`, and around a period's boundary twice that. What he can get: exactly those caps, by asking his own model
    /// of his own host. The owner ends it with one transaction.
    function test_stolenBotKey() public {
        uint128 perPeriod = 5 * TOTAL;
        _allow(askerAccount, bot, TOTAL, perPeriod);
        vm.prank(bot);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, askerAccount, bot));
        market.withdraw(askerAccount, address(0), 1, bot);
        vm.prank(bot);
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwner.selector, askerAccount, bot));
        market.allow(askerAccount, bot, address(0), _terms(1 ether, 1 ether));
        vm.warp(_now() + 1 hours);
        _botAsks(0);
        uint256 end = _now() + 1 days;
        vm.warp(end - 1);
        for (uint256 i; i < 4; ++i) {
            _botAsks(0);
        }
        vm.warp(end);
        for (uint256 i; i < 5; ++i) {
            _botAsks(0);
        }
        IAskMarket.Order memory o = _order();
        vm.prank(bot);
        vm.expectPartialRevert(IAccounts.OverPerPeriod.selector);
        market.ask(askerAccount, o, INPUT, "", 0);
        _eq(_balance(asker), 10 ether - 2 * perPeriod, "twice the cap around the boundary, no more");
        vm.prank(asker);
        market.revokeAll(askerAccount);
        vm.prank(bot);
        vm.expectPartialRevert(IAccounts.AllowanceMissing.selector);
        market.ask(askerAccount, o, INPUT, "", 0);
    }

    function testFuzz_neverBeyondTheCaps(uint8[16] calldata steps) public {
        uint128 perPeriod = 3 * TOTAL;
        _allow(askerAccount, bot, TOTAL, perPeriod);
        uint256 periodEnd;
        uint256 spent;
        for (uint256 i; i < steps.length; ++i) {
            vm.warp(_now() + uint256(steps[i]) * 30 minutes);
            if (_now() >= periodEnd) (periodEnd, spent) = (_now() + 1 days, 0);
            IAskMarket.Order memory o = _order();
            uint256 before = _balance(asker);
            vm.prank(bot);
            try market.ask(askerAccount, o, INPUT, "", 0) {} catch {}
            spent += before - _balance(asker);
            _true(spent <= perPeriod, "over the cap");
        }
    }

    // -- helpers

    function _terms(uint128 perAsk, uint128 perPeriod) private view returns (IAccounts.Allowance memory) {
        return IAccounts.Allowance(perAsk, perPeriod, 1 days, uint40(_now() + 30 days), bot, 1e15);
    }

    function _allow(uint256 account, address spender, uint128 perAsk, uint128 perPeriod) private {
        vm.prank(asker);
        market.allow(account, spender, address(0), _terms(perAsk, perPeriod));
    }

    function _botAsks(uint96 fee) private returns (bytes32) {
        IAskMarket.Order memory o = _order();
        vm.prank(bot);
        return market.ask(askerAccount, o, INPUT, "", fee);
    }

    function _withdrawal(uint256 amount, uint256 fee, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        return keccak256(
            abi.encode(WITHDRAWAL, askerAccount, address(0), amount, stranger, fee, bot, nonce, deadline)
        );
    }

    function _grant(address spender, IAccounts.Allowance memory t, uint256 nonce, uint256 deadline)
        private
        view
        returns (bytes32)
    {
        bytes memory head = abi.encode(GRANT, askerAccount, spender, address(0), t.perAsk, t.perPeriod);
        bytes memory tail =
            abi.encode(t.periodSeconds, t.expiry, t.feePayee, t.maxRelayFee, nonce, deadline);
        return keccak256(bytes.concat(head, tail));
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

    function _sign(bytes32 structHash) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ASKER_KEY, _digest(structHash));
        return abi.encodePacked(r, s, v);
    }

    function _permit(uint256 value) private view returns (IAccounts.Permit memory p) {
        p.value = value;
        p.deadline = _now();
        bytes32 structHash = keccak256(
            abi.encode(PERMIT, asker, address(market), value, token.nonces(asker), _now())
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (p.v, p.r, p.s) = vm.sign(ASKER_KEY, digest);
    }
}
