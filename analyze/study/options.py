"""What may be asked of a study by name, in Python as on the command line: the keywords of `load.load`."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from analyze.errors import UsageError, not_one_of


class Options(TypedDict, total=False):
    """What is left out is the study's own, or what the table shows."""

    factor: str | None
    contrast: Sequence[object] | None
    moderators: Sequence[str] | None
    ignore: Sequence[str]
    margin: float | None
    targets: Sequence[float]
    trial_id: str
    seed: str
    response: str | None
    better: str | None
    unit: str | None
    scale: str | None
    paired: bool | None
    threshold: float | None
    folds: int | None


def checked(**question: Unpack[Options]) -> Options:
    """The question, one name where several are asked for made a list of one.

    Raises:
        UsageError: nothing of that name can be asked, or a contrast has not two levels.
    """
    for name in question:
        if name not in Options.__annotations__:
            raise UsageError(not_one_of("option", name, Options.__annotations__))
    found = question.copy()
    if isinstance(moderators := question.get("moderators"), str):
        found["moderators"] = (moderators,)
    if isinstance(ignore := question.get("ignore"), str):
        found["ignore"] = (ignore,)
    if (contrast := question.get("contrast")) is not None:
        levels = [contrast] if isinstance(contrast, str) else list(contrast)
        if len(levels) != 2:
            raise UsageError(f"contrast needs two levels, first minus second, and not {len(levels)}")
    return found
