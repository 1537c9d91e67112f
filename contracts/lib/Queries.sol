// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The query types that the market pays for, as Tellor's dataSpecs encode them
library Queries {
    string internal constant WORKLOAD = "LangChainWorkload";
    string internal constant ANSWERS = "LangChainAnswers";

    /// @notice Query data of one ask. The salt ties it to this chain, market and opener: equal questions never share an
    /// answer or a payment, and an opener's `userSalt` works once.
    function workload(bytes32 workloadHash, string calldata input, bytes32 parent, address opener, bytes32 userSalt)
        internal
        view
        returns (bytes memory)
    {
        bytes32 salt = keccak256(abi.encode(block.chainid, address(this), opener, userSalt));
        return abi.encode(WORKLOAD, abi.encode(workloadHash, input, parent, salt));
    }

    /// @notice Query data of a batch of answers. Naming the host keeps its batch numbers apart from everybody else's.
    function answers(address market, address host, uint256 batch) internal view returns (bytes memory) {
        return abi.encode(ANSWERS, abi.encode(block.chainid, market, host, batch));
    }
}
