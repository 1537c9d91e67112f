// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "./IAskMarket.sol";

/// @title A reporter whose stake and earnings a stolen operator key can't take
/// @notice The cold owner holds stake and earnings. Hot operators may only offer, take over, decline, deliver, report and seal
/// within a number of reports a day, and vote.
interface IHost {
    event OperatorSet(address indexed operator, uint32 reportsPerDay);
    event OwnershipOffered(address indexed to);
    event OwnershipTaken(address indexed from, address indexed to);
    /// @notice The delivery stands, the report could not be made now; `reason` is the revert data, at most 256 bytes.
    event ReportFailed(bytes32 indexed reportQueryId, bytes reason);
    event Reported(bytes32 indexed reportQueryId, uint256 timestamp, uint256 answers);

    error NotOwner(address caller);
    error NotOperator(address caller);
    error ReportBudgetSpent(address operator, uint32 reportsPerDay, uint256 until);
    error TransferFailed(address token, address to, uint256 amount);

    function owner() external view returns (address);
    function market() external view returns (address);
    function oracle() external view returns (address);

    /// @return reportsPerDay 0: not an operator
    /// @return usedToday reports of the UTC day that is running
    function operatorOf(address operator) external view returns (uint32 reportsPerDay, uint32 usedToday);

    // -- the owner

    function offerOwnership(address to) external;
    function acceptOwnership() external;
    /// @param reportsPerDay 0 removes the operator at once
    function setOperator(address operator, uint32 reportsPerDay) external;
    /// @notice Takes `amount` of the oracle's token from the owner, by allowance, and stakes it.
    function stake(uint256 amount) external;
    function requestUnstake(uint256 amount) external;
    /// @notice Seven days after the request: takes the stake back into this contract; `sweep` pays it out.
    function withdrawStake() external;
    /// @notice Withdraws this host's account at the market to `to`.
    function withdrawEarnings(address token, uint256 amount, address to) external;
    /// @notice Sends all of a token (0: coin) that lies in this contract to `to`.
    function sweep(address token, address to) external;
    /// @notice Begins a dispute on Governance; the fee comes out of the owner's allowance to this contract.
    function beginDispute(bytes32 queryId, uint256 timestamp) external;

    // -- operators (and the owner)

    function offer(
        uint256 modelId, address token, uint128 price, uint32 maxInputBytes, uint32 exclusiveSeconds,
        uint32 reportWithinSeconds
    ) external;
    function withdrawOffer(uint256 modelId, address token) external;
    function takeOver(bytes32 queryId, IAskMarket.Ask calldata ask) external;
    function decline(bytes32 queryId, IAskMarket.Ask calldata ask, string calldata reason) external;

    /// @notice Delivers; with `report`, also reports the root and seals, in the same transaction. A failing report
    /// (ReportFailed) never undoes the delivery. With `report` false the day's budget is not touched.
    function deliver(
        uint256 batch, bytes32[] calldata queryIds, IAskMarket.Ask[] calldata asks, string[] calldata answers, bool report
    ) external;

    /// @notice Reports and seals what was delivered before. Reverts when the oracle refuses.
    function report(uint256 batch, IAskMarket.SealItem[] calldata items) external;

    /// @notice Delivers, reports (value = abi.encode(answer)) and seals one ask that wants its own report.
    function deliverByReport(bytes32 queryId, IAskMarket.Ask calldata ask, string calldata answer, bytes calldata queryData)
        external;

    function vote(uint256 disputeId, bool inFavor, bool invalidQuery) external;

    // -- anybody

    /// @notice Reports the value of another registered query type (ChatGPTResponse); operators only, counts as a report.
    function reportValue(bytes32 queryId, bytes calldata value, uint256 nonce, bytes calldata queryData) external;
}
