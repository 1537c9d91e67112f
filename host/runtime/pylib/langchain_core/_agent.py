"""The loop of a model and its tools."""

from _coverage import NotCoveredArgument
from langchain_core.messages import SystemMessage, ToolMessage, convert_to_messages
from langchain_core.runnables._base import Runnable, coerce_to_runnable
from langchain_core.runnables._config import checked
from langchain_core.tools import BaseTool, tool
from langchain_core.tools._schema import ArgumentError

# The model's turn and the tools' turn count one each, as in LangGraph.
_TURNS = 25


class GraphRecursionError(RecursionError):
    """The model went on asking for tools."""


class Agent(Runnable):
    """`invoke({"messages": […]})` gives the state with all the messages; the last one is the answer."""

    def __init__(self, model, tools, prompt, node, name):
        if isinstance(model, str):
            from langchain.chat_models import init_chat_model

            model = init_chat_model(model)
        if not hasattr(model, "bind_tools"):
            raise TypeError(f"An agent needs a chat model or a model's name, not {type(model).__name__}.")
        self._tools = {one.name: one for one in map(_as_tool, tools)}
        self._model = model.bind_tools(list(self._tools.values())) if self._tools else model
        self._prompt = prompt
        self._node = node
        self.name = name

    def invoke(self, input, config=None, **kwargs):
        state = {}
        for state in self._states(input, config):
            pass
        return state["state"]

    def stream(self, input, config=None, *, stream_mode="updates", **kwargs):
        if stream_mode not in ("updates", "values"):
            raise NotCoveredArgument("stream_mode: covered are 'updates' and 'values'.")
        for step in self._states(input, config):
            if stream_mode == "values":
                yield step["state"]
            elif step["node"] is not None:
                yield {step["node"]: {"messages": step["new"]}}

    def _states(self, input, config):
        """The state at the start and after each turn."""
        turns = checked(config).get("recursion_limit", _TURNS)
        if not isinstance(input, dict) or "messages" not in input:
            raise ValueError('The input of an agent must be a dict with the key messages: {"messages": [("human", text)]}.')
        given = input["messages"]
        messages = convert_to_messages(given if isinstance(given, (list, tuple)) else [given])
        rest = {name: value for name, value in input.items() if name != "messages"}

        def step(node, new):
            messages.extend(new)
            return {"node": node, "new": new, "state": {**rest, "messages": list(messages)}}

        yield step(None, [])
        while True:
            turns = _less(turns)
            answer = self._model.invoke(self._asked({**rest, "messages": list(messages)}))
            yield step(self._node, [answer])
            if not answer.tool_calls:
                return
            turns = _less(turns)
            yield step("tools", [self._called(call) for call in answer.tool_calls])
            if all(call["name"] in self._tools and self._tools[call["name"]].return_direct for call in answer.tool_calls):
                return

    def _asked(self, state):
        if self._prompt is None:
            return state["messages"]
        if isinstance(self._prompt, str):
            return [SystemMessage(content=self._prompt), *state["messages"]]
        if isinstance(self._prompt, SystemMessage):
            return [self._prompt, *state["messages"]]
        return coerce_to_runnable(self._prompt).invoke(state)

    def _called(self, call):
        found = self._tools.get(call["name"])
        if found is None:
            names = ", ".join(self._tools)
            return _error(call, f"Error: {call['name']} is not a valid tool, try one of [{names}].")
        try:
            return found.invoke(call)
        except ArgumentError as error:
            return _error(
                call,
                f"Error invoking tool '{call['name']}' with kwargs {call['args']} with error:\n {error}\n"
                " Please fix the error and try again.",
            )


def _error(call, content):
    return ToolMessage(content=content, name=call["name"], tool_call_id=call["id"], status="error")


def _less(turns):
    if turns <= 0:
        raise GraphRecursionError(
            "Recursion limit reached without hitting a stop condition: the model went on asking for tools. "
            'You can increase the limit by setting the `recursion_limit` config key.'
        )
    return turns - 1


def _as_tool(given):
    if isinstance(given, BaseTool):
        return given
    if isinstance(given, dict) or not callable(given):
        raise NotCoveredArgument("The tools of an agent must be functions or made with @tool.")
    return tool(given)
