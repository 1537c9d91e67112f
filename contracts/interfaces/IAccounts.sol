// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title One ledger for everybody: accounts, purses, allowances
/// @notice An account id is a uint256. Below 2^160 it is the address it belongs to; with its highest bit set it is a purse.
/// Amounts are in the smallest unit of the token; token 0 is the chain's coin.
interface IAccounts {
    /// @param perAsk most that one ask may take, relay fee included
    /// @param perPeriod most that a period may take; periods are fixed windows that restart at the first ask after their
    /// end, so that twice this can fall around a boundary
    /// @param periodSeconds length of the window, at least 1
    /// @param expiry unix seconds; from then on nothing may be taken
    /// @param feePayee who may be paid a relay fee; 0 when no fee may be taken
    /// @param maxRelayFee most of it for one ask
    struct Allowance {
        uint128 perAsk;
        uint128 perPeriod;
        uint32 periodSeconds;
        uint40 expiry;
        address feePayee;
        uint96 maxRelayFee;
    }

    /// @param available what one ask could take now (0 when expired or revoked), the account's balance not considered
    /// @param periodEndsAt unix seconds; 0 when no period is running
    struct AllowanceView {
        Allowance terms;
        uint128 spentInPeriod;
        uint128 available;
        uint40 periodEndsAt;
        bool active;
    }

    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @param from who sent it; a deposit address for a sweep; the market itself for a relay fee or a change that came back
    event Deposited(uint256 indexed account, address indexed token, uint256 amount, address indexed from);
    /// @param amount what left the account, the relay fee of a withdrawal by signature included
    event Withdrawn(uint256 indexed account, address indexed token, uint256 amount, address indexed to);
    event PurseOpened(uint256 indexed account, address indexed owner);
    event PurseOffered(uint256 indexed account, address indexed to);
    event PurseHandedOver(uint256 indexed account, address indexed from, address indexed to);
    event AllowanceSet(uint256 indexed account, address indexed spender, address indexed token, Allowance terms);
    event AllowanceRevoked(uint256 indexed account, address indexed spender, address indexed token);
    event AllAllowancesRevoked(uint256 indexed account, uint64 epoch);

    error NotOwner(uint256 account, address caller);
    error NotOfferedTo(uint256 account, address caller);
    error AccountUnknown(uint256 account);
    error BalanceTooLow(uint256 account, address token, uint256 balance, uint256 needed);
    error AmountZero();
    error AddressZero();
    error PlainTransfer();
    error TransferFailed(address token, address to, uint256 amount);
    error SignatureExpired(uint256 deadline);
    error SignatureInvalid(address signer);
    error NonceWrong(uint256 account, uint256 given, uint256 expected);
    error AllowanceMissing(uint256 account, address spender, address token);
    error AllowanceExpired(uint256 account, address spender, uint40 expiry);
    error OverPerAsk(uint256 amount, uint256 perAsk);
    error OverPerPeriod(uint256 amount, uint256 left, uint256 periodEndsAt);
    error RelayFeeTooHigh(uint256 fee, uint256 maxFee);
    error AllowanceTermsInvalid();

    /// @notice Puts the coin sent with the call into an account, one's own or another's.
    function depositCoin(uint256 account) external payable;

    /// @notice Takes `amount` of an ERC-20 from the caller by its allowance. Credit is what arrived.
    function depositToken(uint256 account, address token, uint256 amount) external;

    /// @notice As depositToken, after an EIP-2612 permit by the caller. A permit that somebody already sent is no error.
    function depositTokenWithPermit(uint256 account, address token, uint256 amount, Permit calldata permit) external;

    /// @notice Where a plain transfer of coin or token tops up the account; nothing needs to be deployed beforehand.
    /// Reverts with AccountUnknown for an account that nothing could be swept into.
    /// @param salt 0 for the account's own, else one for each payment
    function depositAddressOf(uint256 account, bytes32 salt) external view returns (address);

    /// @notice Anybody moves what lies on a deposit address into its account.
    function sweep(uint256 account, bytes32 salt, address token) external returns (uint256 amount);

    /// @notice The owner takes out whatever no open ask holds.
    function withdraw(uint256 account, address token, uint256 amount, address to) external;

    /// @notice EIP-712 `Withdrawal(uint256 account,address token,uint256 amount,address to,uint256 relayFee,address
    /// feePayee,uint256 nonce,uint256 deadline)` signed by the account's owner; `relayFee` of the amount goes to the
    /// account of `feePayee`.
    function withdrawBySignature(
        uint256 account, address token, uint256 amount, address to, uint256 relayFee, address feePayee, uint256 nonce,
        uint256 deadline, bytes calldata signature
    ) external;

    /// @notice Anybody opens a purse for `owner`. Its id follows from `owner` and how many he was given before.
    function openPurse(address owner) external returns (uint256 account);

    /// @notice The owner offers the purse; nothing changes until `to` accepts. Offering to 0 takes the offer back.
    function offerPurse(uint256 account, address to) external;

    /// @notice Makes the caller, to whom it was offered, the owner. Ends every allowance and signature of the last owner.
    function acceptPurse(uint256 account) external;

    /// @notice Lets `spender` open asks with the account's money within the terms, and nothing but asks. Replaces what the
    /// spender had for the token; its period starts anew.
    function allow(uint256 account, address spender, address token, Allowance calldata terms) external;

    /// @notice EIP-712 `AllowanceGrant(uint256 account,address spender,address token,uint128 perAsk,uint128
    /// perPeriod,uint32 periodSeconds,uint40 expiry,address feePayee,uint96 maxRelayFee,uint256 nonce,uint256 deadline)`.
    function allowBySignature(
        uint256 account, address spender, address token, Allowance calldata terms, uint256 nonce, uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Ends one allowance. A grant that was signed and not used yet can still be used: `revokeAll` ends that too.
    function revoke(uint256 account, address spender, address token) external;

    /// @notice Ends every allowance of the account and makes every signature not yet used worthless.
    function revokeAll(uint256 account) external;

    /// @notice EIP-712 `RevokeAll(uint256 account,uint256 nonce,uint256 deadline)`.
    function revokeAllBySignature(uint256 account, uint256 nonce, uint256 deadline, bytes calldata signature) external;

    /// @notice What the account could take out now; open asks hold theirs apart.
    function balanceOf(uint256 account, address token) external view returns (uint256);

    /// @notice Reverts with AccountUnknown for 0 and for purses that were never opened.
    function ownerOf(uint256 account) external view returns (address);
    function pendingOwnerOf(uint256 account) external view returns (address);

    /// @notice The nonce that the owner's next signature must carry. Counts up by one with each signature used, and jumps out
    /// of reach of whatever was signed ahead when all allowances are revoked.
    function nonceOf(uint256 account) external view returns (uint256);
    function allowanceOf(uint256 account, address spender, address token) external view returns (AllowanceView memory);
}
