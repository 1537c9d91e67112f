"""Steps with something around them: arguments, another try, another step in their place."""

from _coverage import NotCoveredArgument, refuse

from ._base import Runnable, coerce_to_runnable
from ._config import merged

MAX_ATTEMPTS = 10


class RunnableBinding(Runnable):
    """A step with arguments that each of its calls gets."""

    def __init__(self, *, bound, kwargs=None, config=None):
        self.bound = bound
        self.kwargs = dict(kwargs or {})
        self.config = merged(config)

    def invoke(self, input, config=None, **kwargs):
        return self.bound.invoke(input, merged(self.config, config), **{**self.kwargs, **kwargs})

    def stream(self, input, config=None, **kwargs):
        yield from self.bound.stream(input, merged(self.config, config), **{**self.kwargs, **kwargs})

    def bind(self, **kwargs):
        return RunnableBinding(bound=self.bound, kwargs={**self.kwargs, **kwargs}, config=self.config)

    def with_config(self, config=None, **settings):
        return RunnableBinding(bound=self.bound, kwargs=self.kwargs, config=merged(self.config, config, settings))

    def __getattr__(self, name):
        if name.startswith("_") or "bound" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.bound, name)

    def __repr__(self):
        return f"RunnableBinding(bound={self.bound!r}, kwargs={self.kwargs!r})"


class RunnableRetry(Runnable):
    """A step that is tried again when it fails, at once: the host itself waits before it asks a busy provider again."""

    def __init__(self, *, bound, retry_if_exception_type=(Exception,), stop_after_attempt=3, **rest):
        for name in ("wait_exponential_jitter", "exponential_jitter_params", "max_attempt_number"):
            rest.pop(name, None)
        refuse("with_retry", rest, ("retry_if_exception_type", "stop_after_attempt", "wait_exponential_jitter"))
        if not isinstance(stop_after_attempt, int) or not 1 <= stop_after_attempt <= MAX_ATTEMPTS:
            raise NotCoveredArgument(f"with_retry: stop_after_attempt must be an int from 1 to {MAX_ATTEMPTS}.")
        self.bound = bound
        self.retry_if_exception_type = retry_if_exception_type
        self.stop_after_attempt = stop_after_attempt

    def invoke(self, input, config=None, **kwargs):
        for left in range(self.stop_after_attempt - 1, -1, -1):
            try:
                return self.bound.invoke(input, config, **kwargs)
            except self.retry_if_exception_type as error:
                # The host gives no more calls to this run: another try would fail the same way.
                if left == 0 or getattr(error, "code", None) in ("limit", "overBudget", "overLimit"):
                    raise
        raise AssertionError("not reached")


class RunnableWithFallbacks(Runnable):
    """A step, and those that are tried in its place when it fails. The first error is raised when all fail."""

    def __init__(self, *, runnable, fallbacks, exceptions_to_handle=(Exception,), exception_key=None, **rest):
        refuse("with_fallbacks", rest, ("fallbacks", "exceptions_to_handle", "exception_key"))
        self.runnable = runnable
        self.fallbacks = [coerce_to_runnable(fallback) for fallback in fallbacks]
        self.exceptions_to_handle = exceptions_to_handle
        self.exception_key = exception_key

    def invoke(self, input, config=None, **kwargs):
        if self.exception_key is not None and not isinstance(input, dict):
            raise ValueError(
                "If 'exception_key' is specified then input must be a dictionary. "
                f"However found a type of {type(input)} for input"
            )
        first = last = None
        for step in [self.runnable, *self.fallbacks]:
            try:
                given = input if self.exception_key is None or last is None else {**input, self.exception_key: last}
                return step.invoke(given, config, **kwargs)
            except self.exceptions_to_handle as error:
                first, last = first or error, error
        raise first
