// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

interface IOracle {
    function getNewValueCountbyQueryId(bytes32 queryId) external view returns (uint256);
    function getTimestampbyQueryIdandIndex(bytes32 queryId, uint256 index) external view returns (uint256);
    function getReporterByTimestamp(bytes32 queryId, uint256 timestamp) external view returns (address);
    function isInDispute(bytes32 queryId, uint256 timestamp) external view returns (bool);
    function getTokenAddress() external view returns (address);
}

interface IMoney {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice What Tellor's Autopay does with one-time tips, as its callers see it; written for tests. Its fee goes to nobody here.
contract TestAutopay {
    struct Tip {
        uint256 amount;
        uint256 timestamp;
        uint256 cumulativeTips;
    }

    event TipAdded(bytes32 indexed _queryId, uint256 indexed _amount, bytes _queryData, address _tipper);
    event OneTimeTipClaimed(bytes32 indexed _queryId, uint256 indexed _amount, address indexed _reporter);

    IOracle private immutable _oracle;
    IMoney public immutable token;
    uint256 public constant fee = 20; // of 1000
    mapping(bytes32 => Tip[]) private _tips;

    constructor(address oracle) {
        _oracle = IOracle(oracle);
        token = IMoney(IOracle(oracle).getTokenAddress());
    }

    function tip(bytes32 _queryId, uint256 _amount, bytes calldata _queryData) external {
        require(_queryId == keccak256(_queryData), "id must be hash of bytes data");
        require(_amount > 0, "tip must be greater than zero");
        Tip[] storage all = _tips[_queryId];
        uint256 count = all.length;
        if (count != 0 && _newest(_queryId) < all[count - 1].timestamp) {
            Tip storage last = all[count - 1];
            last.timestamp = block.timestamp + 1;
            last.amount += _amount;
            last.cumulativeTips += _amount;
        } else {
            uint256 sum = count == 0 ? 0 : all[count - 1].cumulativeTips;
            all.push(Tip(_amount, block.timestamp + 1, sum + _amount));
        }
        require(token.transferFrom(msg.sender, address(this), _amount), "ERC20: transfer amount exceeds balance");
        emit TipAdded(_queryId, _amount, _queryData, msg.sender);
    }

    function claimOneTimeTip(bytes32 _queryId, uint256[] calldata _timestamps) external {
        Tip[] storage all = _tips[_queryId];
        require(all.length > 0, "no tips submitted for this queryId");
        uint256 reward;
        for (uint256 i; i < _timestamps.length; ++i) {
            uint256 time = _timestamps[i];
            require(block.timestamp - time > 12 hours, "buffer time has not passed");
            require(!_oracle.isInDispute(_queryId, time), "value disputed");
            require(msg.sender == _oracle.getReporterByTimestamp(_queryId, time), "msg sender must be reporter address");
            uint256 at = all.length;
            while (at > 1 && all[at - 1].timestamp > time) --at;
            Tip storage earned = all[at - 1];
            require(_undisputedBefore(_queryId, time) < earned.timestamp, "tip earned by previous submission");
            require(time >= earned.timestamp, "timestamp not eligible for tip");
            require(earned.amount > 0, "tip already claimed");
            reward += earned.amount;
            earned.amount = 0;
        }
        require(token.transfer(msg.sender, reward - (reward * fee) / 1000));
        emit OneTimeTipClaimed(_queryId, reward, msg.sender);
    }

    function getCurrentTip(bytes32 _queryId) external view returns (uint256) {
        uint256 count = _tips[_queryId].length;
        if (count == 0) return 0;
        Tip memory last = _tips[_queryId][count - 1];
        return _newest(_queryId) < last.timestamp ? last.amount : 0;
    }

    function getPastTipCount(bytes32 _queryId) external view returns (uint256) {
        return _tips[_queryId].length;
    }

    function getPastTips(bytes32 _queryId) external view returns (Tip[] memory) {
        return _tips[_queryId];
    }

    function getPastTipByIndex(bytes32 _queryId, uint256 _index) external view returns (Tip memory) {
        return _tips[_queryId][_index];
    }

    /// @dev The newest undisputed report's time; where all are disputed, the first one's, as the original has it.
    function _newest(bytes32 queryId) private view returns (uint256 time) {
        uint256 count = _oracle.getNewValueCountbyQueryId(queryId);
        while (count > 0) {
            time = _oracle.getTimestampbyQueryIdandIndex(queryId, --count);
            if (!_oracle.isInDispute(queryId, time)) return time;
        }
    }

    function _undisputedBefore(bytes32 queryId, uint256 before) private view returns (uint256) {
        uint256 count = _oracle.getNewValueCountbyQueryId(queryId);
        while (count > 0) {
            uint256 time = _oracle.getTimestampbyQueryIdandIndex(queryId, --count);
            if (time < before && !_oracle.isInDispute(queryId, time)) return time;
        }
        return 0;
    }
}
