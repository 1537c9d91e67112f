"""The error of a loop that doesn't end."""

from _coverage import guard
from langchain_core._agent import GraphRecursionError

__all__ = ["GraphRecursionError"]
__getattr__ = guard(__name__, __all__)
