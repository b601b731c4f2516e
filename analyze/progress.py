"""Says on stderr what a long command is doing, once a stage has taken two seconds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

from analyze.report.words.catalogue import Catalogue

PATIENCE = 2.0


class Stages:
    """Called with a stage's key when it begins; a stage that lasts is named in a line of its own."""

    def __init__(self, words: Catalogue) -> None:
        self._words = words
        self._stage = ""
        self._timer: Timer | None = None

    def __call__(self, stage: str) -> None:
        """A stage begins; the same stage again goes on."""
        if stage == self._stage:
            return
        self.end()
        self._stage = stage
        self._timer = Timer(PATIENCE, self._say, [self._words.text(stage)])
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """The last stage is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._stage = None, ""

    @staticmethod
    def _say(text: str) -> None:
        sys.stderr.write(f"{text} …\n")
        sys.stderr.flush()


@contextmanager
def stages(words: Catalogue) -> Iterator[Stages]:
    """Stages for the time of a command."""
    telling = Stages(words)
    try:
        yield telling
    finally:
        telling.end()
