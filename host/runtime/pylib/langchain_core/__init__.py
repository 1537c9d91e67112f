"""LangChain's core names, as far as a workload needs them."""

import _coverage

_SUBMODULES = (
    "documents",
    "exceptions",
    "language_models",
    "messages",
    "output_parsers",
    "prompt_values",
    "prompts",
    "runnables",
    "tools",
)

__getattr__ = _coverage.guard(__name__, (), _SUBMODULES)
