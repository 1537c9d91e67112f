"""What of LangChain's Python names there is here, and the errors that say so for all the others.

A name, a module or an argument that is not covered never passes in silence: the error has its name and the list of what is.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys

WHERE = "docs/workloads.md has the table."

# Where LangChain itself also keeps these names: module of theirs -> module of ours.
ALIASES = {
    "langchain.agents.factory": "langchain.agents",
    "langchain.chat_models.base": "langchain.chat_models",
    "langchain.messages": "langchain_core.messages",
    "langchain.prompts": "langchain_core.prompts",
    "langchain.prompts.chat": "langchain_core.prompts",
    "langchain.schema": "langchain_core.messages",
    "langchain.schema.output_parser": "langchain_core.output_parsers",
    "langchain.schema.runnable": "langchain_core.runnables",
    "langchain.tools": "langchain_core.tools",
    "langchain_core.language_models.chat_models": "langchain_core.language_models",
    "langchain_core.messages.ai": "langchain_core.messages",
    "langchain_core.messages.base": "langchain_core.messages",
    "langchain_core.messages.human": "langchain_core.messages",
    "langchain_core.messages.system": "langchain_core.messages",
    "langchain_core.messages.tool": "langchain_core.messages",
    "langchain_core.messages.utils": "langchain_core.messages",
    "langchain_core.output_parsers.base": "langchain_core.output_parsers",
    "langchain_core.output_parsers.json": "langchain_core.output_parsers",
    "langchain_core.output_parsers.list": "langchain_core.output_parsers",
    "langchain_core.output_parsers.string": "langchain_core.output_parsers",
    "langchain_core.prompts.chat": "langchain_core.prompts",
    "langchain_core.prompts.few_shot": "langchain_core.prompts",
    "langchain_core.prompts.prompt": "langchain_core.prompts",
    "langchain_core.runnables.base": "langchain_core.runnables",
    "langchain_core.runnables.branch": "langchain_core.runnables",
    "langchain_core.runnables.config": "langchain_core.runnables",
    "langchain_core.runnables.passthrough": "langchain_core.runnables",
    "langchain_core.tools.base": "langchain_core.tools",
    "langchain_core.tools.convert": "langchain_core.tools",
    "langchain_core.tools.structured": "langchain_core.tools",
    "langchain_openai.chat_models": "langchain_openai",
    "langchain_openai.chat_models.base": "langchain_openai",
    "langgraph.prebuilt.chat_agent_executor": "langgraph.prebuilt",
}

PACKAGES = (
    "langchain",
    "langchain_anthropic",
    "langchain_core",
    "langchain_google_genai",
    "langchain_ollama",
    "langchain_openai",
    "langgraph",
)

# Packages that scripts for LangChain often import, and what to write instead.
INSTEAD = {
    "anthropic": "Use ChatAnthropic of langchain_anthropic: the host makes the call.",
    "openai": "Use ChatOpenAI of langchain_openai: the host makes the call.",
    "pydantic": "Describe data with a JSON Schema dict or a typing.TypedDict; @tool reads type hints.",
    "langsmith": "Nothing is traced here; leave it out.",
    "dotenv": "There is no environment here and no key is needed: the host's provider answers; leave it out.",
    "requests": "There is no network in the sandbox; the only way out is a model call.",
    "httpx": "There is no network in the sandbox; the only way out is a model call.",
}


class NotCoveredModule(ModuleNotFoundError):
    """An import of something that is not here."""


class NotCoveredName(ImportError):
    """A name of a module that is not here."""


class NotCoveredAttribute(AttributeError):
    """A method or attribute that is not here."""


class NotCoveredArgument(TypeError):
    """An argument that is not here."""


def listed(names):
    return ", ".join(sorted(name for name in names if not name.startswith("_")))


def guard(module, names, submodules=()):
    """A module's `__getattr__`: whatever the module lacks is named, with what it has."""
    # Only a package may have modules in it, and to LangChain some of ours are packages.
    vars(sys.modules[module]).setdefault("__path__", [])

    def missing(name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        folder = sys.modules[module].__path__
        if importlib.machinery.PathFinder.find_spec(f"{module}.{name}", folder) is not None:
            return importlib.import_module(f"{module}.{name}")
        raise NotCoveredName(
            f"{module}.{name} is not covered in a workload. Covered of {module}: {listed([*names, *submodules])}. {WHERE}",
            name=name,
        )

    return missing


def refuse(owner, arguments, covered, why=None):
    """Raises for the first of `arguments`: a dict of keyword arguments that nobody took."""
    for name in arguments:
        reason = (why or {}).get(name)
        if reason is not None:
            raise NotCoveredArgument(f"{owner}: the argument {name} is refused: {reason}")
        raise NotCoveredArgument(
            f"{owner}: the argument {name} is not covered in a workload. Covered: {listed(covered)}. {WHERE}"
        )


def method_missing(owner, name):
    covered = listed(name for name in dir(type(owner)) if not name.startswith("_"))
    return NotCoveredAttribute(
        f"{type(owner).__name__}.{name} is not covered in a workload. Covered: {covered}. {WHERE}", name=name, obj=owner
    )


class _Alias(importlib.abc.Loader):
    def __init__(self, target):
        self.target = target

    def create_module(self, spec):
        module = importlib.import_module(self.target)
        # The import system writes the alias's own spec into what is returned; the real module keeps its own.
        alias = type(sys)(spec.name)
        alias.__path__ = []
        alias.__getattr__ = lambda name: getattr(module, name)
        alias.__dict__.update({name: value for name, value in vars(module).items() if not name.startswith("__")})
        if "__all__" in vars(module):
            alias.__all__ = module.__all__
        return alias

    def exec_module(self, module):
        pass


class _Finder(importlib.abc.MetaPathFinder):
    """Asked last, when no other finder knows the module."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname in ALIASES:
            # As a package, so that a deeper alias can be imported through it.
            return importlib.util.spec_from_loader(fullname, _Alias(ALIASES[fullname]), is_package=True)
        top = fullname.partition(".")[0]
        if top in INSTEAD:
            raise NotCoveredModule(f"{fullname} is not available in a workload. {INSTEAD[top]}")
        if top.startswith(("langchain", "langgraph")):
            raise NotCoveredModule(
                f"{fullname} is not covered in a workload. Covered packages: {listed(PACKAGES)}. {WHERE}", 
            )
        if path is None and top not in sys.stdlib_module_names:
            raise NotCoveredModule(
                f"{top} is not available in a workload: there are Python's standard library and {listed(PACKAGES)}. {WHERE}"
            )
        return None


def install():
    """Makes imports of what is not covered say so. More than once is as good as once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


install()
