"""JSON Schemas from Python's type hints, and values checked against the hints."""

import collections.abc
import enum
import inspect
import types
import typing

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_LISTS = (list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Iterable)
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_MAX_DEPTH = 20

MISSING = inspect.Parameter.empty


class ArgumentError(ValueError):
    """The arguments of a tool's call don't fit its type hints."""


def schema_of(hint, depth=0):
    """The JSON Schema of a type hint. Raises TypeError for one that has none."""
    if depth > _MAX_DEPTH:
        raise TypeError("A type hint is nested too deeply.")
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in (MISSING, typing.Any):
        return {}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if origin is typing.Annotated:
        described = next((part for part in parts[1:] if isinstance(part, str)), None)
        return {**schema_of(parts[0], depth + 1), **({} if described is None else {"description": described})}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(part, depth + 1) for part in parts]}
    if origin is typing.Literal:
        return _choices(parts)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _choices([member.value for member in hint])
    if typing.is_typeddict(hint):
        return typed_dict_schema(hint, depth + 1)
    if (origin or hint) in _LISTS:
        items = [part for part in parts if part is not Ellipsis]
        return {"type": "array", "items": schema_of(items[0], depth + 1) if len(set(items)) == 1 else {}}
    if (origin or hint) in _DICTS:
        return {"type": "object", "additionalProperties": schema_of(parts[1], depth + 1) if len(parts) == 2 else True}
    raise TypeError(f"The type hint {hint!r} has no JSON Schema here.")


def _choices(values):
    kinds = {type(value) for value in values}
    kind = _SIMPLE.get(kinds.pop()) if len(kinds) == 1 else None
    return {"enum": list(values), **({} if kind is None else {"type": kind})}


def typed_dict_schema(hint, depth=0):
    hints = typing.get_type_hints(hint, include_extras=True)
    _, described = google_docstring(inspect.getdoc(hint) or "", hints)
    properties = {}
    for name, one in hints.items():
        if typing.get_origin(one) in (typing.Required, typing.NotRequired):
            one = typing.get_args(one)[0]
        parts = typing.get_args(one)
        # `Annotated[type, default, "description"]`: LangChain's own form.
        properties[name] = {
            **schema_of(one, depth),
            **({"description": described[name]} if name in described else {}),
        }
        if typing.get_origin(one) is typing.Annotated and len(parts) == 3 and parts[1] is not ...:
            properties[name]["default"] = parts[1]
    required = [name for name in hints if name in hint.__required_keys__ and "default" not in properties[name]]
    return {"type": "object", "properties": properties, "required": required}


def parameters_of(function):
    """The parameters that a model fills in, with their hints: no `self`, no `config`, no `*args`."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise TypeError(f"The type hints of {getattr(function, '__name__', 'the tool')} can't be read: {error}.") from None
    return {
        name: (hints.get(name, MISSING), parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in ("self", "cls", "config", "run_manager", "callbacks")
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def function_schema(function, descriptions=None):
    """The JSON Schema of a function's arguments."""
    properties, required = {}, []
    for name, (hint, default) in parameters_of(function).items():
        properties[name] = {**schema_of(hint), **(_default(default))}
        if name in (descriptions or {}):
            properties[name]["description"] = descriptions[name]
        if default is MISSING:
            required.append(name)
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _default(default):
    plain = (str, int, float, bool, list, dict, type(None))
    return {"default": default} if default is not MISSING and isinstance(default, plain) else {}


def google_docstring(docstring, names, strict=False):
    """What a docstring says of the whole, and of each argument under `Args:`. `strict`: ValueError where it has none."""
    blocks = (docstring or "").split("\n\n")
    arguments = next((block for block in blocks[1:] if block.startswith("Args:")), None)
    if arguments is None:
        if strict:
            raise ValueError("Found invalid Google-Style docstring.")
        return docstring or "", {}
    before = blocks[: blocks.index(arguments)]
    described, last = {}, None
    for line in arguments.splitlines()[1:]:
        name, colon, text = line.partition(":")
        name = name.partition("(")[0].strip()
        if colon and name.isidentifier():
            last, described[name] = name, text.strip()
        elif last is not None and line.strip():
            described[last] += " " + line.strip()
    unknown = [name for name in described if name not in names]
    if unknown and strict:
        raise ValueError(f"Arg {unknown[0]} in docstring not found in function signature.")
    summary = " ".join(block for block in before if not block.startswith(("Returns:", "Example:", "Raises:")))
    return summary, {name: text for name, text in described.items() if name in names}
