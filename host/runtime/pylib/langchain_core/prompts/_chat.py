"""A template for a list of messages."""

from _coverage import refuse
from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import ChatPromptValue

from ._message import (
    AIMessagePromptTemplate,
    BaseMessagePromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
)
from ._string import BasePromptTemplate, PromptTemplate


class BaseChatPromptTemplate(BasePromptTemplate):
    """Makes messages."""

    def format_prompt(self, **values):
        return ChatPromptValue(messages=self.format_messages(**values))

    def format(self, **values):
        return self.format_prompt(**values).to_string()


_ARGUMENTS = (
    "messages",
    "template_format",
    "input_variables",
    "optional_variables",
    "partial_variables",
    "validate_template",
)


class ChatPromptTemplate(BaseChatPromptTemplate):
    """`ChatPromptTemplate([("system", "Answer in {language}."), ("human", "{question}")])`.

    Takes message templates, messages (taken as they are, braces and all), `(role, template)` pairs, dicts with `role` and
    `content`, and texts, which are the person's."""

    def __init__(self, messages, *, template_format="f-string", partial_variables=None, **rest):
        refuse("ChatPromptTemplate", {name: 0 for name in rest if name not in _ARGUMENTS}, _ARGUMENTS)
        self.messages = [_template(message, template_format) for message in messages]
        self.partial_variables = dict(partial_variables or {})
        self._find_variables()

    def _find_variables(self):
        found = set()
        self.optional_variables = []
        for message in self.messages:
            if isinstance(message, MessagesPlaceholder) and message.optional:
                self.partial_variables.setdefault(message.variable_name, [])
                self.optional_variables.append(message.variable_name)
            elif not isinstance(message, BaseMessage):
                found.update(message.input_variables)
        self.input_variables = sorted(found.difference(self.partial_variables))
        self._check_names()

    @classmethod
    def from_messages(cls, messages, template_format="f-string"):
        return cls(messages, template_format=template_format)

    @classmethod
    def from_template(cls, template, **options):
        return cls([HumanMessagePromptTemplate(PromptTemplate.from_template(template, **options))])

    def format_messages(self, **values):
        values = self._values(values)
        messages = []
        for message in self.messages:
            messages += [message] if isinstance(message, BaseMessage) else message.format_messages(**values)
        return messages

    def append(self, message):
        self.messages.append(_template(message))
        self._find_variables()

    def extend(self, messages):
        for message in messages:
            self.append(message)

    def _copy(self):
        other = super()._copy()
        other.messages = list(self.messages)
        return other

    def __add__(self, other):
        partial = {**self.partial_variables, **getattr(other, "partial_variables", {})}
        if isinstance(other, ChatPromptTemplate):
            added = other.messages
        elif isinstance(other, (BaseMessage, BaseMessagePromptTemplate, BaseChatPromptTemplate, str)):
            added = [other]
        elif isinstance(other, (list, tuple)):
            added = list(other)
        else:
            raise NotImplementedError(f"Unsupported operand type for +: {type(other)}")
        return ChatPromptTemplate([*self.messages, *added], partial_variables=partial)

    def __getitem__(self, index):
        return ChatPromptTemplate(self.messages[index]) if isinstance(index, slice) else self.messages[index]

    def __len__(self):
        return len(self.messages)

    def pretty_repr(self, html=False):
        return "\n\n".join(message.pretty_repr() for message in self.messages)

    def __repr__(self):
        return f"ChatPromptTemplate(input_variables={self.input_variables!r}, messages={self.messages!r})"


def _template(message, template_format="f-string"):
    if isinstance(message, (BaseMessage, BaseMessagePromptTemplate, BaseChatPromptTemplate)):
        return message
    if isinstance(message, str):
        return _of_role("human", message, template_format)
    if isinstance(message, dict):
        if set(message) != {"role", "content"}:
            raise ValueError(f"Expected dict to have exact keys 'role' and 'content'. Got: {message}")
        return _of_role(message["role"], message["content"], template_format)
    if isinstance(message, (tuple, list)):
        if len(message) != 2:
            raise ValueError(f"Expected 2-tuple of (role, template), got {message}")
        role, template = message
        if isinstance(role, str):
            return _of_role(role, template, template_format)
        return _of_role(getattr(role, "type", None) or _ROLE_OF.get(role), template, template_format)
    raise NotImplementedError(f"Unsupported message type: {type(message)}")


_CLASSES = {
    "human": HumanMessagePromptTemplate,
    "user": HumanMessagePromptTemplate,
    "ai": AIMessagePromptTemplate,
    "assistant": AIMessagePromptTemplate,
    "system": SystemMessagePromptTemplate,
}
_ROLE_OF = {cls: role for role, cls in _CLASSES.items()}


def _of_role(role, template, template_format):
    if role == "placeholder":
        return _placeholder(template)
    if role not in _CLASSES:
        raise ValueError(
            f"Unexpected message type: {role}. Use one of 'human', 'user', 'ai', 'assistant', or 'system'."
        )
    return _CLASSES[role].from_template(template, template_format=template_format)


def _placeholder(template):
    name, optional = template if isinstance(template, (list, tuple)) and len(template) == 2 else (template, True)
    if not isinstance(name, str) or not isinstance(optional, bool) or len(name) < 3 or name[0] + name[-1] != "{}":
        raise ValueError(
            f"Invalid placeholder template: {template}. Expected a variable name surrounded by curly braces."
        )
    return MessagesPlaceholder(name[1:-1], optional=optional)
