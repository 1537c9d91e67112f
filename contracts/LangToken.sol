// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Payment and stake on a network of one's own
/// @notice The whole supply is minted once. Nobody can mint, pause, tax or freeze.
contract LangToken is ERC20, ERC20Permit {
    /// @param owner who gets the supply; no other power comes with it
    /// @param supply smallest units, 18 decimals
    constructor(address owner, uint256 supply) ERC20("LangToken", "LANG") ERC20Permit("LangToken") {
        _mint(owner, supply);
    }
}
