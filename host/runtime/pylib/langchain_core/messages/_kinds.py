"""The kinds of messages."""

from _coverage import refuse

ToolCall = dict


def tool_call(*, name, args, id):
    """A call of a tool that a model asks for."""
    return {"name": name, "args": args, "id": id, "type": "tool_call"}


class _Text(str):
    """`message.text`, which older scripts call as `message.text()`."""

    def __call__(self):
        return str(self)


def _title(text):
    padded = f" {text} "
    bar = "=" * ((80 - len(padded)) // 2)
    return f"{bar}{padded}{bar}{'=' * (len(padded) % 2)}"


class BaseMessage:
    """`content` is a text, or a list of texts and content blocks."""

    type = "base"
    _fields = ("additional_kwargs", "response_metadata", "name", "id")
    _shown = ("additional_kwargs", "response_metadata")

    def __init__(self, content=None, content_blocks=None, **fields):
        fields.pop("type", None)
        example = fields.pop("example", None)
        refuse(type(self).__name__, {name: 0 for name in fields if name not in self._fields}, ("content", *self._fields))
        if example:
            refuse(type(self).__name__, {"example": example}, ("content", *self._fields))
        content = content_blocks if content_blocks is not None else content
        if not isinstance(content, (str, list)):
            raise ValueError(
                f"The content of a {type(self).__name__} must be a text or a list, not {type(content).__name__}."
            )
        self.content = content
        self.additional_kwargs = dict(fields.get("additional_kwargs") or {})
        self.response_metadata = dict(fields.get("response_metadata") or {})
        self.name = fields.get("name")
        self.id = fields.get("id")

    @property
    def text(self):
        if isinstance(self.content, str):
            return _Text(self.content)
        parts = (block if isinstance(block, str) else block.get("text", "") for block in self.content if _is_text(block))
        return _Text("".join(parts))

    def pretty_repr(self, html=False, verbose=False):
        name = "" if self.name is None else f"\nName: {self.name}"
        body = self.content if isinstance(self.content, str) else str(self.text)
        return f"{_title(self.type.title() + ' Message')}{name}\n\n{body}"

    def pretty_print(self):
        print(self.pretty_repr())

    def model_dump(self):
        return {"content": self.content, **{name: getattr(self, name) for name in self._fields}, "type": self.type}

    def model_copy(self, *, update=None, deep=False):
        import copy

        other = copy.deepcopy(self) if deep else copy.copy(self)
        vars(other).update(update or {})
        return other

    def __add__(self, other):
        from langchain_core.prompts import ChatPromptTemplate

        return ChatPromptTemplate([self]) + other

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def _parts(self):
        yield "content", self.content
        for name in self._fields:
            value = getattr(self, name)
            if value or name in self._shown:
                yield name, value

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._parts())})"

    def __str__(self):
        return " ".join(f"{name}={value!r}" for name, value in self._parts())


def _is_text(block):
    return isinstance(block, str) or (isinstance(block, dict) and block.get("type") == "text")


class HumanMessage(BaseMessage):
    """From the person who asks."""

    type = "human"


class SystemMessage(BaseMessage):
    """What the model is told about its task."""

    type = "system"


class AIMessage(BaseMessage):
    """From the model. `tool_calls`: the tools that it asks for."""

    type = "ai"
    _fields = (*BaseMessage._fields, "tool_calls", "invalid_tool_calls", "usage_metadata")

    def __init__(self, content="", content_blocks=None, **fields):
        super().__init__(content, content_blocks, **fields)
        self.tool_calls = [_checked_call(call) for call in fields.get("tool_calls") or []]
        self.invalid_tool_calls = list(fields.get("invalid_tool_calls") or [])
        self.usage_metadata = fields.get("usage_metadata")

    def pretty_repr(self, html=False, verbose=False):
        base = super().pretty_repr().strip()
        if not self.tool_calls:
            return base
        lines = ["Tool Calls:"]
        for call in self.tool_calls:
            lines += [f"  {call['name']} ({call['id']})", f" Call ID: {call['id']}", "  Args:"]
            lines += [f"    {name}: {value}" for name, value in call["args"].items()]
        return "\n".join([base, *lines])


def _checked_call(call):
    if not isinstance(call, dict) or not isinstance(call.get("name"), str) or not isinstance(call.get("args"), dict):
        raise ValueError(f"A tool call must be a dict with the keys name, args and id, not {call!r}.")
    return tool_call(name=call["name"], args=call["args"], id=call.get("id"))


class ToolMessage(BaseMessage):
    """What a tool returned, for the call `tool_call_id`. `artifact` stays in the script and never reaches the model."""

    type = "tool"
    _fields = (*BaseMessage._fields, "tool_call_id", "artifact", "status")

    def __init__(self, content=None, content_blocks=None, **fields):
        if "tool_call_id" not in fields:
            raise ValueError("A ToolMessage needs tool_call_id, the id of the call that it answers.")
        if isinstance(content, tuple):
            content = list(content)
        elif not isinstance(content, (str, list, type(None))):
            content = str(content)
        super().__init__(content, content_blocks, **fields)
        self.tool_call_id = str(fields["tool_call_id"])
        self.artifact = fields.get("artifact")
        self.status = fields.get("status", "success")

    def _parts(self):
        return ((name, value) for name, value in super()._parts() if (name, value) != ("status", "success"))


class BaseMessageChunk(BaseMessage):
    """A piece of a message; pieces are added."""


class AIMessageChunk(AIMessage, BaseMessageChunk):
    """A piece of what a model writes; pieces are added."""

    type = "AIMessageChunk"

    def __add__(self, other):
        if not isinstance(other, AIMessageChunk):
            raise TypeError(
                f'unsupported operand type(s) for +: "{type(self).__name__}" and "{type(other).__name__}"'
            )
        return AIMessageChunk(
            content=_joined(self.content, other.content),
            additional_kwargs={**self.additional_kwargs, **other.additional_kwargs},
            response_metadata={**self.response_metadata, **other.response_metadata},
            tool_calls=[*self.tool_calls, *other.tool_calls],
            usage_metadata=_sum(self.usage_metadata, other.usage_metadata),
            id=self.id or other.id,
        )


def _joined(first, second):
    if isinstance(first, str) and isinstance(second, str):
        return first + second
    return [*([first] if isinstance(first, str) else first), *([second] if isinstance(second, str) else second)]


def _sum(first, second):
    if first is None or second is None:
        return first or second
    return {name: first.get(name, 0) + second.get(name, 0) for name in {**first, **second}}


AnyMessage = AIMessage | HumanMessage | SystemMessage | ToolMessage
