// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CallingToken} from "./OddTokens.sol";

/// @notice In the middle of each transfer it makes every call that it was armed with, and it can be asker, seller and host itself.
contract HostileToken is CallingToken {
    struct Call {
        address target;
        bytes data;
    }

    Call[] private _calls;
    bool private _inside;
    /// @notice Transfers from inside of which calls were made.
    uint256 public transfers;
    /// @notice Of those calls, how many did not revert.
    uint256 public succeeded;

    function arm(Call[] calldata calls) external {
        delete _calls;
        for (uint256 i; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
    }

    /// @notice Makes a call as itself.
    function act(address target, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = target.call(data);
        if (ok) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    function _callBack() internal override {
        if (_inside || _calls.length == 0) return;
        _inside = true;
        ++transfers;
        for (uint256 i; i < _calls.length; ++i) {
            (bool ok,) = _calls[i].target.call(_calls[i].data);
            if (ok) ++succeeded;
        }
        _inside = false;
    }
}
