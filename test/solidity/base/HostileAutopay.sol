// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice An Autopay of a thief: swears to any tip, and calls back with whatever it was told to, while it is asked and while it pays.
contract HostileAutopay {
    struct Tip {
        uint256 amount;
        uint256 timestamp;
        uint256 cumulativeTips;
    }

    struct Result {
        bool ok;
        bytes data;
    }

    address[] private _targets;
    bytes[] private _calls;
    bool private _askingBack;
    Result[] public results;

    /// @param askingBack also while it is asked for tips
    function arm(address[] memory targets, bytes[] memory calls, bool askingBack) external {
        (_targets, _calls, _askingBack) = (targets, calls, askingBack);
    }

    /// @notice Calls as this contract: it can be an operator as well.
    function call(address target, bytes calldata data) external returns (bool ok, bytes memory result) {
        return target.call(data);
    }

    function claimOneTimeTip(bytes32, uint256[] calldata) external {
        for (uint256 i; i < _calls.length; ++i) {
            (bool ok, bytes memory data) = _targets[i].call(_calls[i]);
            results.push(Result(ok, data));
        }
    }

    function getPastTipCount(bytes32) external returns (uint256) {
        for (uint256 i; _askingBack && i < _calls.length; ++i) {
            (bool ok,) = _targets[i].call(_calls[i]);
            require(!ok, "a question changed something");
        }
        return 1;
    }

    function getPastTipByIndex(bytes32, uint256) external pure returns (Tip memory) {
        return Tip(type(uint256).max, 1, 0);
    }
}
