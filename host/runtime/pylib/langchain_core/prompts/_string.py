"""A template for a text, and what all templates share."""

from _coverage import refuse
from langchain_core.prompt_values import StringPromptValue
from langchain_core.runnables._base import Runnable

from ._template import check_format, fill, variables_of


class MissingVariable(KeyError):
    """A variable of a template that was given no value."""

    # KeyError would show its message as a quoted literal.
    def __str__(self):
        return self.args[0]


class BasePromptTemplate(Runnable):
    """Takes a dict of values, or one value when there is but one variable, and makes a prompt value.

    Raises KeyError for a missing variable, TypeError for another type than a dict where several are needed."""

    input_variables = ()
    partial_variables = {}

    def _check_names(self):
        for name in (*self.input_variables, *self.partial_variables):
            if name == "stop":
                raise ValueError("Cannot have an input variable named 'stop', as it is used internally, please rename.")

    def _values(self, given):
        """`given` with the partial values, those that are functions called."""
        partial = {name: value() if callable(value) else value for name, value in self.partial_variables.items()}
        return {**partial, **given}

    def _checked(self, input):
        kind = type(self).__name__
        if not isinstance(input, dict):
            if len(self.input_variables) != 1:
                raise TypeError(f"Expected mapping type as input to {kind}. Received {type(input)}.")
            return {self.input_variables[0]: input}
        missing = sorted(set(self.input_variables).difference(input))
        if missing:
            raise MissingVariable(
                f"Input to {kind} is missing variables {{{', '.join(map(repr, missing))}}}. "
                f"Expected: {list(self.input_variables)} Received: {list(input)}\n"
                f"Note: if you intended {{{missing[0]}}} to be part of the string and not a variable, "
                f"please escape it with double curly braces like: '{{{{{missing[0]}}}}}'."
            )
        return input

    def invoke(self, input, config=None, **kwargs):
        return self.format_prompt(**self._checked(input))

    def partial(self, **values):
        """This template with some variables filled in."""
        other = self._copy()
        other.input_variables = [name for name in self.input_variables if name not in values]
        other.partial_variables = {**self.partial_variables, **values}
        return other

    def _copy(self):
        import copy

        return copy.copy(self)

    def pretty_print(self):
        print(self.pretty_repr())

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)


class StringPromptTemplate(BasePromptTemplate):
    """Makes a text."""

    def format_prompt(self, **values):
        return StringPromptValue(text=self.format(**values))

    def pretty_repr(self, html=False):
        return self.format(**{name: f"{{{name}}}" for name in self.input_variables})


_ARGUMENTS = ("template", "input_variables", "partial_variables", "template_format", "validate_template")


class PromptTemplate(StringPromptTemplate):
    """`PromptTemplate.from_template("Hello {name}").format(name="Ada")`. `{{` and `}}` are braces in the text."""

    def __init__(self, *, template, input_variables=None, partial_variables=None, template_format="f-string", **rest):
        self_check = rest.pop("validate_template", False)
        refuse("PromptTemplate", rest, _ARGUMENTS)
        check_format(template_format)
        found = variables_of(template)
        self.template = template
        self.partial_variables = dict(partial_variables or {})
        self.input_variables = [name for name in found if name not in self.partial_variables]
        if self_check and input_variables is not None and set(input_variables) != set(self.input_variables):
            raise ValueError(
                f"Invalid prompt schema; check for mismatched or missing input parameters from {input_variables}."
            )
        self._check_names()

    @classmethod
    def from_template(cls, template, *, template_format="f-string", partial_variables=None, **rest):
        return cls(template=template, template_format=template_format, partial_variables=partial_variables, **rest)

    def format(self, **values):
        return fill(self.template, self._values(values))

    def __add__(self, other):
        if isinstance(other, str):
            other = PromptTemplate.from_template(other)
        if not isinstance(other, PromptTemplate):
            raise NotImplementedError(f"Unsupported operand type for +: {type(other)}")
        both = set(self.partial_variables) & set(other.partial_variables)
        if both:
            raise ValueError("Cannot have same variable partialed twice.")
        return PromptTemplate(
            template=self.template + other.template,
            partial_variables={**self.partial_variables, **other.partial_variables},
        )

    def __repr__(self):
        partial = f", partial_variables={self.partial_variables!r}" if self.partial_variables else ""
        return (
            f"PromptTemplate(input_variables={list(self.input_variables)!r}, input_types={{}}{partial}, "
            f"template={self.template!r})"
        )


def format_document(doc, prompt):
    """A document through a template whose variables are `page_content` and names of its metadata."""
    known = {"page_content": doc.page_content, **doc.metadata}
    missing = [name for name in prompt.input_variables if name not in known]
    if missing:
        raise ValueError(
            "Document prompt requires documents to have metadata variables: "
            f"{[name for name in prompt.input_variables if name != 'page_content']}. "
            f"Received document with missing metadata: {missing}."
        )
    return prompt.format(**{name: known[name] for name in prompt.input_variables})
