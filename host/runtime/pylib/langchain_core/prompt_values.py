"""What a prompt template makes: a text, or messages."""

from _coverage import guard
from langchain_core.messages import HumanMessage, get_buffer_string


class PromptValue:
    """Something that a chat model takes."""

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class StringPromptValue(PromptValue):
    """A text."""

    def __init__(self, *, text):
        self.text = text

    def to_string(self):
        return self.text

    def to_messages(self):
        return [HumanMessage(content=self.text)]


class ChatPromptValue(PromptValue):
    """A list of messages."""

    def __init__(self, *, messages):
        self.messages = list(messages)

    def to_string(self):
        return get_buffer_string(self.messages)

    def to_messages(self):
        return list(self.messages)


__all__ = ["ChatPromptValue", "PromptValue", "StringPromptValue"]
__getattr__ = guard(__name__, __all__)
