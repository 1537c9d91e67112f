"""`init_chat_model("openai:gpt-4o-mini")`."""

from _coverage import guard
from langchain_core.language_models import BaseChatModel

_PROVIDERS = ("openai", "anthropic", "google_genai", "google_vertexai", "ollama", "azure_openai", "mistralai", "groq")


class _ChatModel(BaseChatModel):
    pass


_ChatModel.__name__ = "init_chat_model"


def init_chat_model(model=None, *, model_provider=None, **settings):
    """A chat model by its public name. A provider before a colon is left out: the host's own answers."""
    provider, colon, name = (model or "").partition(":")
    if colon and provider.replace("-", "_") in _PROVIDERS:
        model = name
    return _ChatModel(model, **settings)


__all__ = ["BaseChatModel", "init_chat_model"]
__getattr__ = guard(__name__, __all__)
