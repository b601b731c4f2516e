"""Every error a user of `analyze` can meet.

AnalyzeError                 one sentence on stderr, exit code 2
├── UsageError               an option has no legal value, or two options contradict each other
├── StudyNotFoundError       there is no trials.parquet where one was looked for
├── InvalidTableError        a table lacks a column or holds values that mean nothing
├── CannotWriteError         a result could not be written where it was asked for
├── MissingLibraryError      a system library that PDFs need is not installed
└── MissingFontError         no installed font has some of the characters
"""

from collections.abc import Iterable
from difflib import get_close_matches


class AnalyzeError(Exception):
    """A mistake the user can correct; its message says what is wrong, where, and what would be right."""


class UsageError(AnalyzeError):
    """An option has no legal value, or two options contradict each other."""


class StudyNotFoundError(AnalyzeError):
    """There is no trials.parquet where one was looked for."""


class InvalidTableError(AnalyzeError):
    """A table lacks a column or holds values that mean nothing."""


class CannotWriteError(AnalyzeError):
    """A result could not be written where it was asked for."""


class MissingLibraryError(AnalyzeError):
    """A system library that PDFs need is not installed."""


class MissingFontError(AnalyzeError):
    """No installed font has some of the characters."""


def not_one_of(kind: str, given: object, legal: Iterable[object]) -> str:
    """The sentence for a name that is none of the legal ones, with the closest of them."""
    names = [str(name) for name in legal]
    closest = get_close_matches(str(given), names, n=1, cutoff=0.5)
    hint = f", did you mean {closest[0]}?" if closest else ""
    return f"{kind} {given} is not one of {', '.join(names)}{hint}"
