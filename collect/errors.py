"""Every error a user can meet.

CollectError                     exit code 2
├── StudyError                   a study file, a preset's name or a --set value is wrong
├── PlanChangedError             the study on disk was planned otherwise
├── ImagesError                  a data set is absent or is not what it should be
├── StoreError                   a study's folder or bucket cannot be read or written
│   ├── UnansweredError          the service that holds it does not answer
│   └── UnreadableError          what lies there is no file, or larger than any of its name
├── NetworkError                 the code of a network of one's own fails
├── ClusterError                 there is no Ray, or no cluster at the address
├── MachineError                 the machine allows less than a run takes
├── DamagedPartError             a part is not what was written (read by the store alone)
├── DamagedPartsError            several are, found while the tables were built (likewise)
└── NoRoomError                  exit code 3: the disk is full
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class CollectError(Exception):
    """Root of the tree; its message is one sentence for the user."""

    exit_code = 2


class StudyError(CollectError):
    """A study file, a preset's name or a --set value is wrong."""


class PlanChangedError(CollectError):
    """The study on disk was planned otherwise."""


class ImagesError(CollectError):
    """A data set is absent or is not what it should be."""


class StoreError(CollectError):
    """A study's folder or bucket cannot be read or written."""


class UnansweredError(StoreError):
    """The service that holds a study does not answer."""


class UnreadableError(StoreError):
    """What lies there is no regular file, or is larger than any of its name."""


class NetworkError(CollectError):
    """The code of a network of one's own fails."""


class ClusterError(CollectError):
    """There is no Ray, or no cluster at the address."""


class MachineError(CollectError):
    """The machine allows less than a run takes."""


class DamagedPartError(CollectError):
    """A part's bytes are not those that were written."""


class DamagedPartsError(CollectError):
    """Parts whose bytes are those that were written, and which do not hold what their trials gave.

    Attributes:
        problems: what is wrong with each, by trial id.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


class NoRoomError(CollectError):
    """The disk is full."""

    exit_code = 3


def closest(wrong: str, legal: Iterable[str]) -> str:
    """Name the legal choice nearest to a wrong one, or list them all."""
    choices = sorted(legal)
    near = nearest(wrong, choices)
    return f"did you mean {near!r}?" if near else f"choose from {', '.join(choices)}"


def nearest(wrong: str, choices: Iterable[str], likeness: float = 0.5) -> str | None:
    """The choice that is abbreviated (lr, act) or, at this likeness of 1, misspelt so; None where no one is near."""
    wrong, choices = wrong[:80].lower().replace("-", "_"), list(choices)
    short = [one for one in choices if wrong == "".join(word[:1] for word in one.split("_")) or one.startswith(wrong)]
    near = short if len(wrong) > 1 and short else get_close_matches(wrong, choices, n=1, cutoff=likeness)
    return near[0] if near else None
