// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "./IAskMarket.sol";

/// @title A reporter whose stake and earnings a stolen operator key can't withdraw
/// @notice The cold owner holds stake and earnings. Hot operators may only offer, take over, decline, deliver, report and seal
/// within a number of reports a day, and vote. That number is what a thief of an operator key can cost: a stake for each report
/// of junk, which Tellor pays to whoever disputed it, and that may be the thief.
interface IHost {
    event OperatorSet(address indexed operator, uint32 reportsPerDay);
    event OwnershipOffered(address indexed to);
    event OwnershipTaken(address indexed from, address indexed to);
    /// @notice The delivery stands, the report could not be made now; `reason` is the revert data, at most 256 bytes.
    event ReportFailed(bytes32 indexed reportQueryId, bytes reason);
    event Reported(bytes32 indexed reportQueryId, uint256 timestamp, uint256 answers);
    /// @notice The owner named the Autopay that operators may answer tips of; 0: none.
    event AutopaySet(address autopay);

    error NotOwner(address caller);
    error NotOperator(address caller);
    error ReportBudgetSpent(address operator, uint32 reportsPerDay, uint256 until);
    error TransferFailed(address token, address to, uint256 amount);
    error QueryTypeNotAllowed(string queryType);
    /// @notice The owner set no Autopay.
    error NoAutopay();
    /// @notice The tip is not what the operator saw: less, already earned by another report, or too new for this second.
    /// @param amount of the newest tip, smallest units; 0: none, or claimed
    /// @param timestamp a report earns it from this second on
    /// @param reports how many the query has had, disputed ones too
    error TipChanged(uint256 amount, uint256 timestamp, uint256 reports);

    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function market() external view returns (address);
    function oracle() external view returns (address);
    /// @notice Tellor's Autopay that operators may answer tips of; 0: none.
    function autopay() external view returns (address);

    /// @return reportsPerDay 0: not an operator
    /// @return usedToday reports of the UTC day that is running
    function operatorOf(address operator) external view returns (uint32 reportsPerDay, uint32 usedToday);

    // -- the owner

    /// @notice Names Tellor's Autopay; 0 ends it. Tips come to this contract, for the owner to `sweep`.
    /// @dev Nothing is checked of the address. It is called with `claimOneTimeTip` and read with `getPastTipCount` and
    /// `getPastTipByIndex`, by static call; it gets no approval, no coin and no right here. One that lies about tips can make an
    /// honest operator report for nothing, within the number of reports a day.
    function setAutopay(address autopay) external;
    /// @notice Nothing changes until `to` accepts.
    function offerOwnership(address to) external;
    function acceptOwnership() external;
    /// @param reportsPerDay 0 removes the operator at once
    function setOperator(address operator, uint32 reportsPerDay) external;
    /// @notice Stakes `amount` of the oracle's token: first what waits to be unstaked, then what lies in this contract (a stake
    /// that came back from a dispute), the rest from the owner by allowance.
    function stake(uint256 amount) external;
    function requestUnstake(uint256 amount) external;
    /// @notice Seven days after the request: takes the stake back into this contract; `sweep` pays it out.
    function withdrawStake() external;
    /// @notice Withdraws this host's account at the market to `to`.
    function withdrawEarnings(address token, uint256 amount, address to) external;
    /// @notice Sends all of a token (0: coin) that lies in this contract to `to`.
    function sweep(address token, address to) external;
    /// @notice Begins a dispute, or its next round, on Governance. The fee comes out of the owner's allowance to this contract;
    /// one that is won back comes to this contract: `sweep` pays it out.
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
    /// (ReportFailed) never undoes the delivery. With `report` false the day's budget is not touched. Out of gas is a failure of
    /// the report as well: eth_estimateGas finds the gas of a delivery alone, so give more.
    function deliver(
        uint256 batch, bytes32[] calldata queryIds, IAskMarket.Ask[] calldata asks, string[] calldata answers, bool report
    ) external;

    /// @notice Reports and seals what was delivered before. Reverts when the oracle refuses.
    function report(uint256 batch, IAskMarket.SealItem[] calldata items) external;

    /// @notice Delivers, reports (value = abi.encode(answer)) and seals one ask that wants its own report. A failing report
    /// (ReportFailed) never undoes the delivery: call it again, then it only reports and seals, and reverts when the oracle
    /// refuses.
    function deliverByReport(bytes32 queryId, IAskMarket.Ask calldata ask, string calldata answer, bytes calldata queryData)
        external;

    function vote(uint256 disputeId, bool inFavor, bool invalidQuery) external;

    /// @notice Counts the votes once the round's time is over. Anybody may do it on Governance itself.
    function tally(uint256 disputeId) external;

    /// @notice Executes the verdict a day after the tally. Anybody may do it on Governance itself.
    function execute(uint256 disputeId) external;

    /// @notice Reports the value of a query tipped on Autopay, of the types LangChainWorkload and ChatGPTResponse, and reverts unless
    /// the newest tip is at least `minTip`, is due in this second, and the query has had exactly `reports` reports. So nobody can
    /// make a report worthless by tipping or reporting just before it. Counts as a report.
    /// @dev These guards are for the operator's sake: a thief of his key can tip one unit himself. The day's number bounds him.
    /// @param value abi.encode(answer)
    /// @param reports how many the operator saw, disputed ones too
    /// @param queryData the oracle refuses it unless `queryId` is its hash
    /// @param minTip smallest units of Autopay's token, before its fee
    function reportTipped(bytes32 queryId, bytes calldata value, uint256 reports, bytes calldata queryData, uint256 minTip)
        external;

    /// @notice Claims the tips of this contract's reports, 12 hours after them. Autopay pays them to this contract, whoever calls.
    /// @param timestamps of the reports, unix seconds
    function claimTips(bytes32 queryId, uint256[] calldata timestamps) external;

    /// @notice Reports the value of Tellor's registered type ChatGPTResponse, no other; counts as a report.
    function reportValue(bytes32 queryId, bytes calldata value, uint256 nonce, bytes calldata queryData) external;
}
