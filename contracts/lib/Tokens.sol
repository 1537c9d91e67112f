// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Moving coin (token 0) and ERC-20s of every odd kind
/// @notice True means: the call succeeded and returned nothing or true. At most one word of return data is ever copied, so
/// that a token can't make the caller pay for megabytes of it.
library Tokens {
    function tryTransferFrom(address token, address from, address to, uint256 amount) internal returns (bool ok) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, shl(224, 0x23b872dd)) // transferFrom(address,address,uint256)
            mstore(add(m, 0x04), from)
            mstore(add(m, 0x24), to)
            mstore(add(m, 0x44), amount)
            mstore(0x00, 0)
            ok := call(gas(), token, 0, m, 0x64, 0x00, 0x20)
            ok := and(ok, or(and(iszero(returndatasize()), gt(extcodesize(token), 0)), eq(mload(0x00), 1)))
        }
    }

    function tryTransfer(address token, address to, uint256 amount, uint256 gasLimit) internal returns (bool ok) {
        if (token == address(0)) {
            assembly ("memory-safe") {
                ok := call(gasLimit, to, amount, 0, 0, 0, 0)
            }
        } else {
            assembly ("memory-safe") {
                let m := mload(0x40)
                mstore(m, shl(224, 0xa9059cbb)) // transfer(address,uint256)
                mstore(add(m, 0x04), to)
                mstore(add(m, 0x24), amount)
                mstore(0x00, 0)
                ok := call(gasLimit, token, 0, m, 0x44, 0x00, 0x20)
                ok := and(ok, or(and(iszero(returndatasize()), gt(extcodesize(token), 0)), eq(mload(0x00), 1)))
            }
        }
    }

    function tryApprove(address token, address spender, uint256 amount) internal returns (bool ok) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, shl(224, 0x095ea7b3)) // approve(address,uint256)
            mstore(add(m, 0x04), spender)
            mstore(add(m, 0x24), amount)
            mstore(0x00, 0)
            ok := call(gas(), token, 0, m, 0x44, 0x00, 0x20)
            ok := and(ok, or(and(iszero(returndatasize()), gt(extcodesize(token), 0)), eq(mload(0x00), 1)))
        }
    }

    /// @notice 0 when the token doesn't say.
    function balanceOf(address token, address holder) internal view returns (uint256 amount) {
        if (token == address(0)) return holder.balance;
        assembly ("memory-safe") {
            mstore(0x00, shl(224, 0x70a08231)) // balanceOf(address)
            mstore(0x04, holder)
            let ok := staticcall(gas(), token, 0x00, 0x24, 0x00, 0x20)
            amount := mul(mload(0x00), and(ok, gt(returndatasize(), 31)))
        }
    }
}
