"""Parsers take a message or a text; a subclass says in `parse` what becomes of the text."""

from _coverage import refuse
from langchain_core.messages import BaseMessage
from langchain_core.runnables._base import Runnable
from langchain_core.runnables._config import checked


class BaseOutputParser(Runnable):
    """`parse(text)` in a subclass makes the output."""

    def __init__(self, **options):
        refuse(type(self).__name__, options, ())

    def parse(self, text):
        raise NotImplementedError(f"{type(self).__name__} has no parse.")

    def invoke(self, input, config=None, **kwargs):
        checked(config)
        if isinstance(input, BaseMessage):
            return self.parse(str(input.text))
        if not isinstance(input, str):
            raise ValueError(f"{type(self).__name__} takes a message or a text, not {type(input).__name__}.")
        return self.parse(input)

    def get_format_instructions(self):
        raise NotImplementedError(f"{type(self).__name__} has no format instructions.")

    def __repr__(self):
        return f"{type(self).__name__}()"


class StrOutputParser(BaseOutputParser):
    """The text."""

    def parse(self, text):
        return text
