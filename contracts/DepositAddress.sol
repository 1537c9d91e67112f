// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tokens} from "./lib/Tokens.sol";

/// @title Where a plain transfer tops up one account
/// @notice Lies at a CREATE2 address of the market, known before it is deployed. Code of its own instead of a proxy, so that
/// receiving coin fits the 2,300 gas that `transfer` leaves.
contract DepositAddress {
    error NotMarket(address caller);

    address private immutable _market = msg.sender;

    receive() external payable {}

    /// @notice Moves everything of a token (0: coin) to the market.
    function pull(address token) external returns (bool) {
        if (msg.sender != _market) revert NotMarket(msg.sender);
        return Tokens.tryTransfer(token, _market, Tokens.balanceOf(token, address(this)), gasleft());
    }
}
