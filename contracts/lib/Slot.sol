// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../interfaces/IAskMarket.sol";

/// @notice An ask's one storage slot: state (8 bits), time (40), truncated hash of what the state commits to (208).
/// A collision would take 2^104 hashes to find.
type Slot is uint256;

using SlotLib for Slot global;

library SlotLib {
    /// @notice What Open and Declined commit to: keccak256(abi.encode(ask)).
    /// @dev Hashing the raw calldata is enough: words with dirty high bits can't match a hash of clean ones.
    function hashAsk(IAskMarket.Ask calldata a) internal pure returns (bytes32 h) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            calldatacopy(m, a, 480)
            h := keccak256(m, 480)
        }
    }

    function hashAskMemory(IAskMarket.Ask memory a) internal pure returns (bytes32) {
        return keccak256(abi.encode(a));
    }

    /// @notice What Delivered and Sealed commit to.
    /// @param reportQueryId where the answer is to be found on the oracle. Delivered: the ask's own queryId when only its own
    /// report counts (byReport), else 0 for any batch of the host.
    function hashAnswer(bytes32 askHash, bytes32 answerHash, address host, bytes32 reportQueryId)
        internal
        pure
        returns (bytes32 h)
    {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, askHash)
            mstore(add(m, 0x20), answerHash)
            mstore(add(m, 0x40), host)
            mstore(add(m, 0x60), reportQueryId)
            h := keccak256(m, 0x80)
        }
    }

    function pack(IAskMarket.State state_, uint256 time_, bytes32 hash) internal pure returns (Slot) {
        return Slot.wrap(uint256(state_) << 248 | time_ << 208 | uint256(hash) >> 48);
    }

    function state(Slot slot) internal pure returns (IAskMarket.State) {
        return IAskMarket.State(Slot.unwrap(slot) >> 248);
    }

    function time(Slot slot) internal pure returns (uint256) {
        return uint40(Slot.unwrap(slot) >> 208);
    }

    function commits(Slot slot, bytes32 hash) internal pure returns (bool) {
        return Slot.unwrap(slot) << 48 == uint256(hash) >> 48 << 48;
    }
}
