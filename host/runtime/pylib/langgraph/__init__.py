"""The names of the package `langgraph` that a workload can use."""

from _coverage import guard

__getattr__ = guard(__name__, (), ("errors", "prebuilt"))
