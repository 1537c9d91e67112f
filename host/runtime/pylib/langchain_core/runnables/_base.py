"""What every step of a chain can do, and steps after each other."""

from _coverage import method_missing

from ._config import RunnableConfig, checked


def coerce_to_runnable(thing):
    """A runnable from a runnable, a function, or a dict of them."""
    from ._function import RunnableGenerator, RunnableLambda, is_generator
    from ._mapping import RunnableParallel

    if isinstance(thing, Runnable):
        return thing
    if is_generator(thing):
        return RunnableGenerator(thing)
    if callable(thing):
        return RunnableLambda(thing)
    if isinstance(thing, dict):
        return RunnableParallel(thing)
    raise TypeError(f"Expected a Runnable, callable or dict. Instead got an unsupported type: {type(thing)}")


class Runnable:
    """One step: `invoke` makes an output of an input. Steps are joined with `|`."""

    name = None

    def invoke(self, input, config=None, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} has no invoke.")

    def batch(self, inputs, config=None, *, return_exceptions=False, **kwargs):
        """An output for each input, in order."""
        configs = config if isinstance(config, list) else [config] * len(inputs)
        if len(configs) != len(inputs):
            raise ValueError(f"config must have as many entries as there are inputs: {len(inputs)}, not {len(configs)}.")
        outputs = []
        for input, one in zip(inputs, configs):
            try:
                outputs.append(self.invoke(input, one, **kwargs))
            except Exception as error:
                if not return_exceptions:
                    raise
                outputs.append(error)
        return outputs

    def batch_as_completed(self, inputs, config=None, *, return_exceptions=False, **kwargs):
        yield from enumerate(self.batch(inputs, config, return_exceptions=return_exceptions, **kwargs))

    def stream(self, input, config=None, **kwargs):
        """The output, whole, as the one piece: a host delivers whole answers."""
        yield self.invoke(input, config, **kwargs)

    def transform(self, input, config=None, **kwargs):
        yield from self.stream(added(input), config, **kwargs)

    # A model call suspends all of Python while the host makes it, so these wait no other way than those above.
    async def ainvoke(self, input, config=None, **kwargs):
        return self.invoke(input, config, **kwargs)

    async def abatch(self, inputs, config=None, *, return_exceptions=False, **kwargs):
        return self.batch(inputs, config, return_exceptions=return_exceptions, **kwargs)

    async def astream(self, input, config=None, **kwargs):
        for piece in self.stream(input, config, **kwargs):
            yield piece

    def __or__(self, other):
        return RunnableSequence(self, coerce_to_runnable(other))

    def __ror__(self, other):
        return RunnableSequence(coerce_to_runnable(other), self)

    def pipe(self, *others, name=None):
        return RunnableSequence(self, *others, name=name)

    def bind(self, **kwargs):
        from ._around import RunnableBinding

        return RunnableBinding(bound=self, kwargs=kwargs)

    def with_config(self, config=None, **settings):
        from ._around import RunnableBinding

        return RunnableBinding(bound=self, config={**(config or {}), **settings})

    def with_retry(self, **options):
        from ._around import RunnableRetry

        return RunnableRetry(bound=self, **options)

    def with_fallbacks(self, fallbacks, **options):
        from ._around import RunnableWithFallbacks

        return RunnableWithFallbacks(runnable=self, fallbacks=fallbacks, **options)

    def with_types(self, *, input_type=None, output_type=None):
        return self

    def map(self):
        from ._mapping import RunnableEach

        return RunnableEach(bound=self)

    def assign(self, **steps):
        from ._mapping import RunnableAssign, RunnableParallel

        return self | RunnableAssign(RunnableParallel(steps))

    def pick(self, keys):
        from ._mapping import RunnablePick

        return self | RunnablePick(keys)

    def get_name(self, suffix=None, *, name=None):
        base = name or self.name or type(self).__name__
        return base + suffix if suffix else base

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise method_missing(self, name)


RunnableSerializable = Runnable


class RunnableSequence(Runnable):
    """Steps after each other: what one makes is what the next one takes."""

    def __init__(self, *steps, name=None, first=None, middle=None, last=None):
        given = steps or [step for step in (first, *(middle or []), last) if step is not None]
        flat = []
        for step in map(coerce_to_runnable, given):
            flat += step.steps if isinstance(step, RunnableSequence) else [step]
        if len(flat) < 2:
            raise ValueError(f"RunnableSequence must have at least 2 steps, got {len(flat)}")
        self.steps = flat
        self.name = name

    @property
    def first(self):
        return self.steps[0]

    @property
    def middle(self):
        return self.steps[1:-1]

    @property
    def last(self):
        return self.steps[-1]

    def invoke(self, input, config=None, **kwargs):
        config = checked(config)
        value = self.steps[0].invoke(input, config, **kwargs)
        for step in self.steps[1:]:
            value = step.invoke(value, config)
        return value

    def __repr__(self):
        return "\n| ".join(repr(step) for step in self.steps)


def added(pieces):
    """Pieces of a stream, added up; those that can't be added: the last one."""
    total = None
    for piece in pieces:
        if total is None:
            total = piece
            continue
        try:
            total = total + piece
        except TypeError:
            total = piece
    return total
