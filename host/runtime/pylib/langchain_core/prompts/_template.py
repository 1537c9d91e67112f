"""Python's own format strings, with names only: no attribute, no index, no field inside a format."""

from string import Formatter

from _coverage import WHERE, NotCoveredArgument


class _NamesOnly(Formatter):
    def vformat(self, format_string, args, kwargs):
        if args:
            raise ValueError("A template takes no arguments by position: everything by name.")
        return super().vformat(format_string, args, kwargs)


_formatter = _NamesOnly()


def check_format(template_format):
    if template_format == "f-string":
        return
    if template_format in ("mustache", "jinja2"):
        raise NotCoveredArgument(
            f"template_format={template_format!r} is not covered in a workload. Covered: 'f-string'. {WHERE}"
        )
    raise ValueError(f"Unsupported template format: {template_format}")


def variables_of(template):
    """The names in a template, sorted.

    Raises ValueError for a brace without its partner and for what is no plain name."""
    if not isinstance(template, str):
        raise ValueError(f"A template must be a text, not {type(template).__name__}.")
    names = set()
    try:
        for _, name, spec, _ in Formatter().parse(template):
            if name is None:
                continue
            _check_name(name)
            if spec and "{" in spec:
                raise ValueError(f"The format of {{{name}}} holds another field; only plain formats are possible.")
            names.add(name)
    except ValueError as error:
        raise ValueError(f"{str(error).rstrip('.')}. A brace that is only text is written twice: {{{{ or }}}}.") from None
    return sorted(names)


def _check_name(name):
    if name == "" or name.isdigit():
        raise ValueError(f"Invalid variable name {name!r} in f-string template: every variable needs a name.")
    if "." in name or "[" in name or "]" in name:
        raise ValueError(
            f"Invalid variable name {name!r} in f-string template. "
            "Variable names cannot contain attribute access (.) or indexing ([])."
        )


def fill(template, values):
    return _formatter.format(template, **values)
