"""Prompt templates. The template is the seller's; the asker's text is only ever a value that is put into it."""

from _coverage import guard

from ._chat import BaseChatPromptTemplate, ChatPromptTemplate
from ._few_shot import FewShotChatMessagePromptTemplate, FewShotPromptTemplate
from ._message import (
    AIMessagePromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
)
from ._string import BasePromptTemplate, PromptTemplate, StringPromptTemplate, format_document

__all__ = [
    "AIMessagePromptTemplate",
    "BaseChatPromptTemplate",
    "BasePromptTemplate",
    "ChatPromptTemplate",
    "FewShotChatMessagePromptTemplate",
    "FewShotPromptTemplate",
    "HumanMessagePromptTemplate",
    "MessagesPlaceholder",
    "PromptTemplate",
    "StringPromptTemplate",
    "SystemMessagePromptTemplate",
    "format_document",
]
__getattr__ = guard(__name__, __all__)
