// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAskMarket} from "../../contracts/interfaces/IAskMarket.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Base} from "./base/Base.sol";

contract RegistryTest is Base {
    function testFuzz_publishedScriptsAreReadable(bytes calldata script) public {
        vm.assume(script.length != 0);
        bytes32 hash = registry.publish(script);
        _eq(hash, keccak256(script), "hash");
        vm.roll(block.number + 1000);
        _eq(keccak256(registry.scriptOf(hash)), hash, "read back");
        _true(registry.isPublished(hash), "published");
    }

    function test_publishLimits() public {
        bytes memory most = new bytes(24_000);
        bytes32 hash = registry.publish(most);
        _eq(keccak256(registry.scriptOf(hash)), keccak256(most), "24,000 bytes");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ScriptTooLong.selector, 24_001, 24_000));
        registry.publish(new bytes(24_001));
        vm.expectRevert(IModelRegistry.ScriptEmpty.selector);
        registry.publish("");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.WorkloadUnknown.selector, bytes32(uint256(1))));
        registry.scriptOf(bytes32(uint256(1)));
    }

    function test_publishingTwiceChangesNothing() public {
        vm.recordLogs();
        vm.prank(stranger);
        _eq(registry.publish(SCRIPT), workload, "same hash");
        _eq(vm.getRecordedLogs().length, 0, "no event");
    }

    function testFuzz_listUpdateRoundTrip(uint128 royalty, uint128 royalty2, bool listed) public {
        vm.startPrank(seller);
        uint256 id = registry.list(workload, address(token), royalty, listed, "m", "{}");
        IModelRegistry.Model memory m = registry.modelOf(id);
        _true(m.seller == seller && m.version == 1 && m.royalty == royalty && m.token == address(token), "listed");
        _true(m.listedHostsOnly == listed && !m.retired && m.workload == workload, "listed");
        bytes32 other = registry.publish("input = ''");
        registry.update(id, other, royalty2, !listed, "m2", "{}");
        m = registry.modelOf(id);
        _true(m.version == 2 && m.royalty == royalty2 && m.workload == other && m.listedHostsOnly != listed, "updated");
        _true(m.seller == seller && m.token == address(token), "kept");
    }

    function test_onlyTheSellerChangesAModel() public {
        bytes memory refusal = abi.encodeWithSelector(IModelRegistry.NotSeller.selector, modelId, stranger);
        address[] memory hosts = new address[](1);
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        registry.update(modelId, workload, 0, false, "mine", "");
        vm.expectRevert(refusal);
        registry.handOver(modelId, stranger);
        vm.expectRevert(refusal);
        registry.retire(modelId);
        vm.expectRevert(refusal);
        registry.setHosts(modelId, hosts, true);
        vm.stopPrank();
    }

    function test_handOverMovesThePower() public {
        vm.prank(seller);
        vm.expectRevert(IModelRegistry.ZeroAddress.selector);
        registry.handOver(modelId, address(0));
        vm.prank(seller);
        registry.handOver(modelId, stranger);
        vm.prank(stranger);
        registry.update(modelId, workload, 5, false, "theirs", "");
        _eq(registry.modelOf(modelId).royalty, 5, "royalty");
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotSeller.selector, modelId, seller));
        registry.retire(modelId);
    }

    function test_namesAndWorkloadsAreChecked() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NameInvalid.selector, 0, 64));
        registry.list(workload, address(0), 0, false, "", "");
        string memory long = string(new bytes(65));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NameInvalid.selector, 65, 64));
        registry.list(workload, address(0), 0, false, long, "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.WorkloadUnknown.selector, bytes32(0)));
        registry.list(0, address(0), 0, false, "x", "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, 99));
        registry.modelOf(99);
    }

    function test_aRetiredModelTakesNoNewAsksButHonoursOpenOnes() public {
        (bytes32 id, IAskMarket.Ask memory a) = _ask();
        vm.prank(seller);
        registry.retire(modelId);
        bytes memory refusal = abi.encodeWithSelector(IModelRegistry.ModelIsRetired.selector, modelId);
        IAskMarket.Order memory o = _order();
        vm.prank(asker);
        vm.expectRevert(refusal);
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.prank(seller);
        vm.expectRevert(refusal);
        registry.update(modelId, workload, 0, false, "x", "");
        vm.prank(rival);
        vm.expectRevert(refusal);
        registry.offer(modelId, address(0), PRICE, 10, 10, 10);
        _deliver(1, id, a, true);
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 1), id, a), 1, "settled");
        _eq(_balance(seller), ROYALTY, "royalty of an open ask");
    }

    /// @dev "A price or workload changed while the ask is on its way": the asker never pays for what it did not see.
    function test_workloadOrPriceChangedUnderAnAsk() public {
        IAskMarket.Order memory o = _order();
        (bytes32 id, IAskMarket.Ask memory open) = _ask();
        vm.startPrank(seller);
        bytes32 other = registry.publish("prompt = 'Sell, sell, sell.'");
        registry.update(modelId, other, ROYALTY, false, "guide", "{}");
        vm.stopPrank();
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.WorkloadChanged.selector, modelId, workload, other));
        market.ask(askerAccount, o, INPUT, "", 0);

        vm.prank(seller);
        registry.update(modelId, workload, ROYALTY + 1, false, "guide", "{}");
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.PriceAboveMax.selector, TOTAL + 1, TOTAL));
        market.ask(askerAccount, o, INPUT, "", 0);

        vm.prank(seller);
        registry.update(modelId, workload, ROYALTY, false, "guide", "{}");
        vm.prank(operator);
        host.offer(modelId, address(0), PRICE + 1, 4096, 60, 1 hours);
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.PriceAboveMax.selector, TOTAL + 1, TOTAL));
        market.ask(askerAccount, o, INPUT, "", 0);
        _eq(_balance(asker), 10 ether - TOTAL, "nothing was taken");

        // What was open keeps the price it was opened with.
        _deliver(1, id, open, true);
        vm.warp(_now() + 12 hours);
        _settle(market.batchQueryIdOf(address(host), 1), id, open);
        _eq(_balance(address(host)), PRICE, "old price");
    }

    function test_offersNeedStake() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotStaked.selector, stranger, 0, STAKE));
        registry.offer(modelId, address(0), 1, 1, 1, 1);
        _true(registry.isStaked(rival) && !registry.isStaked(stranger), "isStaked");
    }

    function testFuzz_offerTerms(uint128 price, uint32 maxInput, uint32 exclusive, uint32 within) public {
        bool good = maxInput != 0 && exclusive <= 7 days && within != 0 && within <= 7 days;
        vm.prank(rival);
        if (!good) {
            vm.expectRevert(
                abi.encodeWithSelector(IModelRegistry.OfferInvalid.selector, maxInput, exclusive, within)
            );
        }
        registry.offer(modelId, address(0), price, maxInput, exclusive, within);
        if (!good) return;
        IModelRegistry.Offer memory o = registry.offerOf(rival, modelId, address(0));
        _true(o.active && o.price == price && o.maxInputBytes == maxInput, "stored");
        _true(o.exclusiveSeconds == exclusive && o.reportWithinSeconds == within, "stored");
    }

    function test_offerForTheWrongToken() public {
        vm.prank(rival);
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.WrongToken.selector, modelId, address(token), address(0))
        );
        registry.offer(modelId, address(token), 1, 1, 1, 1);
        IAskMarket.Order memory o = _order();
        o.token = address(token);
        vm.prank(asker);
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.WrongToken.selector, modelId, address(token), address(0))
        );
        market.ask(askerAccount, o, INPUT, "", 0);
    }

    function test_withdrawnAtOnce() public {
        vm.startPrank(rival);
        registry.withdrawOffer(modelId, address(0));
        bytes memory refusal = abi.encodeWithSelector(IModelRegistry.NoOffer.selector, rival, modelId, address(0));
        vm.expectRevert(refusal);
        registry.withdrawOffer(modelId, address(0));
        vm.stopPrank();
        IAskMarket.Order memory o = _order();
        o.host = rival;
        vm.prank(asker);
        vm.expectRevert(refusal);
        market.ask(askerAccount, o, INPUT, "", 0);
    }

    function test_pruneOnlyWithoutStake() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.StillStaked.selector, rival));
        registry.prune(rival, modelId, address(0));
        vm.prank(rival);
        flex.requestStakingWithdraw((STAKES - 1) * STAKE + 1);
        vm.prank(stranger);
        registry.prune(rival, modelId, address(0));
        _true(!registry.offerOf(rival, modelId, address(0)).active, "gone");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NoOffer.selector, rival, modelId, address(0)));
        registry.prune(rival, modelId, address(0));
    }

    function test_theSellersListOfHosts() public {
        vm.prank(seller);
        registry.update(modelId, workload, ROYALTY, true, "guide", "{}");
        _true(!registry.mayHost(modelId, rival) && registry.mayHost(0, rival), "listed only");
        bytes memory refusal = abi.encodeWithSelector(IModelRegistry.HostNotListed.selector, modelId, address(host));
        IAskMarket.Order memory o = _order();
        vm.prank(asker);
        vm.expectRevert(refusal);
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.prank(operator);
        vm.expectRevert(refusal);
        host.offer(modelId, address(0), PRICE, 4096, 60, 1 hours);

        address[] memory hosts = new address[](2);
        (hosts[0], hosts[1]) = (address(host), stranger);
        vm.prank(seller);
        registry.setHosts(modelId, hosts, true);
        vm.prank(asker);
        market.ask(askerAccount, o, INPUT, "", 0);
        vm.prank(seller);
        registry.setHosts(modelId, hosts, false);
        _true(!registry.offerOf(address(host), modelId, address(0)).active, "delisting deletes the offer");
        _true(registry.offerOf(rival, modelId, address(0)).active, "of no other host");
    }

    function test_inputTooLongRevertsBeforeMoneyMoves() public {
        vm.prank(operator);
        host.offer(modelId, address(0), PRICE, 5, 60, 1 hours);
        IAskMarket.Order memory o = _order();
        vm.prank(asker);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InputTooLong.selector, bytes(INPUT).length, 5));
        market.ask(askerAccount, o, INPUT, "", 0);
        _eq(_balance(asker), 10 ether, "nothing was taken");
    }

    function test_modelZeroRunsAnInlineScript() public {
        vm.prank(operator);
        host.offer(0, address(0), PRICE, 4096, 60, 1 hours);
        IAskMarket.Order memory o = _order();
        o.model = 0;
        bytes memory script = "prompt = 'inline'\ninput = ''";
        o.workload = keccak256(script);
        vm.startPrank(asker);
        bytes32 id = market.ask(askerAccount, o, INPUT, script, 0);
        _assertState(id, IAskMarket.State.Open);
        _eq(_balance(asker), 10 ether - PRICE, "no royalty");
        o.userSalt = "again";
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ScriptMismatch.selector, o.workload, keccak256("else")));
        market.ask(askerAccount, o, INPUT, "else", 0);
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ScriptMismatch.selector, o.workload, keccak256("")));
        market.ask(askerAccount, o, INPUT, "", 0);
        bytes memory long = new bytes(24_001);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ScriptTooLong.selector, 24_001, 24_000));
        market.ask(askerAccount, o, INPUT, long, 0);
        o.model = modelId;
        vm.expectRevert(abi.encodeWithSelector(IAskMarket.ScriptMismatch.selector, o.workload, keccak256(script)));
        market.ask(askerAccount, o, INPUT, script, 0);
        vm.stopPrank();
    }

    function test_aRoyaltyOfZeroIsSharing() public {
        vm.prank(seller);
        registry.update(modelId, workload, 0, false, "guide", "{}");
        (bytes32 id, IAskMarket.Ask memory a,,) = _sealed(7);
        vm.warp(_now() + 12 hours);
        _eq(_settle(market.batchQueryIdOf(address(host), 7), id, a), 1, "settled");
        _eq(_balance(seller), 0, "nothing for the seller");
    }
}
