"""Messages from what people write for them, and back to text."""

from ._kinds import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

CLASSES = {
    "human": HumanMessage,
    "user": HumanMessage,
    "ai": AIMessage,
    "assistant": AIMessage,
    "system": SystemMessage,
    "developer": SystemMessage,
    "tool": ToolMessage,
}


def convert_to_messages(messages):
    """Messages from a list of messages, texts, `(role, text)` pairs and `{"role": …, "content": …}` dicts, or a prompt value.

    Raises ValueError for an unknown role, NotImplementedError for another type."""
    if hasattr(messages, "to_messages"):
        return messages.to_messages()
    return [_message(message) for message in messages]


def _message(message):
    if isinstance(message, BaseMessage):
        return message
    if isinstance(message, str):
        return HumanMessage(content=message)
    if isinstance(message, (list, tuple)) and len(message) == 2:
        return _made(message[0], message[1], {})
    if isinstance(message, dict):
        fields = dict(message)
        role = fields.pop("role", None) or fields.pop("type", None)
        if role is None or ("content" not in fields and not fields.get("tool_calls")):
            raise ValueError(f"Message dict must contain 'role' and 'content' keys, got {message}")
        return _made(role, fields.pop("content", None) or "", fields)
    raise NotImplementedError(f"Unsupported message type: {type(message)}")


def _made(role, content, fields):
    if role not in CLASSES:
        raise ValueError(
            f"Unexpected message type: '{role}'. Use one of 'human', 'user', 'ai', 'assistant', 'system', 'developer' or 'tool'."
        )
    if "tool_calls" in fields:
        fields = {**fields, "tool_calls": [_call(call) for call in fields["tool_calls"] or []]}
    return CLASSES[role](content=content, **fields)


def _call(call):
    """OpenAI writes a call's arguments as JSON text under `function`."""
    if isinstance(call, dict) and isinstance(call.get("function"), dict):
        import json

        function = call["function"]
        return {"name": function.get("name"), "args": json.loads(function.get("arguments") or "{}"), "id": call.get("id")}
    return call


_PREFIX = {"human": "Human", "ai": "AI", "AIMessageChunk": "AI", "system": "System", "tool": "Tool"}


def get_buffer_string(messages, human_prefix="Human", ai_prefix="AI"):
    """`Human: …` and `AI: …`, a line for each message."""
    names = {**_PREFIX, "human": human_prefix, "ai": ai_prefix, "AIMessageChunk": ai_prefix}
    return "\n".join(f"{names[message.type]}: {message.text}" for message in convert_to_messages(messages))
