"""What asks a run to stop, and the parent's word to its workers that they should keep their state and leave."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from collect.errors import StudyError

#: Ctrl-C, a queue's notice, a terminal that closes, the end of `--stop-after`.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM)
#: `timeout` sends its signal to the run and then to the run's group: what follows so soon is the same request.
SAME_SECONDS = 2.0
DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")

Handler = Callable[[int, FrameType | None], object]

_parents: list[Connection] = []


class InterruptedRunError(SystemExit):
    """A signal asked to stop. What is finished is kept; the code is 130 after Ctrl-C, 143 after whatever else asks it.

    Not a KeyboardInterrupt, of which typer would make 130 whatever the signal was.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + (signal.SIGINT if number == signal.SIGINT else signal.SIGTERM))


def handled(handler: Handler) -> dict[int, Any]:
    """Let a handler take these signals, but for those that are ignored, as under nohup; the handlers before it."""
    numbers = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in numbers}


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Let these signals wait. Threads and processes that are started meanwhile never get them.

    A queue sends them to every process of a job, and those of `multiprocessing` itself would die of some.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def draining(drain: Callable[[], None], received: list[int]) -> Iterator[None]:
    """On the first signal to stop let running trials keep their state, on the second stop at once.

    Args:
        drain: called on the first signal.
        received: takes up the signals.
    """
    first = 0.0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal first
        if received:
            if number == signal.SIGINT or time.monotonic() - first > SAME_SECONDS:
                raise InterruptedRunError(number)
            return
        first = time.monotonic()
        received.append(number)
        drain()
        with suppress(OSError):  # nobody may be there to read it
            os.write(2, b"\nstopping; running trials keep their state first. Press Ctrl-C again to stop at once\n")

    before = handled(stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def seconds(duration: str) -> int:
    """3h50m -> 13800.

    Raises:
        StudyError: it is no duration.
    """
    found = DURATION.fullmatch(duration)
    days, hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if not total:
        raise StudyError(f"--stop-after must be a time like 3h50m, 90m or 2d, not {duration!r}")
    return total


def listen(parent: Connection) -> None:
    """From now on the word is that the other end of this pipe is closed."""
    _parents[:] = [parent]


def asked() -> bool:
    """Whether the word has come; never in a process that does not listen."""
    return any(parent.poll() for parent in _parents)
