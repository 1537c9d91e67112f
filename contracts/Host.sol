// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "./interfaces/IAskMarket.sol";
import {IAutopay} from "./interfaces/IAutopay.sol";
import {IGovernance} from "./interfaces/IGovernance.sol";
import {IHost} from "./interfaces/IHost.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ITellorFlex} from "./interfaces/ITellorFlex.sol";
import {BatchRoot} from "./lib/BatchRoot.sol";
import {Tokens} from "./lib/Tokens.sol";

/// @title Host
contract Host is IHost {
    uint256 private constant MAX_REASON_BYTES = 256;
    bytes32 private constant CHAT_GPT_RESPONSE = keccak256("ChatGPTResponse");
    bytes32 private constant LANG_CHAIN_WORKLOAD = keccak256("LangChainWorkload");

    struct Operator {
        uint32 reportsPerDay;
        uint32 day;
        uint32 usedToday;
    }

    /// @inheritdoc IHost
    address public owner;
    /// @inheritdoc IHost
    address public pendingOwner;
    /// @inheritdoc IHost
    address public autopay;
    /// @inheritdoc IHost
    address public immutable market;
    /// @inheritdoc IHost
    address public immutable oracle;
    address private immutable _registry;
    address private immutable _governance;
    address private immutable _token;

    mapping(address operator => Operator) private _operators;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier onlyOperator() {
        _requireOperator();
        _;
    }

    constructor(address owner_, address market_) {
        if (owner_ == address(0)) revert NotOwner(owner_);
        owner = owner_;
        market = market_;
        oracle = IAskMarket(market_).oracle();
        _registry = IAskMarket(market_).registry();
        _governance = IAskMarket(market_).governance();
        _token = ITellorFlex(oracle).getTokenAddress();
        emit OwnershipTaken(address(0), owner_);
    }

    /// @notice Coin that comes in is the owner's to sweep.
    receive() external payable {}

    /// @inheritdoc IHost
    function operatorOf(address operator) external view returns (uint32 reportsPerDay, uint32 usedToday) {
        Operator memory o = _operators[operator];
        return (o.reportsPerDay, o.day == _today() ? o.usedToday : 0);
    }

    // -- the owner

    /// @inheritdoc IHost
    function setAutopay(address autopay_) external onlyOwner {
        autopay = autopay_;
        emit AutopaySet(autopay_);
    }

    /// @inheritdoc IHost
    function offerOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnershipOffered(to);
    }

    /// @inheritdoc IHost
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotOwner(msg.sender);
        emit OwnershipTaken(owner, msg.sender);
        owner = msg.sender;
        delete pendingOwner;
    }

    /// @inheritdoc IHost
    function setOperator(address operator, uint32 reportsPerDay) external onlyOwner {
        // Today's use stays counted: setting the number again is no way to double it.
        _operators[operator].reportsPerDay = reportsPerDay;
        emit OperatorSet(operator, reportsPerDay);
    }

    /// @inheritdoc IHost
    function stake(uint256 amount) external onlyOwner {
        (,, uint256 locked,,,,,,) = ITellorFlex(oracle).getStakerInfo(address(this));
        uint256 needed = amount > locked ? amount - locked : 0;
        uint256 here = Tokens.balanceOf(_token, address(this));
        if (needed > here) _pullFromOwner(needed - here);
        _approve(oracle, needed);
        ITellorFlex(oracle).depositStake(amount);
    }

    /// @inheritdoc IHost
    function requestUnstake(uint256 amount) external onlyOwner {
        ITellorFlex(oracle).requestStakingWithdraw(amount);
    }

    /// @inheritdoc IHost
    function withdrawStake() external onlyOwner {
        ITellorFlex(oracle).withdrawStake();
    }

    /// @inheritdoc IHost
    function withdrawEarnings(address token, uint256 amount, address to) external onlyOwner {
        IAskMarket(market).withdraw(uint160(address(this)), token, amount, to);
    }

    /// @inheritdoc IHost
    function sweep(address token, address to) external onlyOwner {
        _send(token, to, Tokens.balanceOf(token, address(this)));
    }

    /// @inheritdoc IHost
    function beginDispute(bytes32 queryId, uint256 timestamp) external onlyOwner {
        uint256 fee = _disputeFee(queryId, timestamp);
        _pullFromOwner(fee);
        _approve(_governance, fee);
        IGovernance(_governance).beginDispute(queryId, timestamp);
    }

    // -- operators (and the owner)

    /// @inheritdoc IHost
    function offer(
        uint256 modelId,
        address token,
        uint128 price,
        uint32 maxInputBytes,
        uint32 exclusiveSeconds,
        uint32 reportWithinSeconds
    ) external onlyOperator {
        IModelRegistry(_registry)
            .offer(modelId, token, price, maxInputBytes, exclusiveSeconds, reportWithinSeconds);
    }

    /// @inheritdoc IHost
    function withdrawOffer(uint256 modelId, address token) external onlyOperator {
        IModelRegistry(_registry).withdrawOffer(modelId, token);
    }

    /// @inheritdoc IHost
    function takeOver(bytes32 queryId, IAskMarket.Ask calldata ask) external onlyOperator {
        IAskMarket(market).takeOver(queryId, ask);
    }

    /// @inheritdoc IHost
    function decline(bytes32 queryId, IAskMarket.Ask calldata ask, string calldata reason) external onlyOperator {
        IAskMarket(market).decline(queryId, ask, reason);
    }

    /// @inheritdoc IHost
    function deliver(
        uint256 batch,
        bytes32[] calldata queryIds,
        IAskMarket.Ask[] calldata asks,
        string[] calldata answers,
        bool report_
    ) external onlyOperator {
        (bytes32 root, IAskMarket.SealItem[] memory items) = IAskMarket(market).deliver(queryIds, asks, answers);
        if (!report_ || items.length == 0) return;
        bytes memory queryData = IAskMarket(market).batchQueryDataOf(address(this), batch);
        bytes32 reportQueryId = keccak256(queryData);
        bytes memory failure = _tryReport(reportQueryId, abi.encode(root), queryData);
        if (failure.length == 0) {
            try IAskMarket(market).seal(batch, items) {
                emit Reported(reportQueryId, block.timestamp, items.length);
                return;
            } catch (bytes memory reason) {
                failure = reason;
            }
        }
        emit ReportFailed(reportQueryId, _cut(failure));
    }

    /// @inheritdoc IHost
    function report(uint256 batch, IAskMarket.SealItem[] calldata items) external onlyOperator {
        _useBudget();
        bytes memory queryData = IAskMarket(market).batchQueryDataOf(address(this), batch);
        bytes32 reportQueryId = keccak256(queryData);
        ITellorFlex(oracle).submitValue(reportQueryId, abi.encode(BatchRoot.hash(items)), 0, queryData);
        IAskMarket(market).seal(batch, items);
        emit Reported(reportQueryId, block.timestamp, items.length);
    }

    /// @inheritdoc IHost
    function deliverByReport(
        bytes32 queryId,
        IAskMarket.Ask calldata ask,
        string calldata answer,
        bytes calldata queryData
    ) external onlyOperator {
        (IAskMarket.State state,) = IAskMarket(market).stateOf(queryId);
        IAskMarket.SealItem memory item =
            IAskMarket.SealItem(queryId, keccak256(abi.encode(ask)), keccak256(bytes(answer)));
        if (state == IAskMarket.State.Delivered) {
            // Delivered before: nothing to protect, so that the oracle's refusal is the caller's to see.
            _useBudget();
            ITellorFlex(oracle).submitValue(queryId, abi.encode(answer), 0, queryData);
            IAskMarket(market).sealReport(item);
            emit Reported(queryId, block.timestamp, 1);
            return;
        }
        if (!_deliverOne(queryId, ask, answer)) return;
        bytes memory failure = _tryReport(queryId, abi.encode(answer), queryData);
        if (failure.length == 0) {
            try IAskMarket(market).sealReport(item) {
                emit Reported(queryId, block.timestamp, 1);
                return;
            } catch (bytes memory reason) {
                failure = reason;
            }
        }
        emit ReportFailed(queryId, _cut(failure));
    }

    /// @inheritdoc IHost
    function vote(uint256 disputeId, bool inFavor, bool invalidQuery) external onlyOperator {
        IGovernance(_governance).vote(disputeId, inFavor, invalidQuery);
    }

    /// @inheritdoc IHost
    function tally(uint256 disputeId) external onlyOperator {
        IGovernance(_governance).tallyVotes(disputeId);
    }

    /// @inheritdoc IHost
    function execute(uint256 disputeId) external onlyOperator {
        IGovernance(_governance).executeVote(disputeId);
    }

    /// @inheritdoc IHost
    function reportValue(bytes32 queryId, bytes calldata value, uint256 nonce, bytes calldata queryData)
        external
        onlyOperator
    {
        (string memory queryType,) = abi.decode(queryData, (string, bytes));
        if (keccak256(bytes(queryType)) != CHAT_GPT_RESPONSE) revert QueryTypeNotAllowed(queryType);
        _useBudget();
        ITellorFlex(oracle).submitValue(queryId, value, nonce, queryData);
        emit Reported(queryId, block.timestamp, 0);
    }

    /// @inheritdoc IHost
    function reportTipped(
        bytes32 queryId,
        bytes calldata value,
        uint256 reports,
        bytes calldata queryData,
        uint256 minTip
    ) external onlyOperator {
        (string memory queryType,) = abi.decode(queryData, (string, bytes));
        bytes32 typeHash = keccak256(bytes(queryType));
        if (typeHash != CHAT_GPT_RESPONSE && typeHash != LANG_CHAIN_WORKLOAD) revert QueryTypeNotAllowed(queryType);
        _requireTip(queryId, reports, minTip);
        _useBudget();
        ITellorFlex(oracle).submitValue(queryId, value, 0, queryData);
        emit Reported(queryId, block.timestamp, 0);
    }

    /// @inheritdoc IHost
    function claimTips(bytes32 queryId, uint256[] calldata timestamps) external onlyOperator {
        if (autopay == address(0)) revert NoAutopay();
        IAutopay(autopay).claimOneTimeTip(queryId, timestamps);
    }

    // -- inner

    function _requireTip(bytes32 queryId, uint256 reports, uint256 minTip) private view {
        IAutopay from = IAutopay(autopay);
        if (address(from) == address(0)) revert NoAutopay();
        uint256 made = ITellorFlex(oracle).getNewValueCountbyQueryId(queryId);
        uint256 tips = from.getPastTipCount(queryId);
        if (tips == 0) revert TipChanged(0, 0, made);
        IAutopay.Tip memory tip = from.getPastTipByIndex(queryId, tips - 1);
        if (tip.amount < minTip || tip.timestamp > block.timestamp || made != reports) {
            revert TipChanged(tip.amount, tip.timestamp, made);
        }
    }

    function _deliverOne(bytes32 queryId, IAskMarket.Ask calldata ask, string calldata answer) private returns (bool) {
        bytes32[] memory queryIds = new bytes32[](1);
        IAskMarket.Ask[] memory asks = new IAskMarket.Ask[](1);
        string[] memory answers = new string[](1);
        (queryIds[0], asks[0], answers[0]) = (queryId, ask, answer);
        (, IAskMarket.SealItem[] memory items) = IAskMarket(market).deliver(queryIds, asks, answers);
        return items.length == 1;
    }

    /// @return failure empty when the report stands, else the reason
    function _tryReport(bytes32 queryId, bytes memory value, bytes memory queryData)
        private
        returns (bytes memory failure)
    {
        failure = _spentBudget();
        if (failure.length != 0) return failure;
        try ITellorFlex(oracle).submitValue(queryId, value, 0, queryData) {
            _countReport();
        } catch (bytes memory reason) {
            failure = reason.length == 0 ? bytes("?") : reason;
        }
    }

    function _useBudget() private {
        bytes memory spent = _spentBudget();
        if (spent.length != 0) {
            assembly ("memory-safe") {
                revert(add(spent, 0x20), mload(spent))
            }
        }
        _countReport();
    }

    /// @dev ReportBudgetSpent, encoded, or nothing.
    function _spentBudget() private view returns (bytes memory) {
        Operator memory o = _operators[msg.sender];
        if (msg.sender == owner || o.day != _today() || o.usedToday < o.reportsPerDay) return "";
        uint256 until = (uint256(o.day) + 1) * 1 days;
        return abi.encodeWithSelector(ReportBudgetSpent.selector, msg.sender, o.reportsPerDay, until);
    }

    function _countReport() private {
        if (msg.sender == owner) return;
        Operator storage o = _operators[msg.sender];
        uint32 today = _today();
        (o.day, o.usedToday) = (today, o.day == today ? o.usedToday + 1 : 1);
    }

    function _today() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }

    function _requireOperator() private view {
        if (_operators[msg.sender].reportsPerDay == 0 && msg.sender != owner) revert NotOperator(msg.sender);
    }

    /// @dev As Governance reckons it: a tenth of a stake, doubled with each round, or for the first round with each open
    /// dispute on the query; never more than a stake.
    function _disputeFee(bytes32 queryId, uint256 timestamp) private view returns (uint256) {
        uint256 stakeAmount = ITellorFlex(oracle).getStakeAmount();
        uint256 before = IGovernance(_governance).getVoteRounds(keccak256(abi.encodePacked(queryId, timestamp))).length;
        if (before == 0) before = IGovernance(_governance).getOpenDisputesOnId(queryId);
        return before > 3 ? stakeAmount : stakeAmount / 10 << before;
    }

    function _pullFromOwner(uint256 amount) private {
        if (!Tokens.tryTransferFrom(_token, msg.sender, address(this), amount)) {
            revert TransferFailed(_token, address(this), amount);
        }
    }

    function _approve(address spender, uint256 amount) private {
        if (!Tokens.tryApprove(_token, spender, amount)) revert TransferFailed(_token, spender, amount);
    }

    function _send(address token, address to, uint256 amount) private {
        if (to == address(0) || !Tokens.tryTransfer(token, to, amount, gasleft())) {
            revert TransferFailed(token, to, amount);
        }
    }

    function _cut(bytes memory reason) private pure returns (bytes memory) {
        if (reason.length > MAX_REASON_BYTES) {
            assembly ("memory-safe") {
                mstore(reason, MAX_REASON_BYTES)
            }
        }
        return reason;
    }
}
