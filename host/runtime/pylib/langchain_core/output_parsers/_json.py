"""JSON in a model's text, as models write it: in a Markdown fence, after a sentence, or cut off."""

import json
import re

from _coverage import NotCoveredArgument, refuse
from langchain_core.exceptions import OutputParserException

from ._base import BaseOutputParser

_FENCE = re.compile(r"```(?:json)?(.*)", re.DOTALL)
_AROUND = " \n\r\t`"


class JsonOutputParser(BaseOutputParser):
    """The value of the JSON. Raises OutputParserException where there is none."""

    def __init__(self, *, pydantic_object=None, **rest):
        refuse("JsonOutputParser", rest, ())
        if pydantic_object is not None:
            raise NotCoveredArgument(
                "JsonOutputParser: pydantic_object is not covered in a workload. Write the form that is wanted into the prompt."
            )

    def parse(self, text):
        text = text.strip()
        try:
            return parse_json_markdown(text)
        except ValueError as error:
            raise OutputParserException(f"Invalid json output: {text}", llm_output=text) from error

    def get_format_instructions(self):
        return "Return a JSON object."


def parse_json_markdown(text):
    """The text as JSON; else what follows the first Markdown fence. Raises ValueError."""
    try:
        return parse_partial_json(text.strip(_AROUND))
    except ValueError:
        fenced = _FENCE.search(text)
        if fenced is None:
            raise
        return parse_partial_json(fenced.group(1).strip(_AROUND))


def parse_partial_json(text):
    """JSON that may lack its end: open strings, lists and objects are closed, at the cost of what is incomplete there.

    `None` when a bracket closes what was never opened. Raises ValueError when nothing can be made of it."""
    try:
        return _loads(text)
    except ValueError as error:
        failure = error
    characters, closers = _closed(text)
    if characters is None:
        return None
    if not closers:
        return _decoder.raw_decode("".join(characters))[0]
    # From the longest beginning that is whole; one step back for each character of an unfinished name, number or word.
    for end in range(len(characters), max(0, len(characters) - _MAX_STEPS_BACK), -1):
        try:
            return _loads("".join(characters[:end]) + closers)
        except ValueError:
            continue
    raise failure


# Each step parses the text anew, so the steps of a hostile text must be few.
_MAX_STEPS_BACK = 2_000


_decoder = json.JSONDecoder(strict=False)


def _loads(text):
    return _decoder.decode(text)


def _closed(text):
    """The characters with the last string closed, and the brackets that are still open, closing."""
    characters, stack = [], []
    in_string = escaped = False
    for character in text:
        if in_string:
            if character == '"' and not escaped:
                in_string = False
            escaped = character == "\\" and not escaped
            if character == "\n":
                character = "\\n"
        elif character == '"':
            in_string = True
        elif character in "{[":
            stack.append("}" if character == "{" else "]")
        elif character in "}]":
            if not stack or stack.pop() != character:
                return None, ""
        characters.append(character)
    if in_string:
        if escaped:
            characters.pop()
        characters.append('"')
    return characters, "".join(reversed(stack))
