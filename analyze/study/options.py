"""What may be asked of a study by name, in Python as on the command line: the keywords of `load.load`."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from analyze.errors import UsageError, not_one_of


class Options(TypedDict, total=False):
    """What is left out is the study's own, or what the table shows.

    Attributes:
        factor: another primary factor.
        contrast: its two levels, first minus second, as typed.
        moderators: the factors to average over, beside the study's own.
        ignore: columns that are no factors.
        margin: the equivalence margin, in the unit of the response: percentage points of an accuracy; on the log scale
            a ratio above 1. Of several responses it is that of the first, or a list has one for each.
        response: the column that is compared, test_accuracy where none is named; of several the first decides.
        better: higher, lower or neither; one for all responses, or one for each.
        scale: raw, log or logit, likewise.
        paired: whether runs of a seed are pairs; None leaves it to the seeds.
        threshold: a number that all runs are compared with, written as the table writes the response; factors are then
            moderators.
        folds: k, where every seed is one fold of a k-fold cross-validation, or a random split that tests 1/k.
        targets: target accuracies, shares.
        trial_id: the column that tells trials apart; where it is absent they are numbered.
        seed: the column of the seed.
        unit: of the response: share or percent, or any other, which is printed; of several, as `better`.
    """

    factor: str | None
    contrast: Sequence[object] | None
    moderators: Sequence[str] | None
    ignore: Sequence[str]
    margin: float | Sequence[float | None] | None
    response: str | Sequence[str] | None
    better: str | Sequence[str | None] | None
    scale: str | Sequence[str | None] | None
    paired: bool | None
    threshold: float | None
    folds: int | None
    targets: Sequence[float]
    trial_id: str
    seed: str
    unit: str | Sequence[str | None] | None


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
