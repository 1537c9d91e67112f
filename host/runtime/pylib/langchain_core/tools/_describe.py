"""A tool as the host, and after it the model, gets to know it."""

import copy
import inspect
import typing

from ._base import BaseTool
from ._schema import function_schema, google_docstring, parameters_of, typed_dict_schema


def described(tool):
    """`{"name", "description", "parameters"}` of a tool, a function, a TypedDict, or a dict in one of the known forms.

    Raises ValueError for anything else."""
    if isinstance(tool, BaseTool):
        return _made(tool.name, tool.description, tool.parameters)
    if isinstance(tool, dict):
        return _of_dict(tool)
    if typing.is_typeddict(tool):
        summary, _ = google_docstring(inspect.getdoc(tool) or "", typing.get_type_hints(tool))
        return _made(tool.__name__, summary, typed_dict_schema(tool))
    if inspect.isfunction(tool) or inspect.ismethod(tool):
        summary, arguments = google_docstring(inspect.getdoc(tool) or "", parameters_of(tool))
        return _made(tool.__name__, summary, function_schema(tool, arguments))
    raise ValueError(
        f"Unsupported tool {tool!r}: it must be a function, a tool made with @tool, a typing.TypedDict, or a JSON Schema dict."
    )


def described_for_openai(tool):
    return {"type": "function", "function": described(tool)}


def _of_dict(tool):
    if tool.get("type") == "function" and isinstance(tool.get("function"), dict):
        tool = tool["function"]
    if "name" in tool:
        return _made(tool["name"], tool.get("description", ""), tool.get("parameters") or tool.get("input_schema"))
    if "title" in tool:
        schema = copy.deepcopy(tool)
        return _made(schema.pop("title"), schema.pop("description", ""), schema)
    raise ValueError("A tool that is a dict needs a name: a JSON Schema its title, a function its name.")


def _made(name, description, parameters):
    return {
        "name": name,
        "description": description or "",
        "parameters": _without_titles(parameters or {"type": "object", "properties": {}}),
    }


def _without_titles(schema, inside=""):
    """Titles only repeat the names; a property may be called title."""
    return {
        name: _without_titles(value, name) if isinstance(value, dict) else value
        for name, value in schema.items()
        if name != "title" or (isinstance(value, dict) and inside == "properties")
    }
