"""The ready loop: a model that asks for tools, and their results, until it answers."""

from _coverage import guard, refuse
from langchain_core._agent import Agent

_COVERED = ("model", "tools", "system_prompt", "name")
_INERT = ("checkpointer", "store", "debug", "cache", "interrupt_before", "interrupt_after")


def create_agent(model, tools=None, *, system_prompt=None, middleware=(), name=None, **rest):
    """An agent: `create_agent(model, [tool]).invoke({"messages": [("human", text)]})["messages"][-1].content`."""
    given = {key: value for key, value in rest.items() if value and not (key in _INERT and value is True)}
    refuse("create_agent", {**({"middleware": middleware} if middleware else {}), **given}, _COVERED)
    return Agent(model, tools or [], system_prompt, "model", name)


__all__ = ["create_agent"]
__getattr__ = guard(__name__, __all__)
