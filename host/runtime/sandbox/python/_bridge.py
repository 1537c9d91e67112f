"""The one door out of the sandbox: a model call, made by the host."""

_send = None
_open = False


class ModelCallError(RuntimeError):
    """A model call that gave no answer. `code` is one of the host's ModelFailure codes."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def call(request_json: str) -> str:
    """Sends one request (JSON text) to the host and waits for its reply (JSON text)."""
    if not isinstance(request_json, str):
        raise TypeError("a request is JSON text")
    if not _open:
        raise RuntimeError("A model can be called only inside work(prompt, input).")
    return _send(request_json)
