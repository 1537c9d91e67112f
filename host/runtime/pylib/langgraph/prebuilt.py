"""`create_react_agent`, the older name of the ready loop."""

from _coverage import guard, refuse
from langchain_core._agent import Agent


def create_react_agent(model, tools, *, prompt=None, name=None, **rest):
    """An agent; `prompt` may be a text, a system message, or a step from the state to messages."""
    refuse("create_react_agent", {key: value for key, value in rest.items() if value}, ("model", "tools", "prompt", "name"))
    return Agent(model, tools, prompt, "agent", name)


__all__ = ["create_react_agent"]
__getattr__ = guard(__name__, __all__)
