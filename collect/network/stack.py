"""Trials side by side: neighbours that have a setting in common, and the shares of a parameter that are each one's."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from torch import Tensor, nn

from collect.study.trial import Settings

if TYPE_CHECKING:
    from types import EllipsisType


class Run(NamedTuple):
    """Neighbouring trials start … stop - 1 of a stack that have a setting in common."""

    start: int
    stop: int
    value: str

    @property
    def trials(self) -> int:
        """How many they are."""
        return self.stop - self.start


def runs(stack: Sequence[Settings], setting: Callable[[Settings], str]) -> tuple[Run, ...]:
    """The stack cut where the setting changes."""
    cut, start = [], 0
    for value, members in groupby(stack, key=setting):
        stop = start + len(list(members))
        cut.append(Run(start, stop, value))
        start = stop
    return tuple(cut)


class Share(NamedTuple):
    """A parameter whose first axis is shared out evenly among trials start … stop - 1 of the stack."""

    kind: Literal["conv", "bias", "norm", "linear", "other"]
    parameter: nn.Parameter
    start: int
    stop: int

    def of(self, start: int, stop: int) -> "slice | EllipsisType":
        """The piece of the first axis that belongs to those of trials start … stop - 1 who have a share."""
        if not self.parameter.ndim:  # a single number is a single trial's
            return ...
        each = len(self.parameter) // (self.stop - self.start)
        first, last = max(start, self.start), min(stop, self.stop)
        return slice((first - self.start) * each, max(last - self.start, first - self.start) * each)


def by_run(values: Tensor, cuts: Sequence[Run], axis: int = 0) -> Sequence[Tensor]:
    """A tensor that all trials share out evenly along an axis, cut into the runs'; a single run's is the tensor."""
    if len(cuts) == 1:
        return (values,)
    each = values.shape[axis] // cuts[-1].stop
    pieces: tuple[Tensor, ...] = values.split([run.trials * each for run in cuts], axis)
    return pieces
