"""A process of a test, forked from one that has imported the bot already: a start costs no second of imports.

It shares nothing with the test but its arguments: the process it is forked from has opened nothing.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.adapters.bot_process"])


def forked(main: Callable[..., object], *arguments: object) -> ForkServerProcess:
    """The process, begun; `main` is a function of a module."""
    process = _context.Process(target=main, args=arguments)
    process.start()
    return process
