// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What a Host uses of Tellor's own Autopay, where anybody can tip any query
interface IAutopay {
    /// @param amount not yet claimed, smallest units, before Autopay's fee; a tip that adds to one not yet earned makes both one
    /// @param timestamp a report earns the tip from this second on: the one after the tip's
    struct Tip {
        uint256 amount;
        uint256 timestamp;
        uint256 cumulativeTips;
    }

    /// @notice Pays the caller, who must be the reporter, 12 hours after undisputed reports.
    /// @param timestamps of the reports, unix seconds
    function claimOneTimeTip(bytes32 queryId, uint256[] calldata timestamps) external;
    function getPastTipCount(bytes32 queryId) external view returns (uint256);
    function getPastTipByIndex(bytes32 queryId, uint256 index) external view returns (Tip memory);
}
