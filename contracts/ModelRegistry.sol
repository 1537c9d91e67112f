// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SSTORE2} from "solady/src/utils/SSTORE2.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ITellorFlex} from "./interfaces/ITellorFlex.sol";

/// @title ModelRegistry
contract ModelRegistry is IModelRegistry {
    uint256 public constant MAX_SCRIPT_BYTES = 24_000;
    uint256 private constant MAX_NAME_BYTES = 64;
    uint256 private constant MAX_OFFER_SECONDS = 7 days;

    /// @dev The royalty is split over two slots so that an ask reads three and not four.
    struct StoredModel {
        address seller;
        uint32 version;
        bool listedHostsOnly;
        bool retired;
        uint32 royaltyHigh;
        address token;
        uint96 royaltyLow;
        bytes32 workload;
    }

    /// @inheritdoc IModelRegistry
    address public immutable oracle;
    /// @inheritdoc IModelRegistry
    uint256 public modelCount;

    mapping(bytes32 workload => address pointer) private _scripts;
    mapping(uint256 modelId => StoredModel) private _models;
    mapping(uint256 modelId => mapping(address host => bool)) private _listed;
    mapping(address host => mapping(uint256 modelId => mapping(address token => Offer))) private _offers;

    constructor(address oracle_) {
        oracle = oracle_;
    }

    /// @inheritdoc IModelRegistry
    function publish(bytes calldata script) external returns (bytes32 workload) {
        if (script.length == 0) revert ScriptEmpty();
        if (script.length > MAX_SCRIPT_BYTES) revert ScriptTooLong(script.length, MAX_SCRIPT_BYTES);
        workload = keccak256(script);
        if (_scripts[workload] != address(0)) return workload;
        _scripts[workload] = SSTORE2.write(script);
        emit WorkloadPublished(workload, msg.sender, script.length);
    }

    /// @inheritdoc IModelRegistry
    function list(
        bytes32 workload,
        address token,
        uint128 royalty,
        bool listedHostsOnly,
        string calldata name,
        string calldata metadata
    ) external returns (uint256 modelId) {
        modelId = ++modelCount;
        StoredModel storage m = _models[modelId];
        m.seller = msg.sender;
        m.token = token;
        _write(m, workload, royalty, listedHostsOnly, name);
        emit ModelListed(modelId, msg.sender, workload, token, royalty, listedHostsOnly, name, metadata);
    }

    /// @inheritdoc IModelRegistry
    function update(
        uint256 modelId,
        bytes32 workload,
        uint128 royalty,
        bool listedHostsOnly,
        string calldata name,
        string calldata metadata
    ) external {
        StoredModel storage m = _ownModel(modelId);
        _write(m, workload, royalty, listedHostsOnly, name);
        emit ModelUpdated(modelId, m.version, workload, royalty, listedHostsOnly, name, metadata);
    }

    /// @inheritdoc IModelRegistry
    function handOver(uint256 modelId, address to) external {
        if (to == address(0)) revert ZeroAddress();
        _ownModel(modelId).seller = to;
        emit ModelHandedOver(modelId, msg.sender, to);
    }

    /// @inheritdoc IModelRegistry
    function retire(uint256 modelId) external {
        _ownModel(modelId).retired = true;
        emit ModelRetired(modelId);
    }

    /// @inheritdoc IModelRegistry
    function setHosts(uint256 modelId, address[] calldata hosts, bool listed) external {
        address token = _ownModel(modelId).token;
        for (uint256 i; i < hosts.length; ++i) {
            _listed[modelId][hosts[i]] = listed;
            emit HostListed(modelId, hosts[i], listed);
            if (!listed && _offers[hosts[i]][modelId][token].active) _removeOffer(hosts[i], modelId, token);
        }
    }

    /// @inheritdoc IModelRegistry
    function offer(
        uint256 modelId,
        address token,
        uint128 price,
        uint32 maxInputBytes,
        uint32 exclusiveSeconds,
        uint32 reportWithinSeconds
    ) external {
        if (
            maxInputBytes == 0 || exclusiveSeconds > MAX_OFFER_SECONDS || reportWithinSeconds == 0
                || reportWithinSeconds > MAX_OFFER_SECONDS
        ) revert OfferInvalid(maxInputBytes, exclusiveSeconds, reportWithinSeconds);
        if (modelId != 0) {
            StoredModel storage m = _liveModel(modelId);
            if (m.token != token) revert WrongToken(modelId, token, m.token);
        }
        _requireMayHost(modelId, msg.sender);
        _requireStaked(msg.sender);
        _offers[msg.sender][modelId][token] = Offer(price, maxInputBytes, exclusiveSeconds, reportWithinSeconds, true);
        emit Offered(msg.sender, modelId, token, price, maxInputBytes, exclusiveSeconds, reportWithinSeconds);
    }

    /// @inheritdoc IModelRegistry
    function withdrawOffer(uint256 modelId, address token) external {
        _removeOffer(msg.sender, modelId, token);
    }

    /// @inheritdoc IModelRegistry
    function prune(address host, uint256 modelId, address token) external {
        (uint256 staked, uint256 needed) = _stakeOf(host);
        if (staked >= needed) revert StillStaked(host);
        _removeOffer(host, modelId, token);
    }

    /// @inheritdoc IModelRegistry
    function scriptOf(bytes32 workload) external view returns (bytes memory) {
        address pointer = _scripts[workload];
        if (pointer == address(0)) revert WorkloadUnknown(workload);
        return SSTORE2.read(pointer);
    }

    /// @inheritdoc IModelRegistry
    function isPublished(bytes32 workload) external view returns (bool) {
        return _scripts[workload] != address(0);
    }

    /// @inheritdoc IModelRegistry
    function modelOf(uint256 modelId) external view returns (Model memory) {
        StoredModel storage m = _existing(modelId);
        return Model(m.seller, m.version, m.listedHostsOnly, m.retired, m.token, _royalty(m), m.workload);
    }

    /// @inheritdoc IModelRegistry
    function mayHost(uint256 modelId, address host) public view returns (bool) {
        return modelId == 0 || !_existing(modelId).listedHostsOnly || _listed[modelId][host];
    }

    /// @inheritdoc IModelRegistry
    function offerOf(address host, uint256 modelId, address token) external view returns (Offer memory) {
        return _offers[host][modelId][token];
    }

    /// @inheritdoc IModelRegistry
    function isStaked(address host) external view returns (bool) {
        (uint256 staked, uint256 needed) = _stakeOf(host);
        return staked >= needed;
    }

    /// @inheritdoc IModelRegistry
    function quote(uint256 modelId, bytes32 workload, address token, address host, uint256 inputBytes)
        external
        view
        returns (Quote memory q)
    {
        if (modelId != 0) {
            StoredModel storage m = _liveModel(modelId);
            if (m.workload != workload) revert WorkloadChanged(modelId, workload, m.workload);
            if (m.token != token) revert WrongToken(modelId, token, m.token);
            _requireMayHost(modelId, host);
            q.seller = m.seller;
            q.royalty = _royalty(m);
        }
        Offer memory o = _usableOffer(modelId, token, host, inputBytes);
        q.hostPrice = o.price;
        q.exclusiveSeconds = o.exclusiveSeconds;
        q.reportWithinSeconds = o.reportWithinSeconds;
    }

    /// @inheritdoc IModelRegistry
    function quoteTakeOver(uint256 modelId, address token, address host, uint256 inputBytes)
        external
        view
        returns (Offer memory o)
    {
        _requireMayHost(modelId, host);
        _requireStaked(host);
        o = _usableOffer(modelId, token, host, inputBytes);
    }

    function _write(
        StoredModel storage m,
        bytes32 workload,
        uint128 royalty,
        bool listedHostsOnly,
        string calldata name
    ) private {
        if (_scripts[workload] == address(0)) revert WorkloadUnknown(workload);
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME_BYTES) revert NameInvalid(length, MAX_NAME_BYTES);
        ++m.version;
        m.listedHostsOnly = listedHostsOnly;
        m.royaltyHigh = uint32(royalty >> 96);
        m.royaltyLow = uint96(royalty);
        m.workload = workload;
    }

    function _removeOffer(address host, uint256 modelId, address token) private {
        if (!_offers[host][modelId][token].active) revert NoOffer(host, modelId, token);
        delete _offers[host][modelId][token];
        emit OfferRemoved(host, modelId, token);
    }

    function _royalty(StoredModel storage m) private view returns (uint128) {
        return uint128(m.royaltyHigh) << 96 | m.royaltyLow;
    }

    function _existing(uint256 modelId) private view returns (StoredModel storage m) {
        m = _models[modelId];
        if (m.seller == address(0)) revert ModelUnknown(modelId);
    }

    function _liveModel(uint256 modelId) private view returns (StoredModel storage m) {
        m = _existing(modelId);
        if (m.retired) revert ModelIsRetired(modelId);
    }

    function _ownModel(uint256 modelId) private view returns (StoredModel storage m) {
        m = _liveModel(modelId);
        if (m.seller != msg.sender) revert NotSeller(modelId, msg.sender);
    }

    function _requireMayHost(uint256 modelId, address host) private view {
        if (!mayHost(modelId, host)) revert HostNotListed(modelId, host);
    }

    function _usableOffer(uint256 modelId, address token, address host, uint256 inputBytes)
        private
        view
        returns (Offer memory o)
    {
        o = _offers[host][modelId][token];
        if (!o.active) revert NoOffer(host, modelId, token);
        if (inputBytes > o.maxInputBytes) revert InputTooLong(inputBytes, o.maxInputBytes);
    }

    function _stakeOf(address host) private view returns (uint256 staked, uint256 needed) {
        (, staked,,,,,,,) = ITellorFlex(oracle).getStakerInfo(host);
        needed = ITellorFlex(oracle).getStakeAmount();
    }

    function _requireStaked(address host) private view {
        (uint256 staked, uint256 needed) = _stakeOf(host);
        if (staked < needed) revert NotStaked(host, staked, needed);
    }
}
