"""A run of another tool's, as every format is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from analyze.errors import MissingLibraryError

#: What a setting can be; everything else becomes the text that the tool shows of it.
Setting = str | int | float | bool | None


class Point(NamedTuple):
    """A value of a metric on the way; `epoch` where the tool knows it."""

    metric: str
    step: int
    value: float
    epoch: float | None = None


@dataclass(frozen=True)
class Run:
    """What a run was set to, what came of it, what it measured on its way, and what is only known of its running.

    `right` says of each test sample, in an order that all runs share, whether it was answered rightly.
    """

    id: str
    settings: Mapping[str, Setting]
    metrics: Mapping[str, float]
    status: str = "completed"
    points: Sequence[Point] = ()
    right: tuple[bool, ...] = ()
    bookkeeping: Mapping[str, Setting] = field(default_factory=dict)


def missing(format_name: str, extra: str) -> MissingLibraryError:
    """The error of a format whose library is not installed."""
    return MissingLibraryError(f"to read {format_name}, run: pip install 'ordering-effect[{extra}]'")


def flat(settings: Mapping[str, object], before: str = "") -> dict[str, Setting]:
    """Nested settings under dotted names, as `model.lr`; a list is its text."""
    found: dict[str, Setting] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.")
        else:
            plain = value is None or isinstance(value, str | int | float | bool)
            found[f"{before}{name}"] = value if plain else str(value)  # type: ignore[assignment]  # checked
    return found


def from_folders(path: PurePath) -> dict[str, Setting]:
    """The settings in the names of a run's folders: `lr=0.1,seed=3`; a name without any is the level of `folder_N`."""
    found: dict[str, Setting] = {}
    for depth, name in enumerate(path.parts, start=1):
        pieces = [piece.partition("=") for piece in re.split(r"[,;]|__", name)]
        if all(sign and key for key, sign, _ in pieces):
            found |= {key.strip(" +-"): value for key, _, value in pieces}
        else:
            found[f"folder_{depth}"] = name
    return found
