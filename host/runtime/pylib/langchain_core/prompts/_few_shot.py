"""Templates that show a model examples before the question."""

from _coverage import refuse

from ._chat import BaseChatPromptTemplate
from ._string import PromptTemplate, StringPromptTemplate


class FewShotPromptTemplate(StringPromptTemplate):
    """`prefix`, the examples through `example_prompt`, and `suffix`, with `example_separator` between."""

    def __init__(
        self,
        *,
        examples,
        example_prompt,
        suffix,
        prefix="",
        example_separator="\n\n",
        input_variables=None,
        partial_variables=None,
        **rest,
    ):
        refuse(
            "FewShotPromptTemplate",
            rest,
            ("examples", "example_prompt", "suffix", "prefix", "example_separator", "input_variables", "partial_variables"),
        )
        self.examples = list(examples)
        self.example_prompt = example_prompt
        self.prefix = PromptTemplate.from_template(prefix)
        self.suffix = PromptTemplate.from_template(suffix)
        self.example_separator = example_separator
        self.partial_variables = dict(partial_variables or {})
        found = {*self.prefix.input_variables, *self.suffix.input_variables}
        self.input_variables = sorted(found.difference(self.partial_variables))
        self._check_names()

    def format(self, **values):
        values = self._values(values)
        shown = [self.example_prompt.format(**_needed(self.example_prompt, example)) for example in self.examples]
        before = [self.prefix.format(**values)] if self.prefix.template else []
        after = [self.suffix.format(**values)] if self.suffix.template else []
        return self.example_separator.join([*before, *(text for text in shown if text), *after])


class FewShotChatMessagePromptTemplate(BaseChatPromptTemplate):
    """The examples as messages, each through `example_prompt`."""

    def __init__(self, *, examples, example_prompt, input_variables=None, **rest):
        refuse("FewShotChatMessagePromptTemplate", rest, ("examples", "example_prompt", "input_variables"))
        self.examples = list(examples)
        self.example_prompt = example_prompt
        self.input_variables = list(input_variables or [])
        self.partial_variables = {}

    def format_messages(self, **values):
        return [
            message
            for example in self.examples
            for message in self.example_prompt.format_messages(**_needed(self.example_prompt, example))
        ]

    def pretty_repr(self, html=False):
        return "\n\n".join(message.pretty_repr() for message in self.format_messages())


def _needed(prompt, example):
    """Only what the template names; an example may hold more."""
    return {name: example[name] for name in prompt.input_variables}
