"""Every error a user of `analyze` can meet.

AnalyzeError                 one sentence on stderr, exit code 2
├── UsageError               an option has no legal value, or two options contradict each other
├── StudyNotFoundError       there is no trials.parquet where one was looked for
├── InvalidTableError        a table lacks a column or holds values that mean nothing
├── CannotWriteError         a result could not be written where it was asked for
│   └── NoRoomError          exit code 3: the disk is full
├── MissingLibraryError      a library is not installed that PDFs need, or the runs of a tool
└── MissingFontError         no installed font has some of the characters
"""

from collections.abc import Iterable
from difflib import get_close_matches


class AnalyzeError(Exception):
    """A mistake the user can correct; its message says what is wrong, where, and what would be right."""

    exit_code = 2


class UsageError(AnalyzeError):
    """An option has no legal value, or two options contradict each other."""


class StudyNotFoundError(AnalyzeError):
    """There is no trials.parquet where one was looked for."""


class InvalidTableError(AnalyzeError):
    """A table lacks a column or holds values that mean nothing."""


class CannotWriteError(AnalyzeError):
    """A result could not be written where it was asked for."""


class NoRoomError(CannotWriteError):
    """The disk is full."""

    exit_code = 3


class MissingLibraryError(AnalyzeError):
    """A library is not installed: one of the system that PDFs need, or one that reads the runs of a tool."""


class MissingFontError(AnalyzeError):
    """No installed font has some of the characters."""


def not_one_of(kind: str, given: object, legal: Iterable[object]) -> str:
    """The sentence for a name that is none of the legal ones, with the closest of them."""
    names = [str(name) for name in legal]
    closest = get_close_matches(str(given), names, n=1, cutoff=0.5)
    hint = f", did you mean {closest[0]}?" if closest else ""
    return f"{kind} {given} is not one of {', '.join(names)}{hint}"
