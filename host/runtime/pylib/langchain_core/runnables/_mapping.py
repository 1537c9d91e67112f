"""Steps over dicts and lists."""

from ._base import Runnable, coerce_to_runnable
from ._config import checked


class AddableDict(dict):
    """A dict that grows by `+`, as pieces of a stream do."""

    def __add__(self, other):
        result = AddableDict(self)
        for name, value in other.items():
            if result.get(name) is None:
                result[name] = value
            elif value is not None:
                try:
                    result[name] = result[name] + value
                except TypeError:
                    result[name] = value
        return result

    def __radd__(self, other):
        return AddableDict(other) + self


class RunnableParallel(Runnable):
    """Gives each of its steps the same input; the output is a dict of theirs."""

    def __init__(self, steps=None, /, **named):
        self.steps__ = {name: coerce_to_runnable(step) for name, step in {**(steps or {}), **named}.items()}

    def invoke(self, input, config=None, **kwargs):
        config = checked(config)
        return {name: step.invoke(input, config) for name, step in self.steps__.items()}

    def stream(self, input, config=None, **kwargs):
        yield AddableDict(self.invoke(input, config))

    def __repr__(self):
        return "{\n  " + ",\n  ".join(f"{name}: {step!r}" for name, step in self.steps__.items()) + "\n}"


class RunnablePassthrough(Runnable):
    """Hands on its input; `func` may look at it first. `RunnablePassthrough.assign(name=step)` adds to a dict."""

    def __init__(self, func=None, afunc=None):
        self.func = func

    def invoke(self, input, config=None, **kwargs):
        checked(config)
        if self.func is not None:
            coerce_to_runnable(self.func).invoke(input, config, **kwargs)
        return input

    @staticmethod
    def assign(**steps):
        return RunnableAssign(RunnableParallel(steps))

    def __repr__(self):
        return "RunnablePassthrough()"


class RunnableAssign(Runnable):
    """Takes a dict and adds what the steps make of it. Raises ValueError for another input."""

    def __init__(self, mapper):
        self.mapper = mapper

    def invoke(self, input, config=None, **kwargs):
        if not isinstance(input, dict):
            raise ValueError("The input to RunnablePassthrough.assign() must be a dict.")
        return {**input, **self.mapper.invoke(input, config)}

    def __repr__(self):
        return f"RunnableAssign(mapper={self.mapper!r})"


class RunnablePick(Runnable):
    """One value of a dict by its key, or a dict of several; keys that are not there are left out."""

    def __init__(self, keys):
        self.keys = keys

    def invoke(self, input, config=None, **kwargs):
        checked(config)
        if not isinstance(input, dict):
            raise ValueError("The input to RunnablePassthrough.assign() must be a dict.")
        if isinstance(self.keys, str):
            return input.get(self.keys)
        picked = {key: input[key] for key in self.keys if key in input}
        return AddableDict(picked) if picked else None


class RunnableEach(Runnable):
    """The same step for each item of a list."""

    def __init__(self, bound):
        self.bound = bound

    def invoke(self, input, config=None, **kwargs):
        return self.bound.batch(list(input), config, **kwargs)
