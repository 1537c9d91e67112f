"""What a chat model reads and writes."""

from _coverage import guard

from ._convert import convert_to_messages, get_buffer_string
from ._kinds import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
    tool_call,
)

__all__ = [
    "AIMessage",
    "AIMessageChunk",
    "AnyMessage",
    "BaseMessage",
    "BaseMessageChunk",
    "HumanMessage",
    "SystemMessage",
    "ToolCall",
    "ToolMessage",
    "convert_to_messages",
    "get_buffer_string",
    "tool_call",
]
__getattr__ = guard(__name__, __all__)
