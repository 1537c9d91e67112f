"""One of several steps, by conditions."""

from ._base import Runnable, coerce_to_runnable
from ._config import checked


class RunnableBranch(Runnable):
    """`RunnableBranch((condition, step), …, default)`: the step of the first condition that holds, else the default."""

    def __init__(self, *branches):
        if len(branches) < 2:
            raise ValueError("RunnableBranch requires at least two branches")
        *pairs, default = branches
        if not isinstance(default, (Runnable, dict)) and not callable(default):
            raise TypeError("RunnableBranch default must be Runnable, callable or mapping.")
        for pair in pairs:
            if not isinstance(pair, (tuple, list)):
                raise TypeError(f"RunnableBranch branches must be tuples or lists, not {type(pair)}")
            if len(pair) != 2:
                raise ValueError(f"RunnableBranch branches must be tuples or lists of length 2, not {len(pair)}")
        self.branches = [(coerce_to_runnable(condition), coerce_to_runnable(step)) for condition, step in pairs]
        self.default = coerce_to_runnable(default)

    def invoke(self, input, config=None, **kwargs):
        config = checked(config)
        for condition, step in self.branches:
            if condition.invoke(input, config):
                return step.invoke(input, config, **kwargs)
        return self.default.invoke(input, config, **kwargs)
