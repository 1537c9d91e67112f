// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGovernance} from "../../../contracts/interfaces/IGovernance.sol";
import {ITellorFlex} from "../../../contracts/interfaces/ITellorFlex.sol";

interface IGenuineFlex is ITellorFlex {
    function init(address governance) external;
    function updateStakeAmount() external;
    function getNewValueCountbyQueryId(bytes32 queryId) external view returns (uint256);
    function getReporterByTimestamp(bytes32 queryId, uint256 timestamp) external view returns (address);
    function retrieveData(bytes32 queryId, uint256 timestamp) external view returns (bytes memory);
    function isInDispute(bytes32 queryId, uint256 timestamp) external view returns (bool);
    function getDataBefore(bytes32 queryId, uint256 timestamp) external view returns (bool, bytes memory, uint256);
}

interface IGenuineGovernance is IGovernance {
    function getVoteCount() external view returns (uint256);
    function getDisputeFee() external view returns (uint256);
}
