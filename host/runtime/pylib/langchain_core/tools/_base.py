"""Tools: a function with a name, a description for the model, and a schema of its arguments."""

import inspect
import json

from _coverage import NotCoveredArgument, refuse
from langchain_core.messages import ToolMessage
from langchain_core.runnables._base import Runnable
from langchain_core.runnables._config import checked
from langchain_core.runnables._function import _waited

from ._check import fitted_arguments
from ._schema import ArgumentError, function_schema, google_docstring


class ToolException(Exception):
    """A tool's own word that it failed; with `handle_tool_error` the model gets to read it."""


class BaseTool(Runnable):
    """A tool of one's own: a subclass with `name`, `description` and `_run`."""

    name = None
    description = ""
    args_schema = None
    return_direct = False
    handle_tool_error = False
    handle_validation_error = False
    response_format = "content"
    _argument_descriptions = None

    _ARGUMENTS = (
        "name",
        "description",
        "args_schema",
        "return_direct",
        "handle_tool_error",
        "handle_validation_error",
        "response_format",
    )

    def __init__(self, **options):
        own = {name for cls in type(self).__mro__ for name in getattr(cls, "__annotations__", {})}
        refuse(type(self).__name__, {name: 0 for name in options if name not in (*self._ARGUMENTS, *own)}, self._ARGUMENTS)
        vars(self).update(options)
        if self.args_schema is not None and not isinstance(self.args_schema, dict):
            raise NotCoveredArgument(
                f"{type(self).__name__}: args_schema must be a JSON Schema dict; pydantic is not available in a workload."
            )

    @property
    def _function(self):
        return self._run

    @property
    def parameters(self):
        """The JSON Schema of the arguments."""
        return self.args_schema or function_schema(self._function, self._argument_descriptions)

    @property
    def args(self):
        return {
            name: {"title": name.replace("_", " ").title(), **schema}
            for name, schema in self.parameters.get("properties", {}).items()
        }

    def _run(self, *args, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} has no _run.")

    def invoke(self, input, config=None, **kwargs):
        checked(config)
        if isinstance(input, dict) and input.get("type") == "tool_call":
            return self._output(input["args"], input["id"])
        return self._output(input, None)

    def run(self, tool_input, *, tool_call_id=None):
        return self._output(tool_input, tool_call_id)

    def _output(self, given, call_id):
        status, artifact = "success", None
        try:
            content = _waited(self._called(given))
            if self.response_format == "content_and_artifact":
                content, artifact = _pair(content)
        except ArgumentError as error:
            content, status = _handled(error, self.handle_validation_error, "Tool input validation error"), "error"
        except ToolException as error:
            content, status = _handled(error, self.handle_tool_error, "Tool execution error"), "error"
        if call_id is None or isinstance(content, ToolMessage):
            return content
        return ToolMessage(
            content=as_text(content), tool_call_id=call_id, name=self.name, artifact=artifact, status=status
        )

    def _called(self, given):
        if isinstance(given, str):
            if isinstance(self.args_schema, dict):
                raise ValueError("String tool inputs are not allowed when using tools with JSON schema args_schema.")
            names = list(self.parameters.get("properties", {}))
            given = {names[0]: given} if names else {}
        if not isinstance(given, dict):
            raise TypeError(f"The input of the tool {self.name} must be a dict or a text, not {type(given).__name__}.")
        # With a schema of one's own the function may take anything.
        return self._function(**(given if self.args_schema else fitted_arguments(self.name, self._function, given)))

    def __call__(self, tool_input):
        return self.run(tool_input)

    def __repr__(self):
        return f"{type(self).__name__}(name={self.name!r}, description={self.description!r})"


def _pair(content):
    if isinstance(content, tuple) and len(content) == 2:
        return content
    raise ValueError(
        "Since response_format='content_and_artifact' a two-tuple of the message content and raw tool output is expected. "
        f"Instead generated response of type: {type(content)}."
    )


def _handled(error, flag, standard):
    if not flag:
        raise error
    if isinstance(flag, bool):
        return str(error) or standard
    return flag if isinstance(flag, str) else flag(error)


def as_text(content):
    """A tool's result as a message's content: a text as it is, else JSON, else what `str` makes of it."""
    if isinstance(content, str):
        return content
    try:
        return json.dumps(content, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(content)


class StructuredTool(BaseTool):
    """A tool of a function: `StructuredTool.from_function(add)`."""

    def __init__(self, *, func, parse_docstring=False, error_on_invalid_docstring=True, **options):
        self.func = func
        if not callable(func):
            raise TypeError(f"A tool needs a function, not {type(func).__name__}.")
        docstring = inspect.getdoc(func) or ""
        described = None
        if parse_docstring:
            names = inspect.signature(func).parameters
            docstring, described = google_docstring(docstring, names, strict=error_on_invalid_docstring)
        self._argument_descriptions = described
        given = {name: value for name, value in options.items() if value is not None}
        super().__init__(**{"name": func.__name__, "description": docstring.strip(), **given})
        if not self.description:
            schema_says = (self.args_schema or {}).get("description", "")
            if not schema_says:
                raise ValueError("Function must have a docstring if description not provided.")
            self.description = schema_says

    @property
    def _function(self):
        return self.func

    @classmethod
    def from_function(cls, func=None, coroutine=None, name=None, description=None, **options):
        options.pop("infer_schema", None)
        return cls(func=func or coroutine, name=name, description=description, **options)


class Tool(StructuredTool):
    """A tool whose function takes one text: `Tool(name, func, description)`."""

    def __init__(self, name, func, description, **options):
        super().__init__(func=func, name=name, description=description, **options)
