"""Templates for one message, and the place for a list of them."""

from _coverage import WHERE, NotCoveredArgument, refuse
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, convert_to_messages

from ._string import PromptTemplate


class BaseMessagePromptTemplate:
    """Makes messages."""

    def __add__(self, other):
        from ._chat import ChatPromptTemplate

        return ChatPromptTemplate([self]) + other

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class MessagesPlaceholder(BaseMessagePromptTemplate):
    """Where a list of messages goes. `optional`: without a value, none. `n_messages`: only so many, the last ones."""

    def __init__(self, variable_name, *, optional=False, n_messages=None, **rest):
        refuse("MessagesPlaceholder", rest, ("variable_name", "optional", "n_messages"))
        if n_messages is not None and not (isinstance(n_messages, int) and n_messages > 0):
            raise ValueError("n_messages must be an int of at least 1.")
        self.variable_name = variable_name
        self.optional = optional
        self.n_messages = n_messages

    @property
    def input_variables(self):
        return [] if self.optional else [self.variable_name]

    def format_messages(self, **values):
        value = values.get(self.variable_name, []) if self.optional else values[self.variable_name]
        if not isinstance(value, list):
            raise ValueError(
                f"variable {self.variable_name} should be a list of base messages, got {value} of type {type(value)}"
            )
        messages = convert_to_messages(value)
        return messages[-self.n_messages :] if self.n_messages else messages

    def pretty_repr(self, html=False):
        from langchain_core.messages._kinds import _title

        return f"{_title('Messages Placeholder')}\n\n{{{self.variable_name}}}"


class _MessagePromptTemplate(BaseMessagePromptTemplate):
    message = HumanMessage

    def __init__(self, prompt, **rest):
        refuse(type(self).__name__, rest, ("prompt",))
        self.prompt = prompt

    @classmethod
    def from_template(cls, template, template_format="f-string", *, partial_variables=None, **rest):
        if isinstance(template, list):
            texts = [block if isinstance(block, str) else _text_of(cls, block) for block in template]
            return cls([PromptTemplate.from_template(text, template_format=template_format) for text in texts], **rest)
        return cls(
            PromptTemplate.from_template(
                template, template_format=template_format, partial_variables=partial_variables
            ),
            **rest,
        )

    @property
    def _prompts(self):
        return self.prompt if isinstance(self.prompt, list) else [self.prompt]

    @property
    def input_variables(self):
        return sorted({name for prompt in self._prompts for name in prompt.input_variables})

    def format(self, **values):
        if not isinstance(self.prompt, list):
            return self.message(content=self.prompt.format(**values))
        return self.message(content=[{"type": "text", "text": prompt.format(**values)} for prompt in self.prompt])

    def format_messages(self, **values):
        return [self.format(**values)]

    def pretty_repr(self, html=False):
        from langchain_core.messages._kinds import _title

        title = _title(type(self).__name__.replace("MessagePromptTemplate", " Message"))
        return "\n\n".join([title, *(prompt.pretty_repr() for prompt in self._prompts)])


def _text_of(cls, block):
    if isinstance(block, dict) and isinstance(block.get("text"), str) and set(block) <= {"type", "text"}:
        return block["text"]
    raise NotCoveredArgument(
        f"{cls.__name__}: a content block {block!r} is not covered in a workload. Covered: text blocks. {WHERE}"
    )


class HumanMessagePromptTemplate(_MessagePromptTemplate):
    """A template for a message from the person who asks."""


class AIMessagePromptTemplate(_MessagePromptTemplate):
    """A template for a message from the model, as in an example."""

    message = AIMessage


class SystemMessagePromptTemplate(_MessagePromptTemplate):
    """A template for what the model is told."""

    message = SystemMessage
