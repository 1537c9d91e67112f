"""What becomes of a model's text."""

from _coverage import guard

from ._base import BaseOutputParser, StrOutputParser
from ._json import JsonOutputParser
from ._lists import (
    CommaSeparatedListOutputParser,
    ListOutputParser,
    MarkdownListOutputParser,
    NumberedListOutputParser,
)

SimpleJsonOutputParser = JsonOutputParser

__all__ = [
    "BaseOutputParser",
    "CommaSeparatedListOutputParser",
    "JsonOutputParser",
    "ListOutputParser",
    "MarkdownListOutputParser",
    "NumberedListOutputParser",
    "SimpleJsonOutputParser",
    "StrOutputParser",
]
__getattr__ = guard(__name__, __all__)
