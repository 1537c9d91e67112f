"""Python functions that a model may ask to be called."""

from _coverage import guard

from ._base import BaseTool, StructuredTool, Tool, ToolException
from ._convert import tool
from ._describe import described
from ._describe import described_for_openai as convert_to_openai_tool

__all__ = ["BaseTool", "StructuredTool", "Tool", "ToolException", "convert_to_openai_tool", "described", "tool"]
__getattr__ = guard(__name__, [name for name in __all__ if name != "described"])
