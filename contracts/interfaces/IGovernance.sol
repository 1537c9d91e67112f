// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What we use of Tellor's Governance.
interface IGovernance {
    function beginDispute(bytes32 queryId, uint256 timestamp) external;
    function vote(uint256 disputeId, bool inFavor, bool invalidQuery) external;
    function tallyVotes(uint256 disputeId) external;
    function executeVote(uint256 disputeId) external;

    /// @notice Of reports on this query whose first round's fee doubles with each.
    function getOpenDisputesOnId(bytes32 queryId) external view returns (uint256);

    /// @param hash keccak256(abi.encodePacked(queryId, timestamp))
    /// @return the dispute ids of its rounds, oldest first
    function getVoteRounds(bytes32 hash) external view returns (uint256[] memory);

    /// @return identifierHash of the disputed report
    /// @return info round, start, block, fee, tally date, then the tallies
    /// @return executed true: nothing can follow any more
    /// @return result 0 FAILED (the report stands), 1 PASSED, 2 INVALID
    /// @return initiator who began the round
    function getVoteInfo(uint256 disputeId)
        external
        view
        returns (bytes32 identifierHash, uint256[17] memory info, bool executed, uint8 result, address initiator);
}
