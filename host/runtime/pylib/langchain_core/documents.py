"""A text with what is known about it."""

from _coverage import guard, refuse


class Document:
    """A text (`page_content`) and a dict about it (`metadata`)."""

    type = "Document"

    def __init__(self, page_content, *, metadata=None, id=None, **rest):
        refuse("Document", rest, ("page_content", "metadata", "id"))
        if not isinstance(page_content, str):
            raise ValueError(f"page_content must be a text, not {type(page_content).__name__}.")
        self.page_content = page_content
        self.metadata = {} if metadata is None else metadata
        self.id = id

    def __eq__(self, other):
        return isinstance(other, Document) and vars(self) == vars(other)

    def __repr__(self):
        return f"Document(metadata={self.metadata!r}, page_content={self.page_content!r})"

    def __str__(self):
        if self.metadata:
            return f"page_content='{self.page_content}' metadata={self.metadata}"
        return f"page_content='{self.page_content}'"


__all__ = ["Document"]
__getattr__ = guard(__name__, __all__)
