// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IAskMarket} from "../../../contracts/interfaces/IAskMarket.sol";

interface IMarket is IAskMarket, IERC5267 {}

interface IToken is IERC20, IERC20Permit {}

interface IDepositAddress {
    error NotMarket(address caller);

    function pull(address token) external returns (bool);
}
