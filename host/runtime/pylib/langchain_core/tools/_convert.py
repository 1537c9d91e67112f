"""`@tool`."""

from _coverage import NotCoveredArgument, refuse
from langchain_core.runnables._base import Runnable

from ._base import StructuredTool

_OPTIONS = (
    "description",
    "return_direct",
    "args_schema",
    "infer_schema",
    "response_format",
    "parse_docstring",
    "error_on_invalid_docstring",
)


def tool(name_or_callable=None, runnable=None, **options):
    """Makes a tool of a function: its name, its docstring as the description, its type hints as the schema.

    `@tool`, `@tool("name")`, `@tool(parse_docstring=True)`."""
    refuse("tool", {name: 0 for name in options if name not in _OPTIONS}, _OPTIONS)
    if runnable is not None or isinstance(name_or_callable, Runnable):
        raise NotCoveredArgument("tool: a tool of a runnable is not covered in a workload. Covered: of a function.")

    def made(function, name=None):
        return StructuredTool.from_function(function, name=name, **options)

    if name_or_callable is None:
        return made
    if isinstance(name_or_callable, str):
        return lambda function: made(function, name_or_callable)
    if callable(name_or_callable):
        return made(name_or_callable)
    raise ValueError(
        f"The first argument must be a string or a callable with a __name__ for tool decorator. Got {type(name_or_callable)}"
    )
