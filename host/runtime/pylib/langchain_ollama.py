"""`ChatOllama`, answered by the host's own provider."""

from _coverage import guard
from langchain_core.language_models import BaseChatModel


class ChatOllama(BaseChatModel):
    """A chat model by its public name; the host says which of its own answers, or declines. Keys are taken and ignored."""


__all__ = ["ChatOllama"]
__getattr__ = guard(__name__, __all__)
