// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../../contracts/interfaces/IAskMarket.sol";
import {IHost} from "../../../contracts/interfaces/IHost.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IGenuineFlex, IGenuineGovernance} from "./Tellor.sol";
import {IMarket, IToken} from "./Ours.sol";
import {Vm} from "./Vm.sol";

/// @notice The marketplace on the genuine TellorFlex and Governance, with a seller, an asker, a bot and two hosts.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant STAKE = 100e18;
    /// @dev Enough for a report every 44 seconds.
    uint256 internal constant STAKES = 1000;
    uint256 internal constant LOCK = 12 hours;
    uint128 internal constant ROYALTY = 3e15;
    uint128 internal constant PRICE = 7e15;
    uint128 internal constant TOTAL = ROYALTY + PRICE;
    bytes internal constant SCRIPT = "prompt = 'Answer shortly.'\ninput = 'What is Tellor?'\n";
    string internal constant INPUT = "What is an oracle?";
    string internal constant ANSWER = "Something that tells a chain what it can't see.";

    uint256 internal constant ASKER_KEY = 0xA11CE;
    address internal asker = vm.addr(ASKER_KEY);
    address internal seller = address(0x5E11E4);
    address internal bot = address(0xB07);
    address internal operator = address(0x09E4A704);
    address internal coldOwner = address(0xC01D);
    address internal rival = address(0x41);
    address internal team = address(0x7EA3);
    address internal stranger = address(0x57);

    IToken internal token;
    IGenuineFlex internal flex;
    IGenuineGovernance internal gov;
    IModelRegistry internal registry;
    IMarket internal market;
    IHost internal host;
    uint256 internal modelId;
    bytes32 internal workload;
    uint256 internal askerAccount;
    uint256 private _salt;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = _newToken();
        (flex, gov) = _deployTellor(LOCK);
        registry = _newRegistry(address(flex));
        market = _newMarket(address(flex), address(registry));
        host = _newHost(coldOwner);
        token.transfer(coldOwner, 1_000_000e18);
        vm.startPrank(coldOwner);
        token.approve(address(host), type(uint256).max);
        host.stake(STAKES * STAKE);
        host.setOperator(operator, 1000);
        vm.stopPrank();
        _stake(rival, STAKES * STAKE);

        vm.startPrank(seller);
        workload = registry.publish(SCRIPT);
        modelId = registry.list(workload, address(0), ROYALTY, false, "guide", "{}");
        vm.stopPrank();
        vm.prank(operator);
        host.offer(modelId, address(0), PRICE, 4096, 60, 1 hours);
        vm.prank(rival);
        registry.offer(modelId, address(0), PRICE, 4096, 60, 1 hours);

        askerAccount = uint160(asker);
        vm.deal(asker, 100 ether);
        vm.deal(address(this), 100 ether);
        market.depositCoin{value: 10 ether}(askerAccount);
    }

    /// @notice The oracle's, all of it this contract's.
    function _newToken() internal virtual returns (IToken) {
        return IToken(_ours("LangToken", abi.encode(address(this), 1_000_000_000e18)));
    }

    // -- the genuine contracts

    function _deployTellor(uint256 lock) internal returns (IGenuineFlex f, IGenuineGovernance g) {
        f = IGenuineFlex(
            _create(
                abi.encodePacked(
                    _bytecode("tellorflex/contracts/TellorFlex.sol/TellorFlex.json"),
                    abi.encode(address(token), lock, STAKE, 1e18, STAKE, keccak256("no known preimage"))
                )
            )
        );
        g = IGenuineGovernance(
            _create(
                abi.encodePacked(
                    _bytecode("polygongovernance/contracts/Governance.sol/Governance.json"),
                    abi.encode(address(f), team)
                )
            )
        );
        f.init(address(g));
    }

    function _bytecode(string memory artifact) internal view returns (bytes memory) {
        string memory json = vm.readFile(string.concat("node_modules/usingtellor/artifacts/", artifact));
        return vm.parseJsonBytes(json, ".bytecode");
    }

    // -- ours, from their artifacts: `new` would make the compiler optimise every contract again in each test

    function _newRegistry(address oracle) internal returns (IModelRegistry) {
        return IModelRegistry(_ours("ModelRegistry", abi.encode(oracle)));
    }

    function _newMarket(address oracle, address registry_) internal returns (IMarket) {
        return IMarket(_ours("AskMarket", abi.encode(oracle, registry_)));
    }

    function _newHost(address owner) internal returns (IHost) {
        return IHost(_ours("Host", abi.encode(owner, address(market))));
    }

    function _ours(string memory name, bytes memory arguments) internal returns (address) {
        string memory artifacts = vm.envOr("ARTIFACTS", string(".build/artifacts"));
        string memory json = vm.readFile(string.concat(artifacts, "/contracts/", name, ".sol/", name, ".json"));
        return _create(bytes.concat(vm.parseJsonBytes(json, ".bytecode"), arguments));
    }

    function _create(bytes memory code) internal returns (address a) {
        assembly ("memory-safe") {
            a := create(0, add(code, 0x20), mload(code))
        }
        require(a != address(0), "create failed");
    }

    function _stake(address who, uint256 amount) internal {
        token.transfer(who, amount);
        vm.startPrank(who);
        token.approve(address(flex), amount);
        flex.depositStake(amount);
        vm.stopPrank();
    }

    // -- an ask's life

    function _order() internal returns (IAskMarket.Order memory) {
        return IAskMarket.Order({
            model: modelId,
            workload: workload,
            token: address(0),
            host: address(host),
            maxPrice: TOTAL,
            deadline: uint40(_now() + 10 minutes),
            parent: 0,
            userSalt: bytes32(++_salt),
            soleHost: false,
            byReport: false
        });
    }

    /// @notice The struct that `ask` makes of an order now, on the model of setUp.
    function _askOf(IAskMarket.Order memory o, uint256 account, address opener, bool toWallet)
        internal
        view
        returns (IAskMarket.Ask memory)
    {
        IModelRegistry.Quote memory q = registry.quote(o.model, o.workload, o.token, o.host, bytes(INPUT).length);
        return IAskMarket.Ask({
            account: account,
            opener: opener,
            seller: q.seller,
            host: o.host,
            token: o.token,
            model: o.model,
            hostPrice: q.hostPrice,
            royalty: q.royalty,
            deadline: o.deadline,
            exclusiveUntil: uint40(_now() + q.exclusiveSeconds),
            reportWithin: q.reportWithinSeconds,
            inputBytes: uint32(bytes(INPUT).length),
            soleHost: o.soleHost,
            byReport: o.byReport,
            toWallet: toWallet
        });
    }

    function _ask(IAskMarket.Order memory o) internal returns (bytes32 id, IAskMarket.Ask memory a) {
        a = _askOf(o, askerAccount, asker, false);
        vm.prank(asker);
        id = market.ask(askerAccount, o, INPUT, "", 0);
    }

    function _ask() internal returns (bytes32 id, IAskMarket.Ask memory a) {
        return _ask(_order());
    }

    function _askAndPay() internal returns (bytes32 id, IAskMarket.Ask memory a) {
        IAskMarket.Order memory o = _order();
        a = _askOf(o, askerAccount, asker, true);
        vm.prank(asker);
        id = market.askAndPay{value: TOTAL}(o, INPUT, "");
    }

    function _deliver(uint256 batch, bytes32 id, IAskMarket.Ask memory a, bool report) internal {
        vm.prank(operator);
        host.deliver(batch, _one(id), _one(a), _one(ANSWER), report);
    }

    /// @notice Asked, delivered, reported and sealed.
    function _sealed(uint256 batch) internal returns (bytes32 id, IAskMarket.Ask memory a, bytes32 reportId, uint256 time) {
        (id, a) = _ask();
        _deliver(batch, id, a, true);
        reportId = market.batchQueryIdOf(address(host), batch);
        time = _now();
        _assertState(id, IAskMarket.State.Sealed);
    }

    function _settle(bytes32 reportId, bytes32 id, IAskMarket.Ask memory a) internal returns (uint256) {
        return market.settle(reportId, _settleItem(id, a));
    }

    function _refund(bytes32 id, IAskMarket.Ask memory a, bytes32 answerHash, bytes32 reportId) internal returns (uint256) {
        IAskMarket.RefundItem[] memory items = new IAskMarket.RefundItem[](1);
        items[0] = IAskMarket.RefundItem(id, answerHash, reportId, a);
        return market.refund(items);
    }

    function _settleItem(bytes32 id, IAskMarket.Ask memory a) internal pure returns (IAskMarket.SettleItem[] memory items) {
        items = new IAskMarket.SettleItem[](1);
        items[0] = IAskMarket.SettleItem(id, keccak256(bytes(ANSWER)), a);
    }

    function _sealItem(bytes32 id, IAskMarket.Ask memory a) internal pure returns (IAskMarket.SealItem[] memory items) {
        items = new IAskMarket.SealItem[](1);
        items[0] = IAskMarket.SealItem(id, keccak256(abi.encode(a)), keccak256(bytes(ANSWER)));
    }

    // -- disputes

    function _dispute(address by, bytes32 reportId, uint256 time) internal returns (uint256 id) {
        token.transfer(by, STAKE);
        vm.startPrank(by);
        token.approve(address(gov), STAKE);
        gov.beginDispute(reportId, time);
        vm.stopPrank();
        return gov.getVoteCount();
    }

    function _close(uint256 disputeId) internal {
        vm.warp(_now() + 6 days);
        gov.tallyVotes(disputeId);
        vm.warp(_now() + 1 days);
        gov.executeVote(disputeId);
    }

    // -- small things

    /// @dev The compiler may read block.timestamp once for a whole function; this can't be cached over a warp.
    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function _one(bytes32 x) internal pure returns (bytes32[] memory a) {
        a = new bytes32[](1);
        a[0] = x;
    }

    function _one(string memory x) internal pure returns (string[] memory a) {
        a = new string[](1);
        a[0] = x;
    }

    function _one(IAskMarket.Ask memory x) internal pure returns (IAskMarket.Ask[] memory a) {
        a = new IAskMarket.Ask[](1);
        a[0] = x;
    }

    function _balance(address who) internal view returns (uint256) {
        return market.balanceOf(uint160(who), address(0));
    }

    function _assertState(bytes32 id, IAskMarket.State expected) internal view {
        (IAskMarket.State state,) = market.stateOf(id);
        _eq(uint256(state), uint256(expected), "state");
    }

    function _eq(uint256 a, uint256 b, string memory what) internal pure {
        if (a != b) revert(string.concat(what, ": ", _string(a), " is not ", _string(b)));
    }

    function _eq(bytes32 a, bytes32 b, string memory what) internal pure {
        require(a == b, what);
    }

    function _eq(address a, address b, string memory what) internal pure {
        require(a == b, what);
    }

    function _true(bool a, string memory what) internal pure {
        require(a, what);
    }

    function _string(uint256 value) private pure returns (string memory s) {
        if (value == 0) return "0";
        while (value != 0) {
            s = string.concat(string(abi.encodePacked(bytes1(uint8(48 + value % 10)))), s);
            value /= 10;
        }
    }

    function _bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + x % (high - low + 1);
    }

    /// @notice The reason of the one Skipped event among the recorded logs; 0 when there is none.
    function _skipped() internal returns (bytes4 reason) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IAskMarket.Skipped.selector) reason = abi.decode(logs[i].data, (bytes4));
        }
    }
}
