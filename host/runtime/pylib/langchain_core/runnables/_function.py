"""A function as a step."""

import inspect

import _coroutines
from _coverage import refuse

from ._base import Runnable, added, coerce_to_runnable
from ._config import checked

# A function that returns a chain which holds the function: enough for what anybody writes, and not endless.
_MAX_DEPTH = 25


def is_generator(thing):
    call = getattr(thing, "__call__", None)
    return any(
        test(one) for one in (thing, call) for test in (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    )


def _takes(function, name):
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):  # A builtin such as `len` doesn't tell.
        return False


def _waited(value):
    """The result of what may be a coroutine."""
    if not inspect.isawaitable(value):
        return value
    return _coroutines.run(value)


class RunnableLambda(Runnable):
    """A function of one argument; it may also take `config`. A runnable that it returns is run with the same input."""

    def __init__(self, func, afunc=None, name=None):
        if isinstance(func, Runnable) or not callable(func):
            raise TypeError(
                f"Expected a callable type for `func`. Instead got an unsupported type: {type(func)}"
            )
        self.func = func
        name = name or getattr(func, "__name__", None)
        self.name = None if name == "<lambda>" else name
        self._takes_config = _takes(func, "config")

    def invoke(self, input, config=None, **kwargs):
        config = checked(config)
        value = _waited(self.func(input, **kwargs, **({"config": config} if self._takes_config else {})))
        if inspect.isgenerator(value):
            value = added(value)
        if isinstance(value, Runnable):
            left = config.get("recursion_limit", _MAX_DEPTH)
            if left <= 0:
                raise RecursionError(f"Recursion limit reached when invoking {self!r} with input {input!r}.")
            return value.invoke(input, {**config, "recursion_limit": left - 1})
        return value

    def __eq__(self, other):
        return isinstance(other, RunnableLambda) and self.func == other.func

    __hash__ = None

    def __repr__(self):
        return f"RunnableLambda({self.name or '...'})"


class RunnableGenerator(Runnable):
    """A generator function that takes the pieces of its input and yields those of its output."""

    def __init__(self, transform, atransform=None, *, name=None):
        if not is_generator(transform):
            raise TypeError(f"Expected a generator function type for `transform`. Instead got an unsupported type: {type(transform)}")
        self._transform = transform
        self.name = name or getattr(transform, "__name__", type(self).__name__)

    def invoke(self, input, config=None, **kwargs):
        return added(self.stream(input, config, **kwargs))

    def stream(self, input, config=None, **kwargs):
        checked(config)
        if inspect.isasyncgenfunction(self._transform):
            yield from _waited(_collected(self._transform(_async_pieces(input), **kwargs)))
        else:
            yield from self._transform(iter([input]), **kwargs)

    def __repr__(self):
        return f"RunnableGenerator({self.name})"


async def _async_pieces(input):
    yield input


async def _collected(pieces):
    return [piece async for piece in pieces]


def chain(func=None, **rest):
    """`@chain` makes a step of a function."""
    refuse("chain", rest, ("func",))
    return coerce_to_runnable(func)
