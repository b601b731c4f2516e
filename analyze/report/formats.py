"""What a report can be written as, and which of it the ending of a file's name means."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from analyze.errors import UsageError, not_one_of

Format = Literal["pdf", "html", "json", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)


def formats_of(given: Iterable[str]) -> list[Format]:
    """The formats in words like `pdf` and `html,json`, each once, in their order.

    Raises:
        UsageError: a word is no format.
    """
    names = dict.fromkeys(name.strip().lower() for word in given for name in word.split(","))
    for name in names:
        if name not in FORMATS:
            raise UsageError(not_one_of("--format", name or "''", FORMATS))
    return [one for name in names for one in FORMATS if one == name]


def format_of(path: Path) -> Format:
    """The format that a file's name asks for.

    Raises:
        UsageError: its ending is no format.
    """
    ending = path.suffix.removeprefix(".").lower()
    for one in FORMATS:
        if one == ending:
            return one
    legal = ", ".join(f".{one}" for one in FORMATS)
    raise UsageError(f"{path} says by its ending in which format to write; it must be one of {legal}")
