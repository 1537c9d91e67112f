"""Errors of chains and models."""

import _bridge
from _coverage import guard


class LangChainException(Exception):
    """What every error here is."""


class OutputParserException(ValueError, LangChainException):
    """A model's text is not of the form that the parser wants. `llm_output`: that text."""

    def __init__(self, error, observation=None, llm_output=None, send_to_llm=False):
        super().__init__(error)
        if send_to_llm and (observation is None or llm_output is None):
            raise ValueError("Arguments 'observation' & 'llm_output' are required if 'send_to_llm' is True")
        self.observation = observation
        self.llm_output = llm_output
        self.send_to_llm = send_to_llm


class ModelCallError(_bridge.ModelCallError, LangChainException):
    """The host made the model call and got no answer. `code`: what went wrong, as in docs/errors.md."""


__all__ = ["LangChainException", "ModelCallError", "OutputParserException"]
__getattr__ = guard(__name__, __all__)
