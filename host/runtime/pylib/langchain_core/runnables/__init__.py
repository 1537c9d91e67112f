"""Steps of a chain, and how they are put together."""

from _coverage import guard

from ._around import RunnableBinding, RunnableRetry, RunnableWithFallbacks
from ._base import Runnable, RunnableConfig, RunnableSequence, RunnableSerializable
from ._branch import RunnableBranch
from ._function import RunnableGenerator, RunnableLambda, chain
from ._mapping import AddableDict, RunnableAssign, RunnableEach, RunnableParallel, RunnablePassthrough, RunnablePick

RunnableMap = RunnableParallel

__all__ = [
    "AddableDict",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableBranch",
    "RunnableConfig",
    "RunnableEach",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableMap",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableRetry",
    "RunnableSequence",
    "RunnableSerializable",
    "RunnableWithFallbacks",
    "chain",
]
__getattr__ = guard(__name__, __all__)
