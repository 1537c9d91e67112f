// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The on-chain index of workloads, the models built on them and the hosts' offers to run them
/// @notice A workload is a script, known by the keccak256 of its UTF-8 bytes. A model sells a workload. An offer is a
/// host's promise to run a model at a price. Amounts are in the smallest unit of the token; token 0 is the chain's coin.
interface IModelRegistry {
    /// @param seller who is paid the royalty and may change the model
    /// @param token the one token in which the model is paid, fixed for the model's life; address 0 is the coin
    /// @param version 1 when listed, one more with each update
    /// @param listedHostsOnly true: only hosts that the seller lists may offer and answer
    /// @param retired true: no new asks, for good; open asks live on
    /// @param royalty what the seller gets for each ask, smallest units of `token`
    /// @param workload keccak256 of the script's bytes; published before
    struct Model {
        address seller;
        uint32 version;
        bool listedHostsOnly;
        bool retired;
        address token;
        uint128 royalty;
        bytes32 workload;
    }

    /// @param price for each ask, smallest units of the token, beside the model's royalty
    /// @param maxInputBytes longest input in UTF-8 bytes; above it an ask reverts before any money moves
    /// @param exclusiveSeconds how long after the ask no other host may take over
    /// @param reportWithinSeconds within what time after delivery the answer will stand on the oracle
    struct Offer {
        uint128 price;
        uint32 maxInputBytes;
        uint32 exclusiveSeconds;
        uint32 reportWithinSeconds;
        bool active;
    }

    /// @notice What an ask would be opened with now. Prices in smallest units.
    struct Quote {
        address seller;
        uint128 royalty;
        uint128 hostPrice;
        uint32 exclusiveSeconds;
        uint32 reportWithinSeconds;
    }

    event WorkloadPublished(bytes32 indexed workload, address indexed publisher, uint256 bytesLength);
    event ModelListed(
        uint256 indexed modelId, address indexed seller, bytes32 indexed workload, address token, uint128 royalty,
        bool listedHostsOnly, string name, string metadata
    );
    /// @notice A new version: all that may change, as it is from now on.
    event ModelUpdated(
        uint256 indexed modelId, uint32 version, bytes32 indexed workload, uint128 royalty, bool listedHostsOnly,
        string name, string metadata
    );
    event ModelHandedOver(uint256 indexed modelId, address indexed from, address indexed to);
    event ModelRetired(uint256 indexed modelId);
    event HostListed(uint256 indexed modelId, address indexed host, bool listed);
    event Offered(
        address indexed host, uint256 indexed modelId, address indexed token, uint128 price, uint32 maxInputBytes,
        uint32 exclusiveSeconds, uint32 reportWithinSeconds
    );
    event OfferRemoved(address indexed host, uint256 indexed modelId, address indexed token);

    error ScriptEmpty();
    error ScriptTooLong(uint256 bytesLength, uint256 maxBytes);
    error WorkloadUnknown(bytes32 workload);
    error ModelUnknown(uint256 modelId);
    error ModelIsRetired(uint256 modelId);
    error NotSeller(uint256 modelId, address caller);
    error NameInvalid(uint256 bytesLength, uint256 maxBytes);
    error ZeroAddress();
    error NotStaked(address host, uint256 stakedAmount, uint256 stakeAmount);
    error StillStaked(address host);
    error HostNotListed(uint256 modelId, address host);
    error WrongToken(uint256 modelId, address token, address modelToken);
    error OfferInvalid(uint32 maxInputBytes, uint32 exclusiveSeconds, uint32 reportWithinSeconds);
    error NoOffer(address host, uint256 modelId, address token);
    error InputTooLong(uint256 bytesLength, uint256 maxBytes);
    error WorkloadChanged(uint256 modelId, bytes32 expected, bytes32 current);

    /// @notice Stores a script so that any later block can read it. The same script again changes nothing.
    function publish(bytes calldata script) external returns (bytes32 workload);

    /// @notice The script's bytes. Reverts with WorkloadUnknown.
    function scriptOf(bytes32 workload) external view returns (bytes memory);

    function isPublished(bytes32 workload) external view returns (bool);

    /// @notice Lists a model; ids count from 1. Model 0 is open: any inline script, no royalty, any token.
    /// @param metadata JSON (docs/protocol.md): description, tags, example, turns
    function list(
        bytes32 workload, address token, uint128 royalty, bool listedHostsOnly, string calldata name,
        string calldata metadata
    ) external returns (uint256 modelId);

    /// @notice A new version of the model. Open asks keep the workload and royalty they were opened with.
    function update(
        uint256 modelId, bytes32 workload, uint128 royalty, bool listedHostsOnly, string calldata name,
        string calldata metadata
    ) external;

    function handOver(uint256 modelId, address to) external;
    function retire(uint256 modelId) external;

    /// @notice Who may host; removing a host removes its offer for the model.
    function setHosts(uint256 modelId, address[] calldata hosts, bool listed) external;

    /// @notice The caller, a staked reporter, offers to answer; replaces its earlier offer for the model and token.
    function offer(
        uint256 modelId, address token, uint128 price, uint32 maxInputBytes, uint32 exclusiveSeconds,
        uint32 reportWithinSeconds
    ) external;

    function withdrawOffer(uint256 modelId, address token) external;

    /// @notice Anybody removes the offer of a host whose stake is under the oracle's stake amount.
    function prune(address host, uint256 modelId, address token) external;

    /// @notice The TellorFlex whose stakers may offer.
    function oracle() external view returns (address);

    function modelCount() external view returns (uint256);
    function modelOf(uint256 modelId) external view returns (Model memory);
    function mayHost(uint256 modelId, address host) external view returns (bool);
    function offerOf(address host, uint256 modelId, address token) external view returns (Offer memory);

    /// @notice Whether the host has at least the oracle's stake amount staked.
    function isStaked(address host) external view returns (bool);

    /// @notice What an ask costs now and to whom it goes; reverts with the reason why it can't be asked.
    /// @param workload the hash that the asker saw (for model 0: of the inline script)
    function quote(uint256 modelId, bytes32 workload, address token, address host, uint256 inputBytes)
        external
        view
        returns (Quote memory);

    /// @notice The offer with which `host` may take over an open ask of the model now, retired or not; reverts with the
    /// reason why it may not.
    function quoteTakeOver(uint256 modelId, address token, address host, uint256 inputBytes)
        external
        view
        returns (Offer memory);
}
