// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAccounts} from "../../contracts/interfaces/IAccounts.sol";
import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {Base} from "./base/Base.sol";

/// @notice Everybody at once, at random, over weeks: owners, a bot with an allowance, hosts, disputers and thieves. No call
/// reverts: an actor tries what may fail, and what must fail it tries and checks.
contract Actors is Base {
    struct Made {
        bytes32 id;
        IAskMarket.Ask a;
        bytes32 reportId;
        uint256 ends;
    }

    address[] private _people;
    Made[] private _made;
    uint256 private _batch;
    uint256[] private _disputes;
    mapping(uint256 dispute => uint256 made) private _disputed;
    uint128 private constant PER_PERIOD = 4 * TOTAL;
    uint256 private _periodEndsAt;
    uint256 private _spentInPeriod;

    /// @notice Sent to the market from outside of its ledger.
    uint256 public gifts;
    uint256 public calls;
    uint256 public settledAsks;
    mapping(IAskMarket.State => uint256) public refundsFrom;

    constructor() {
        setUp();
        _people = [asker, seller, stranger, address(host), rival, bot];
        vm.prank(asker);
        market.allow(
            askerAccount,
            bot,
            address(0),
            IAccounts.Allowance(TOTAL + 1e15, PER_PERIOD, 1 days, type(uint40).max, bot, 1e15)
        );
        vm.deal(stranger, 100 ether);
    }

    modifier counted() {
        ++calls;
        _;
    }

    function deposit(uint256 who, uint256 amount) external counted {
        market.depositCoin{value: _bound(amount, 1, 0.01 ether)}(uint160(_person(who)));
    }

    function depositByAddress(uint256 who, uint256 amount) external counted {
        uint256 account = uint160(_person(who));
        payable(market.depositAddressOf(account, bytes32(who % 3))).transfer(_bound(amount, 1, 0.01 ether));
        market.sweep(account, bytes32(who % 3), address(0));
    }

    function withdraw(uint256 who, uint256 amount) external counted {
        address owner = _person(who % 3);
        uint256 balance = _balance(owner);
        if (balance == 0) return;
        vm.prank(owner);
        market.withdraw(uint160(owner), address(0), _bound(amount, 1, balance < 0.02 ether ? balance : 0.02 ether), owner);
    }

    function forceCoin(uint256 amount) external counted {
        amount = _bound(amount, 1, 1000);
        gifts += amount;
        new Bomb{value: amount}(address(market));
    }

    function ask(uint256 kind) external counted {
        (bool soleHost, bool withCall) = (kind & 1 == 1, kind & 2 == 2);
        IAskMarket.Order memory o = _order();
        o.soleHost = soleHost;
        IAskMarket.Ask memory a = _askOf(o, askerAccount, asker, withCall);
        if (!withCall && _balance(asker) < TOTAL) return;
        vm.prank(asker);
        bytes32 id = withCall
            ? market.askAndPay{value: TOTAL}(o, INPUT, "")
            : market.ask(askerAccount, o, INPUT, "", 0);
        _made.push(Made(id, a, 0, 0));
    }

    /// @notice The bot spends within the allowance, and never beyond it.
    function askByBot(uint256 fee) external counted {
        IAskMarket.Order memory o = _order();
        IAskMarket.Ask memory a = _askOf(o, askerAccount, bot, false);
        fee = fee % 2e15;
        uint256 before = _balance(asker);
        vm.prank(bot);
        try market.ask(askerAccount, o, INPUT, "", uint96(fee)) returns (bytes32 id) {
            _made.push(Made(id, a, 0, 0));
            if (_now() >= _periodEndsAt) (_periodEndsAt, _spentInPeriod) = (_now() + 1 days, 0);
            _spentInPeriod += TOTAL + fee;
            _eq(before - _balance(asker), TOTAL + fee, "exactly the price and the fee");
            _true(fee <= 1e15 && _spentInPeriod <= PER_PERIOD, "beyond the allowance");
        } catch {
            _eq(_balance(asker), before, "a refused ask takes nothing");
        }
    }

    /// @notice No key other than the owner's lowers an account.
    function steal(uint256 who, uint256 amount) external counted {
        address thief = _person(who);
        if (thief == asker) return;
        uint256 before = _balance(asker);
        vm.prank(thief);
        (bool ok,) =
            address(market).call(abi.encodeCall(market.withdraw, (askerAccount, address(0), amount, thief)));
        _true(!ok, "withdrew");
        vm.prank(thief);
        (ok,) = address(market)
            .call(
                abi.encodeCall(
                    market.allow,
                    (askerAccount, thief, address(0), IAccounts.Allowance(1 ether, 1 ether, 1, type(uint40).max, thief, 1))
                )
            );
        _true(!ok, "allowed himself");
        _eq(_balance(asker), before, "lowered");
    }

    function deliver(uint256 which, uint256 how) external counted {
        bool report = how & 1 == 1;
        if (_made.length == 0) return;
        Made storage m = _pick(which);
        (IAskMarket.State state,) = market.stateOf(m.id);
        ++_batch;
        if (state == IAskMarket.State.Delivered && m.a.host == address(host)) {
            vm.prank(operator);
            try host.report(_batch, _sealItem(m.id, m.a)) {} catch {}
        } else {
            vm.prank(m.a.host == address(host) ? operator : m.a.host);
            if (m.a.host == address(host)) host.deliver(_batch, _one(m.id), _one(m.a), _one(ANSWER), report);
            else market.deliver(_one(m.id), _one(m.a), _one(ANSWER));
        }
        (IAskMarket.State later,) = market.stateOf(m.id);
        if (later == IAskMarket.State.Sealed && state != later) m.reportId = market.batchQueryIdOf(address(host), _batch);
    }

    function decline(uint256 which) external counted {
        if (_made.length == 0) return;
        Made storage m = _pick(which);
        if (m.a.host != address(host)) return;
        vm.prank(operator);
        try host.decline(m.id, m.a, "no") {} catch {}
    }

    function takeOver(uint256 which) external counted {
        if (_made.length == 0) return;
        Made storage m = _pick(which);
        vm.prank(rival);
        try market.takeOver(m.id, m.a) {
            uint256 half = (m.a.deadline - _now()) / 2;
            m.a.host = rival;
            m.a.exclusiveUntil = uint40(_now() + (half < 60 ? half : 60));
        } catch {}
    }

    function dispute(uint256 which, uint256 vote) external counted {
        if (_made.length == 0) return;
        Made storage m = _pick(which);
        (IAskMarket.State state, uint40 time) = market.stateOf(m.id);
        if (state != IAskMarket.State.Sealed || _now() >= uint256(time) + 12 hours) return;
        if (market.verdictOf(m.reportId, time) != IAskMarket.Verdict.None) return;
        uint256 d = _dispute(stranger, m.reportId, time);
        _disputes.push(d);
        for (uint256 i; i < _made.length; ++i) {
            if (_made[i].id == m.id) _disputed[d] = i;
        }
        if (vote % 3 == 0) {
            vm.prank(operator);
            host.vote(d, false, false);
        } else if (vote % 3 == 1) {
            vm.prank(team);
            gov.vote(d, true, false);
        }
    }

    function closeDispute(uint256 which) external counted {
        if (_disputes.length == 0) return;
        uint256 d = _disputes[which % _disputes.length];
        try gov.tallyVotes(d) {} catch {}
        try gov.executeVote(d) {
            _endSettled(_made[_disputed[d]]);
            _endRefunded(_made[_disputed[d]]);
        } catch {}
    }

    function settle(uint256 which) external counted {
        if (_made.length != 0) _endSettled(_pick(which));
    }

    function refund(uint256 which) external counted {
        if (_made.length != 0) _endRefunded(_pick(which));
    }

    function wait_(uint256 seconds_) external counted {
        uint256[5] memory steps = [uint256(60), 3 minutes, 2 hours, 18 hours, 5 days];
        vm.warp(_now() + _bound(seconds_ >> 8, 1, steps[seconds_ % 5]));
    }

    /// @notice The sum of all accounts and of all asks that still hold money
    function owed() external view returns (uint256 owed_) {
        for (uint256 i; i < _people.length; ++i) {
            owed_ += _balance(_people[i]);
        }
        for (uint256 i; i < _made.length; ++i) {
            (IAskMarket.State state,) = market.stateOf(_made[i].id);
            bool over = state == IAskMarket.State.Settled || state == IAskMarket.State.Refunded;
            _eq(_made[i].ends, over ? 1 : 0, "an ask ends exactly once");
            if (!over) owed_ += TOTAL;
        }
    }

    function holds() external view returns (uint256) {
        return address(market).balance;
    }

    function _endSettled(Made storage m) private {
        uint256 done = _settle(m.reportId, m.id, m.a);
        m.ends += done;
        settledAsks += done;
    }

    function _endRefunded(Made storage m) private {
        (IAskMarket.State state,) = market.stateOf(m.id);
        bool answered = state == IAskMarket.State.Delivered || state == IAskMarket.State.Sealed;
        uint256 done = _refund(m.id, m.a, answered ? keccak256(bytes(ANSWER)) : bytes32(0), m.reportId);
        m.ends += done;
        refundsFrom[state] += done;
    }

    /// @dev Mostly a young ask: old ones are over.
    function _pick(uint256 which) private view returns (Made storage) {
        uint256 among = which % 5 == 0 || _made.length < 4 ? _made.length : 4;
        return _made[_made.length - 1 - (which >> 8) % among];
    }

    function _person(uint256 who) private view returns (address) {
        return _people[who % _people.length];
    }

    receive() external payable {}
}

contract Bomb {
    constructor(address to) payable {
        selfdestruct(payable(to));
    }
}

contract InvariantsTest {
    Actors private _actors;

    function setUp() public {
        _actors = new Actors();
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory t) {
        t = new address[](1);
        t[0] = address(_actors);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory s = new bytes4[](15);
        s[0] = Actors.deposit.selector;
        s[1] = Actors.depositByAddress.selector;
        s[2] = Actors.withdraw.selector;
        s[3] = Actors.forceCoin.selector;
        s[4] = Actors.ask.selector;
        s[5] = Actors.askByBot.selector;
        s[6] = Actors.steal.selector;
        s[7] = Actors.deliver.selector;
        s[8] = Actors.decline.selector;
        s[9] = Actors.takeOver.selector;
        s[10] = Actors.dispute.selector;
        s[11] = Actors.closeDispute.selector;
        s[12] = Actors.settle.selector;
        s[13] = Actors.refund.selector;
        s[14] = Actors.wait_.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_actors), s);
    }

    /// @notice The invariant says something only if the actors get everywhere.
    function test_theActorsGetEverywhere() public {
        bytes4[] memory s = targetSelectors()[0].selectors;
        for (uint256 i; i < 2500; ++i) {
            bytes4 selector = s[uint256(keccak256(abi.encode(i))) % s.length];
            bytes32 r = keccak256(abi.encode(selector, i));
            (bool ok,) = address(_actors).call(abi.encodeWithSelector(selector, r, uint256(r) >> 128));
            require(ok, "an actor reverted");
        }
        require(_actors.settledAsks() > 2, "settled");
        require(_actors.refundsFrom(IAskMarket.State.Open) > 5, "overdue");
        require(_actors.refundsFrom(IAskMarket.State.Declined) > 0, "declined");
        require(_actors.refundsFrom(IAskMarket.State.Delivered) > 0, "not reported");
        require(_actors.refundsFrom(IAskMarket.State.Sealed) > 0, "verdict or backstop");
        require(_actors.holds() == _actors.owed() + _actors.gifts(), "the ledger is off");
    }

    /// @notice What the market holds is what it owes, to the last wei, plus what was forced on it.
    function invariant_holdsExactlyWhatItOwes() public view {
        require(_actors.holds() == _actors.owed() + _actors.gifts(), "the ledger is off");
    }
}
