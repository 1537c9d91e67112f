"""Lists in a model's text."""

import re

from ._base import BaseOutputParser


class ListOutputParser(BaseOutputParser):
    """Makes a list of texts."""


class CommaSeparatedListOutputParser(ListOutputParser):
    """`a, "b, c", d`: between commas, with quotes around what holds one."""

    def parse(self, text):
        import csv
        from io import StringIO

        try:
            rows = csv.reader(StringIO(text), quotechar='"', delimiter=",", skipinitialspace=True)
            return [item for row in rows for item in row]
        except csv.Error:
            return [part.strip() for part in text.split(",")]

    def get_format_instructions(self):
        return "Your response should be a list of comma separated values, eg: `foo, bar, baz` or `foo,bar,baz`"


class NumberedListOutputParser(ListOutputParser):
    """`1. a`, a line each."""

    pattern = r"\d+\.\s([^\n]+)"

    def parse(self, text):
        return re.findall(self.pattern, text)

    def get_format_instructions(self):
        return (
            "Your response should be a numbered list with each item on a new line. "
            "For example: \n\n1. foo\n\n2. bar\n\n3. baz"
        )


class MarkdownListOutputParser(ListOutputParser):
    """`- a` or `* a`, a line each."""

    pattern = r"^\s*[-*]\s([^\n]+)$"

    def parse(self, text):
        return re.findall(self.pattern, text, re.MULTILINE)

    def get_format_instructions(self):
        return "Your response should be a markdown list, eg: `- foo\n- bar\n- baz`"
