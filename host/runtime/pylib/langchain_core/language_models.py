"""Chat models. None of them reaches a provider from here: each call is handed to the host, whose own provider answers."""

import json

import _coroutines
from _coverage import WHERE, NotCoveredArgument, guard, refuse
from langchain_core.exceptions import ModelCallError
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables._base import Runnable
from langchain_core.runnables._config import checked

# What a call may set, under the names that the packages use for it -> the host's name.
SETTINGS = {
    "model": "model",
    "model_name": "model",
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "num_predict": "max_tokens",
    "top_p": "top_p",
    "stop": "stop",
    "stop_sequences": "stop",
    "seed": "seed",
}

# Taken and of no effect: the host pays with its own key, waits and tries again by its own settings, and traces nothing.
IGNORED = (
    "api_key",
    "openai_api_key",
    "anthropic_api_key",
    "google_api_key",
    "organization",
    "openai_organization",
    "timeout",
    "request_timeout",
    "default_request_timeout",
    "max_retries",
    "streaming",
    "disable_streaming",
    "stream_usage",
    "verbose",
    "tags",
    "metadata",
    "name",
)

_OWN_PROVIDER = "the host's own provider makes the call, never another server. Leave it out."
REFUSED = dict.fromkeys(
    (
        "base_url",
        "openai_api_base",
        "anthropic_api_url",
        "openai_proxy",
        "anthropic_proxy",
        "default_headers",
        "default_query",
        "extra_headers",
        "http_client",
        "http_async_client",
        "client_kwargs",
        "client_options",
        "transport",
        "callbacks",
        "cache",
        "rate_limiter",
    ),
    _OWN_PROVIDER,
) | {"callbacks": "nothing is called back here.", "cache": "nothing is kept here from one run to the next."}

_COVERED = (*SETTINGS, *IGNORED, "model_kwargs")


def settings_of(owner, given):
    """The host's settings from keyword arguments. Raises NotCoveredArgument for others."""
    settings = {}
    for name, value in given.items():
        if name in IGNORED or value is None:
            continue
        if name == "model_kwargs":
            settings |= settings_of(f"{owner}.model_kwargs", value)
        elif name in SETTINGS:
            settings[SETTINGS[name]] = _plain(owner, name, value)
        elif not (name in ("callbacks", "cache") and not value):
            refuse(owner, {name: value}, _COVERED, REFUSED)
    return settings


def _plain(owner, name, value):
    if name in ("stop", "stop_sequences"):
        return [value] if isinstance(value, str) else list(value)
    if not isinstance(value, (str, int, float)):
        raise TypeError(f"{owner}: {name} must be a text or a number, not {type(value).__name__}.")
    return value


class BaseChatModel(Runnable):
    """`model.invoke("text")`, a list of messages or a prompt's value; an AIMessage comes back.

    Raises ModelCallError when the host's provider gave no answer."""

    def __init__(self, model=None, **given):
        if model is not None:
            given["model"] = model
        self._settings = settings_of(type(self).__name__, given)

    def invoke(self, input, config=None, *, stop=None, **kwargs):
        checked(config)
        return AIMessage(**self._call(input, {**kwargs, "stop": stop}))

    def stream(self, input, config=None, *, stop=None, **kwargs):
        checked(config)
        yield AIMessageChunk(**self._call(input, {**kwargs, "stop": stop}))

    def _call(self, input, kwargs):
        tools, choice = kwargs.pop("tools", None), kwargs.pop("tool_choice", None)
        request = {"type": "model", **self._settings, **settings_of(type(self).__name__, kwargs)}
        request["messages"] = [_sent(message) for message in _messages_of(input)]
        if tools:
            from langchain_core.tools import described

            request["tools"] = [described(tool) for tool in tools]
            if choice is not None:
                request["tool_choice"] = _choice(choice)
        reply = _exchange(request)
        usage = reply.get("usage")
        return {
            "content": reply["content"],
            "tool_calls": reply.get("tool_calls") or [],
            "invalid_tool_calls": [
                {"type": "invalid_tool_call", "error": "The arguments are no JSON object.", **call}
                for call in reply.get("invalid_tool_calls") or []
            ],
            "response_metadata": {"finish_reason": reply["finish"]} if "finish" in reply else {},
            "usage_metadata": usage,
        }

    def bind_tools(self, tools, *, tool_choice=None, strict=None, parallel_tool_calls=None, **kwargs):
        """This model with tools: functions, tools, TypedDicts or JSON Schema dicts that it may ask to be called."""
        from langchain_core.tools import described

        # Described now, so that a tool that can't be is named here.
        kwargs["tools"] = [described(tool) for tool in tools]
        return self.bind(**kwargs, **({} if tool_choice is None else {"tool_choice": tool_choice}))

    def with_structured_output(self, schema, *, method=None, include_raw=False, strict=None, **rest):
        """A step whose output is a dict of the form `schema`: a JSON Schema dict with a title, or a TypedDict."""
        refuse("with_structured_output", rest, ("schema", "method", "include_raw", "strict"))
        from langchain_core._structured import structured

        return structured(self, schema, method, include_raw)

    @property
    def model_name(self):
        return self._settings.get("model")

    model = model_name

    def __repr__(self):
        settings = ", ".join(f"{name}={value!r}" for name, value in self._settings.items())
        return f"{type(self).__name__}({settings})"


def _messages_of(input):
    if isinstance(input, PromptValue):
        return input.to_messages()
    if isinstance(input, str):
        return [HumanMessage(content=input)]
    if isinstance(input, (list, tuple)):
        return convert_to_messages(input)
    raise ValueError(
        f"Invalid input type {type(input)}. Must be a PromptValue, str, or list of BaseMessages."
    )


def _sent(message):
    """A message as the host takes it."""
    sent = {"role": "ai" if isinstance(message, AIMessage) else message.type, "content": _text_of(message)}
    if sent["role"] == "ai" and message.tool_calls:
        sent["tool_calls"] = [{name: call[name] for name in ("id", "name", "args")} for call in message.tool_calls]
    if sent["role"] == "tool":
        sent["tool_call_id"] = message.tool_call_id
    return sent


def _text_of(message):
    for block in message.content if isinstance(message.content, list) else ():
        if not isinstance(block, str) and not (isinstance(block, dict) and block.get("type") == "text"):
            kind = block.get("type") if isinstance(block, dict) else type(block).__name__
            raise NotCoveredArgument(
                f"{type(message).__name__}: a content block of the type {kind!r} is not covered in a workload. "
                f"Covered: text. {WHERE}"
            )
    return str(message.text)


def _choice(choice):
    if choice is True or choice in ("any", "required"):
        return "any"
    if isinstance(choice, dict):
        choice = choice.get("function", choice).get("name")
    if not isinstance(choice, str):
        raise NotCoveredArgument("tool_choice: covered are 'auto', 'none', 'any' and the name of a tool.")
    return choice


def _exchange(request):
    import _bridge

    try:
        text = json.dumps(request, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"What goes to the model must be plain JSON: {error}.") from None
    with _coroutines.outside():
        reply = json.loads(_bridge.call(text))
    if not reply["ok"]:
        raise ModelCallError(reply["code"], reply["message"])
    return reply


BaseLanguageModel = BaseChatModel
__all__ = ["BaseChatModel", "BaseLanguageModel"]
__getattr__ = guard(__name__, __all__)
