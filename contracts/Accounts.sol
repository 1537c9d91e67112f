// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "solady/src/utils/ECDSA.sol";
import {EIP712} from "solady/src/utils/EIP712.sol";
import {ReentrancyGuardTransient} from "solady/src/utils/ReentrancyGuardTransient.sol";
import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";
import {DepositAddress} from "./DepositAddress.sol";
import {IAccounts} from "./interfaces/IAccounts.sol";
import {Tokens} from "./lib/Tokens.sol";

/// @title Accounts
/// @dev Every function that lets a stranger's code run while the ledger is measured is nonReentrant.
abstract contract Accounts is IAccounts, EIP712, ReentrancyGuardTransient {
    uint256 private constant ADDRESSES_END = 1 << 160;

    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(uint256 account,address token,uint256 amount,address to,uint256 relayFee,address feePayee,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant ALLOWANCE_TYPEHASH = keccak256(
        "AllowanceGrant(uint256 account,address spender,address token,uint128 perAsk,uint128 perPeriod,uint32 periodSeconds,uint40 expiry,address feePayee,uint96 maxRelayFee,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant REVOKE_ALL_TYPEHASH = keccak256("RevokeAll(uint256 account,uint256 nonce,uint256 deadline)");

    /// @param purseOwner 0 for an address's own account
    /// @param epoch one more with each revokeAll: allowances are keyed by it
    /// @param signatures used in this epoch
    struct Holder {
        address purseOwner;
        uint48 epoch;
        uint48 signatures;
    }

    /// @dev A struct, so that its place is hashed once for reading and writing.
    struct Balance {
        uint256 amount;
    }

    /// @dev Three slots in the order of use: an ask without relay fee never reads the last.
    struct StoredAllowance {
        uint128 perAsk;
        uint128 perPeriod;
        uint128 spent;
        uint40 periodEndsAt;
        uint32 periodSeconds;
        uint40 expiry;
        address feePayee;
        uint96 maxRelayFee;
    }

    mapping(address owner => uint256) private _pursesOf;
    mapping(uint256 account => Holder) private _holders;
    mapping(uint256 account => mapping(address token => Balance)) private _balances;
    mapping(bytes32 key => StoredAllowance) private _allowances;
    mapping(uint256 account => address) private _pendingOwners;
    /// @dev The deposit address that may send coin now.
    address private transient _sweeping;

    /// @notice Coin sent plainly can't be told apart, so it is refused. depositCoin takes it.
    receive() external payable {
        if (msg.sender != _sweeping) revert PlainTransfer();
    }

    // -- money in

    /// @inheritdoc IAccounts
    function depositCoin(uint256 account) external payable {
        _requireKnown(account);
        _deposited(account, address(0), msg.value, msg.sender);
    }

    /// @inheritdoc IAccounts
    function depositToken(uint256 account, address token, uint256 amount) external nonReentrant {
        _requireKnown(account);
        _deposited(account, token, _pull(token, amount), msg.sender);
    }

    /// @inheritdoc IAccounts
    function depositTokenWithPermit(uint256 account, address token, uint256 amount, Permit calldata permit)
        external
        nonReentrant
    {
        _requireKnown(account);
        _usePermit(token, permit);
        _deposited(account, token, _pull(token, amount), msg.sender);
    }

    /// @inheritdoc IAccounts
    function depositAddressOf(uint256 account, bytes32 salt) public view returns (address) {
        _requireKnown(account);
        bytes32 initCodeHash = keccak256(type(DepositAddress).creationCode);
        return address(
            uint160(
                uint256(
                    keccak256(abi.encodePacked(bytes1(0xff), address(this), _depositSalt(account, salt), initCodeHash))
                )
            )
        );
    }

    /// @inheritdoc IAccounts
    function sweep(uint256 account, bytes32 salt, address token) external nonReentrant returns (uint256) {
        return _sweep(account, salt, token);
    }

    // -- money out

    /// @inheritdoc IAccounts
    function withdraw(uint256 account, address token, uint256 amount, address to) external nonReentrant {
        _requireOwner(account);
        _withdraw(account, token, amount, to, 0, address(0));
    }

    /// @inheritdoc IAccounts
    function withdrawBySignature(
        uint256 account,
        address token,
        uint256 amount,
        address to,
        uint256 relayFee,
        address feePayee,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 structHash = keccak256(
            abi.encode(WITHDRAWAL_TYPEHASH, account, token, amount, to, relayFee, feePayee, nonce, deadline)
        );
        _useSignature(account, structHash, nonce, deadline, signature);
        if (relayFee > amount) revert RelayFeeTooHigh(relayFee, amount);
        _withdraw(account, token, amount, to, relayFee, feePayee);
    }

    // -- purses

    /// @inheritdoc IAccounts
    function openPurse(address owner) external returns (uint256 account) {
        if (owner == address(0)) revert AddressZero();
        // Made of its owner: after a reorganisation the id that money was sent to can't be another's.
        account = uint256(keccak256(abi.encode(owner, ++_pursesOf[owner]))) | 1 << 255;
        _holders[account].purseOwner = owner;
        emit PurseOpened(account, owner);
    }

    /// @inheritdoc IAccounts
    function offerPurse(uint256 account, address to) external {
        if (account < ADDRESSES_END) revert AccountUnknown(account);
        _requireOwner(account);
        _pendingOwners[account] = to;
        emit PurseOffered(account, to);
    }

    /// @inheritdoc IAccounts
    function acceptPurse(uint256 account) external {
        if (_pendingOwners[account] != msg.sender) revert NotOfferedTo(account, msg.sender);
        delete _pendingOwners[account];
        address from = _holders[account].purseOwner;
        _holders[account].purseOwner = msg.sender;
        emit PurseHandedOver(account, from, msg.sender);
        // What the last owner allowed, perhaps to himself, must not outlive him.
        _revokeAll(account);
    }

    // -- allowances

    /// @inheritdoc IAccounts
    function allow(uint256 account, address spender, address token, Allowance calldata terms) external {
        _requireOwner(account);
        _allow(account, spender, token, terms);
    }

    /// @inheritdoc IAccounts
    function allowBySignature(
        uint256 account,
        address spender,
        address token,
        Allowance calldata terms,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external {
        // Allowance is static, so that encoding the struct is encoding its members in order.
        bytes32 structHash = keccak256(abi.encode(ALLOWANCE_TYPEHASH, account, spender, token, terms, nonce, deadline));
        _useSignature(account, structHash, nonce, deadline, signature);
        _allow(account, spender, token, terms);
    }

    /// @inheritdoc IAccounts
    function revoke(uint256 account, address spender, address token) external {
        _requireOwner(account);
        delete _allowances[_key(account, _holders[account].epoch, spender, token)];
        emit AllowanceRevoked(account, spender, token);
    }

    /// @inheritdoc IAccounts
    function revokeAll(uint256 account) external {
        _requireOwner(account);
        _revokeAll(account);
    }

    /// @inheritdoc IAccounts
    function revokeAllBySignature(uint256 account, uint256 nonce, uint256 deadline, bytes calldata signature) external {
        bytes32 structHash = keccak256(abi.encode(REVOKE_ALL_TYPEHASH, account, nonce, deadline));
        _useSignature(account, structHash, nonce, deadline, signature);
        _revokeAll(account);
    }

    // -- views

    /// @inheritdoc IAccounts
    function balanceOf(uint256 account, address token) external view returns (uint256) {
        return _balances[account][token].amount;
    }

    /// @inheritdoc IAccounts
    function ownerOf(uint256 account) public view returns (address owner) {
        owner = account < ADDRESSES_END ? address(uint160(account)) : _holders[account].purseOwner;
        if (owner == address(0)) revert AccountUnknown(account);
    }

    /// @inheritdoc IAccounts
    function pendingOwnerOf(uint256 account) external view returns (address) {
        return _pendingOwners[account];
    }

    /// @inheritdoc IAccounts
    function nonceOf(uint256 account) public view returns (uint256) {
        Holder storage holder = _holders[account];
        return uint256(holder.epoch) << 48 | holder.signatures;
    }

    /// @inheritdoc IAccounts
    function allowanceOf(uint256 account, address spender, address token)
        external
        view
        returns (AllowanceView memory v)
    {
        StoredAllowance storage a = _allowances[_key(account, _holders[account].epoch, spender, token)];
        v.terms = Allowance(a.perAsk, a.perPeriod, a.periodSeconds, a.expiry, a.feePayee, a.maxRelayFee);
        v.active = block.timestamp < a.expiry;
        if (block.timestamp < a.periodEndsAt) (v.spentInPeriod, v.periodEndsAt) = (a.spent, a.periodEndsAt);
        if (v.active) {
            uint128 left = a.perPeriod - v.spentInPeriod;
            v.available = a.perAsk < left ? a.perAsk : left;
        }
    }

    // -- for the market

    /// @dev Takes `price + relayFee` for an ask by the caller: the owner, or a spender within its allowance.
    /// @return payee who gets the relay fee
    function _take(uint256 account, address token, uint256 price, uint256 relayFee) internal returns (address payee) {
        uint256 amount = price + relayFee;
        if (account == uint160(msg.sender)) {
            if (relayFee != 0) revert RelayFeeTooHigh(relayFee, 0);
        } else {
            Holder storage holder = _holders[account];
            (address purseOwner, uint256 epoch) = (holder.purseOwner, holder.epoch);
            if (purseOwner == msg.sender) {
                if (relayFee != 0) revert RelayFeeTooHigh(relayFee, 0);
            } else {
                payee = _useAllowance(account, epoch, token, amount, relayFee);
            }
        }
        _debit(account, token, amount);
    }

    /// @return amount what arrived, measured
    function _sweep(uint256 account, bytes32 salt, address token) internal returns (uint256 amount) {
        address from = depositAddressOf(account, salt);
        if (from.code.length == 0) new DepositAddress{salt: _depositSalt(account, salt)}();
        uint256 before = Tokens.balanceOf(token, address(this));
        _sweeping = from;
        if (!DepositAddress(payable(from)).pull(token)) {
            revert TransferFailed(token, address(this), Tokens.balanceOf(token, from));
        }
        _sweeping = address(0);
        amount = Tokens.balanceOf(token, address(this)) - before;
        _deposited(account, token, amount, from);
    }

    /// @dev Stops at the highest number, which only a token that lies about its balances can reach: reverting would take the
    /// other items of a batch along.
    function _credit(uint256 account, address token, uint256 amount) internal {
        Balance storage balance = _balances[account][token];
        uint256 before = balance.amount;
        unchecked {
            uint256 sum = before + amount;
            balance.amount = sum < before ? type(uint256).max : sum;
        }
    }

    /// @dev Takes an ERC-20 from the caller. @return received what arrived, measured
    function _pull(address token, uint256 amount) internal returns (uint256 received) {
        uint256 before = Tokens.balanceOf(token, address(this));
        if (!Tokens.tryTransferFrom(token, msg.sender, address(this), amount)) {
            revert TransferFailed(token, address(this), amount);
        }
        received = Tokens.balanceOf(token, address(this)) - before;
    }

    /// @dev A permit that somebody sent ahead, or that the token doesn't know, is no error here: the transfer decides.
    function _usePermit(address token, Permit calldata p) internal {
        if (token.code.length == 0) return;
        try IERC20Permit(token).permit(msg.sender, address(this), p.value, p.deadline, p.v, p.r, p.s) {} catch {}
    }

    function _deposited(uint256 account, address token, uint256 amount, address from) internal {
        if (amount == 0) revert AmountZero();
        _credit(account, token, amount);
        emit Deposited(account, token, amount, from);
    }

    // -- inner

    function _useAllowance(uint256 account, uint256 epoch, address token, uint256 amount, uint256 relayFee)
        private
        returns (address payee)
    {
        StoredAllowance storage a = _allowances[_key(account, epoch, msg.sender, token)];
        (uint256 spent, uint256 periodEndsAt, uint256 expiry) = (a.spent, a.periodEndsAt, a.expiry);
        if (expiry == 0) revert AllowanceMissing(account, msg.sender, token);
        if (block.timestamp >= expiry) revert AllowanceExpired(account, msg.sender, uint40(expiry));
        if (relayFee != 0) {
            if (relayFee > a.maxRelayFee) revert RelayFeeTooHigh(relayFee, a.maxRelayFee);
            payee = a.feePayee;
        }
        if (amount > a.perAsk) revert OverPerAsk(amount, a.perAsk);
        if (block.timestamp >= periodEndsAt) {
            spent = 0;
            periodEndsAt = block.timestamp + a.periodSeconds;
        }
        uint256 left = a.perPeriod - spent;
        if (amount > left) revert OverPerPeriod(amount, left, periodEndsAt);
        a.spent = uint128(spent + amount);
        a.periodEndsAt = uint40(periodEndsAt);
    }

    function _allow(uint256 account, address spender, address token, Allowance calldata terms) private {
        if (
            spender == address(0) || terms.perAsk == 0 || terms.perPeriod == 0 || terms.periodSeconds == 0
                || terms.expiry <= block.timestamp || (terms.feePayee == address(0) && terms.maxRelayFee != 0)
        ) revert AllowanceTermsInvalid();
        _allowances[_key(account, _holders[account].epoch, spender, token)] = StoredAllowance({
            perAsk: terms.perAsk,
            perPeriod: terms.perPeriod,
            spent: 0,
            periodEndsAt: 0,
            periodSeconds: terms.periodSeconds,
            expiry: terms.expiry,
            feePayee: terms.feePayee,
            maxRelayFee: terms.maxRelayFee
        });
        emit AllowanceSet(account, spender, token, terms);
    }

    function _revokeAll(uint256 account) private {
        Holder storage holder = _holders[account];
        uint48 epoch = ++holder.epoch;
        holder.signatures = 0;
        emit AllAllowancesRevoked(account, epoch);
    }

    function _withdraw(
        uint256 account,
        address token,
        uint256 amount,
        address to,
        uint256 relayFee,
        address feePayee
    ) private {
        if (amount == 0) revert AmountZero();
        if (to == address(0) || (relayFee != 0 && feePayee == address(0))) revert AddressZero();
        _debit(account, token, amount);
        emit Withdrawn(account, token, amount, to);
        if (relayFee != 0) _deposited(uint160(feePayee), token, relayFee, address(this));
        uint256 paid = amount - relayFee;
        // To the market itself, tokens would belong to nobody.
        if (to == address(this) || !Tokens.tryTransfer(token, to, paid, gasleft())) {
            revert TransferFailed(token, to, paid);
        }
    }

    function _debit(uint256 account, address token, uint256 amount) internal {
        Balance storage balance = _balances[account][token];
        uint256 before = balance.amount;
        if (before < amount) revert BalanceTooLow(account, token, before, amount);
        unchecked {
            balance.amount = before - amount;
        }
    }

    /// @dev ecrecover comes first whatever code the owner has: an account with EIP-7702 code still has its key.
    function _useSignature(
        uint256 account,
        bytes32 structHash,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) private {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        uint256 expected = nonceOf(account);
        if (nonce != expected) revert NonceWrong(account, nonce, expected);
        address owner = ownerOf(account);
        bytes32 digest = _hashTypedData(structHash);
        if (
            ECDSA.tryRecoverCalldata(digest, signature) != owner
                && !SignatureCheckerLib.isValidERC1271SignatureNowCalldata(owner, digest, signature)
        ) revert SignatureInvalid(owner);
        ++_holders[account].signatures;
    }

    function _requireKnown(uint256 account) private view {
        ownerOf(account);
    }

    function _requireOwner(uint256 account) private view {
        if (ownerOf(account) != msg.sender) revert NotOwner(account, msg.sender);
    }

    /// @dev One word a key: spender and token share no slot with another epoch's.
    function _key(uint256 account, uint256 epoch, address spender, address token) private pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, account)
            mstore(add(m, 0x20), epoch)
            mstore(add(m, 0x40), spender)
            mstore(add(m, 0x60), token)
            key := keccak256(m, 0x80)
        }
    }

    function _depositSalt(uint256 account, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(account, salt));
    }

    function _domainNameAndVersion() internal pure override returns (string memory name, string memory version) {
        return ("AskMarket", "1");
    }

    /// @dev Transient storage on every chain: solady's default writes plain storage outside of mainnet.
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }
}
