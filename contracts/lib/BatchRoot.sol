// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../interfaces/IAskMarket.sol";

/// @title keccak256(abi.encodePacked(queryId0, answerHash0, queryId1, answerHash1, ...))
library BatchRoot {
    function hash(IAskMarket.SealItem[] calldata items) internal pure returns (bytes32 root) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            let end := add(m, mul(items.length, 0x40))
            for { let from := items.offset let to := m } lt(to, end) { from := add(from, 0x60) to := add(to, 0x40) } {
                mstore(to, calldataload(from))
                mstore(add(to, 0x20), calldataload(add(from, 0x40)))
            }
            root := keccak256(m, sub(end, m))
        }
    }

    function hashMemory(IAskMarket.SealItem[] memory items) internal pure returns (bytes32 root) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            let end := add(m, mul(mload(items), 0x40))
            for { let from := add(items, 0x20) let to := m } lt(to, end) { from := add(from, 0x20) to := add(to, 0x40) } {
                let item := mload(from)
                mstore(to, mload(item))
                mstore(add(to, 0x20), mload(add(item, 0x40)))
            }
            root := keccak256(m, sub(end, m))
        }
    }
}
