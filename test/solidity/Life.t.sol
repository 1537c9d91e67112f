// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {Base} from "./base/Base.sol";

/// @notice The life of an ask where nothing goes wrong.
contract LifeTest is Base {
    function test_askDeliverReportSettle() public {
        (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId,) = _sealed(1);
        vm.warp(_now() + 12 hours);
        _eq(_settle(reportId, id, a), 1, "settled");
        _assertState(id, IAskMarket.State.Settled);
        _eq(_balance(address(host)), PRICE, "host");
        _eq(_balance(seller), ROYALTY, "seller");
        _eq(_balance(asker), 10 ether - TOTAL, "asker");
    }

    function test_overdueRefundsToAccount() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        _eq(_refund(id, a, 0, 0), 0, "too early");
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
        _eq(_balance(asker), 10 ether, "asker");
        _eq(_refund(id, a, 0, 0), 0, "twice");
    }

    function test_paidWithTheCallRefundsToWallet() public {
        uint256 before = asker.balance;
        (bytes32 id, IAskMarket.Ask memory a) = _askAndPay();
        _eq(asker.balance, before - TOTAL, "paid");
        vm.warp(uint256(a.deadline) + 1);
        _eq(_refund(id, a, 0, 0), 1, "refunded");
        _eq(asker.balance, before, "back in the wallet");
    }
}
