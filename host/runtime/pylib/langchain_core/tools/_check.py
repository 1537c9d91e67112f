"""The arguments of a tool's call against its type hints, as strict as pydantic in its lax mode: `"3"` is an int."""

import enum
import math
import types
import typing

from ._schema import _DICTS, _LISTS, MISSING, ArgumentError, parameters_of


def fitted_arguments(name, function, given):
    """`given` in the types of the hints; what the function doesn't take is left out.

    Raises ArgumentError that names every argument that is missing or doesn't fit."""
    wrong, fitted = [], {}
    for argument, (hint, default) in parameters_of(function).items():
        if argument in given:
            try:
                fitted[argument] = fit(given[argument], hint)
            except ValueError as error:
                wrong.append(f"{argument}: {error}")
        elif default is MISSING:
            wrong.append(f"{argument}: Field required")
    if wrong:
        raise ArgumentError(f"The arguments of the tool {name} don't fit: {'; '.join(wrong)}.")
    return fitted


def fit(value, hint):
    """The value in the type that the hint wants. Raises ValueError."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return fit(value, parts[0])
    if origin in (typing.Union, types.UnionType):
        return _union(value, parts)
    if origin is typing.Literal:
        if not any(value == choice and type(value) is type(choice) for choice in parts):
            raise ValueError(f"Input should be {' or '.join(map(repr, parts))}")
        return value
    if hint in _FITTERS:
        return _FITTERS[hint](value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _member(value, hint)
    if (origin or hint) in _LISTS:
        return _items(value, origin or hint, parts)
    if (origin or hint) in _DICTS:
        if not isinstance(value, dict):
            raise ValueError("Input should be a valid dictionary")
        return {fit(key, parts[0]): fit(item, parts[1]) for key, item in value.items()} if len(parts) == 2 else value
    return value


def _union(value, parts):
    for part in parts:  # An exact type first: `int | str` leaves "3" a text.
        if isinstance(part, type) and type(value) is part:
            return value
    for part in parts:
        try:
            return fit(value, part)
        except ValueError as error:
            failure = error
    raise failure


def _items(value, kind, parts):
    if not isinstance(value, (list, tuple)):
        raise ValueError("Input should be a valid list")
    if kind is tuple and parts and parts[-1] is not Ellipsis:
        if len(parts) != len(value):
            raise ValueError(f"Input should have {len(parts)} items")
        return tuple(fit(item, part) for item, part in zip(value, parts))
    items = [fit(item, parts[0]) if parts else item for item in value]
    return kind(items) if kind in (tuple, set, frozenset) else items


def _member(value, hint):
    try:
        return hint(value)
    except ValueError:
        raise ValueError(f"Input should be {' or '.join(repr(member.value) for member in hint)}") from None


def _int(value):
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise ValueError("Input should be a valid integer") from None
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    raise ValueError("Input should be a valid integer")


def _float(value):
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise ValueError("Input should be a valid number")


_TRUE, _FALSE = ("true", "t", "yes", "y", "on", "1"), ("false", "f", "no", "n", "off", "0")


def _bool(value):
    word = str(value).lower()
    if isinstance(value, (bool, int, str)) and word in (*_TRUE, *_FALSE):
        return word in _TRUE
    raise ValueError("Input should be a valid boolean")


def _str(value):
    if isinstance(value, str):
        return value
    raise ValueError("Input should be a valid string")


def _none(value):
    if value is None:
        return None
    raise ValueError("Input should be None")


_FITTERS = {int: _int, float: _float, bool: _bool, str: _str, type(None): _none}
