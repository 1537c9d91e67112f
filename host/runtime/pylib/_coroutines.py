"""Coroutines to their end, in a loop of our own: Python's usual loop here is JavaScript's, and that is out of reach.

A model call suspends all of Python, so coroutines take turns where they wait for each other and nowhere else."""

import asyncio
import contextlib


class _Clock:
    """Stands where files and sockets would be. All that can be waited for is time, and when nobody works it may as well pass."""

    def __init__(self):
        self.now = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("A coroutine waits for something that can't come: nothing else is running.")
        self.now += max(0.0, timeout)
        return []


class _Loop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = _Clock()

    def time(self):
        return self._selector.now

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


async def _waited(awaitable):
    return await awaitable


@contextlib.contextmanager
def outside():
    """For what needs Python's usual loop: none of ours is to be seen meanwhile."""
    inner = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    try:
        yield
    finally:
        asyncio.events._set_running_loop(inner)


@contextlib.contextmanager
def _paused():
    """The task that runs now, which another loop must not find running."""
    inner = asyncio.events._get_running_loop()
    if inner is None:
        yield
        return
    task = asyncio.tasks._swap_current_task(inner, None)
    try:
        yield
    finally:
        asyncio.tasks._swap_current_task(inner, task)


def run(main, *, debug=None, loop_factory=None):
    """The result of a coroutine, also from inside of another one."""
    with _paused(), outside():
        loop = _Loop()
        try:
            return loop.run_until_complete(main if asyncio.iscoroutine(main) else _waited(main))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()


asyncio.run = run
