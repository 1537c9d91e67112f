// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What we use of TellorFlex beyond usingtellor's ITellor.
interface ITellorFlex {
    function submitValue(bytes32 queryId, bytes calldata value, uint256 nonce, bytes calldata queryData) external;
    function getNewValueCountbyQueryId(bytes32 queryId) external view returns (uint256);
    function depositStake(uint256 amount) external;
    function requestStakingWithdraw(uint256 amount) external;
    function withdrawStake() external;
    function getTokenAddress() external view returns (address);
    function getGovernanceAddress() external view returns (address);
    function getReportingLock() external view returns (uint256);
    function getStakeAmount() external view returns (uint256);
    function getStakerInfo(address staker)
        external
        view
        returns (
            uint256 startDate,
            uint256 stakedBalance,
            uint256 lockedBalance,
            uint256 rewardDebt,
            uint256 lastReport,
            uint256 reportsSubmitted,
            uint256 startVoteCount,
            uint256 startVoteTally,
            bool staked
        );
}
