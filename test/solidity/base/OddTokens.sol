// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice The kinds of ERC-20 that break naive code. Everybody's balance is set by `give`.
abstract contract OddToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function give(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function _move(address from, address to, uint256 amount, uint256 arrives) internal {
        require(balanceOf[from] >= amount, "balance");
        balanceOf[from] -= amount;
        balanceOf[to] += arrives;
    }

    function _spend(address from, uint256 amount) internal {
        require(allowance[from][msg.sender] >= amount, "allowance");
        allowance[from][msg.sender] -= amount;
    }
}

/// @notice Transfers return nothing, as USDT's do.
contract NoReturnToken is OddToken {
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _spend(from, amount);
        _move(from, to, amount, amount);
    }
}

/// @notice Returns false instead of reverting.
contract FalseToken is OddToken {
    bool public broken;

    function setBroken(bool broken_) external {
        broken = broken_;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (broken || balanceOf[msg.sender] < amount) return false;
        _move(msg.sender, to, amount, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (broken || balanceOf[from] < amount || allowance[from][msg.sender] < amount) return false;
        _spend(from, amount);
        _move(from, to, amount, amount);
        return true;
    }
}

/// @notice One percent of each transfer is burnt.
contract FeeToken is OddToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, amount - amount / 100);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount, amount - amount / 100);
        return true;
    }
}

/// @notice One percent more arrives than was sent.
contract BonusToken is OddToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount, amount + amount / 100);
        return true;
    }
}

/// @notice Answers with a megabyte, or reverts with one, whose copy would cost the caller millions of gas.
contract HugeReturnToken is OddToken {
    bool public reverting;

    function setReverting(bool reverting_) external {
        reverting = reverting_;
    }

    function transfer(address to, uint256 amount) external {
        if (!reverting) _move(msg.sender, to, amount, amount);
        _huge();
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _spend(from, amount);
        _move(from, to, amount, amount);
        _huge();
    }

    function _huge() private view {
        bool failing = reverting;
        assembly {
            mstore(0, 1)
            if failing { revert(0, 100000) }
            return(0, 100000)
        }
    }
}

contract PausedToken is OddToken {
    bool public paused;

    function setPaused(bool paused_) external {
        paused = paused_;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        require(!paused, "paused");
        _move(msg.sender, to, amount, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        require(!paused, "paused");
        _spend(from, amount);
        _move(from, to, amount, amount);
        return true;
    }
}

/// @notice Burns all the gas it is given.
contract GasBurningToken is OddToken {
    bool public burning;

    function setBurning(bool burning_) external {
        burning = burning_;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        while (burning) {}
        _move(msg.sender, to, amount, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount, amount);
        return true;
    }
}

/// @notice Calls back in the middle of each transfer.
abstract contract CallingToken is OddToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, amount);
        _callBack();
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount, amount);
        _callBack();
        return true;
    }

    function _callBack() internal virtual;
}

/// @notice Calls back with whatever it was told to, once.
contract ReentrantToken is CallingToken {
    address public target;
    bytes public data;
    bool public attempted;
    bool public succeeded;
    bytes public result;

    function arm(address target_, bytes calldata data_) external {
        (target, data, attempted, succeeded) = (target_, data_, false, false);
    }

    function _callBack() internal override {
        if (target == address(0)) return;
        address t = target;
        target = address(0);
        attempted = true;
        (succeeded, result) = t.call(data);
    }
}
