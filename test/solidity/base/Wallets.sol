// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A contract wallet: calls what its key says, and vouches for its key's signatures by ERC-1271.
contract ContractWallet {
    address public immutable key;
    bool public refusing;

    constructor(address key_) {
        key = key_;
    }

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    function call(address to, uint256 value, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = to.call{value: value}(data);
        if (!ok) {
            assembly {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s, uint8 v) = abi.decode(signature, (bytes32, bytes32, uint8));
        return ecrecover(digest, v, r, s) == key ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }

    receive() external payable {
        require(!refusing, "no coin, please");
    }
}

/// @notice Takes coin by eating all the gas it is given, and answers with a lot of data.
contract GreedyWallet {
    function call(address to, uint256 value, bytes calldata data) external {
        (bool ok,) = to.call{value: value}(data);
        require(ok, "failed");
    }

    receive() external payable {
        while (true) {}
    }
}

/// @notice Takes coin, but needs some 100,000 gas for it.
contract ThirstyWallet {
    function call(address to, uint256 value, bytes calldata data) external {
        (bool ok,) = to.call{value: value}(data);
        require(ok, "failed");
    }

    receive() external payable {
        uint256 start = gasleft();
        while (start - gasleft() < 100_000) {}
    }
}
