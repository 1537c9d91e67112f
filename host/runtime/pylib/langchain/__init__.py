"""The names of the package `langchain` that a workload can use."""

from _coverage import guard

__getattr__ = guard(__name__, (), ("agents", "chat_models", "messages", "tools"))
