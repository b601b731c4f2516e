"""Which trials may train side by side as one stack, and how a study's trials are dealt out in stacks."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from collect.study.trial import Settings, Trial

#: What may differ between the trials of one stack, besides the seed; all other settings are shared.
OWN = frozenset(
    {
        "ordering",
        "activation",
        "learning_rate",
        "schedule",
        "warmup",
        "momentum",
        "weight_decay",
        "decay_bn",
        "bn_momentum",
        "norm",
        "augment",
        "dropout",
        "dropout_place",
        "init",
    }
)
#: Of these, what a run of trials that are one tensor has in common.
STRUCTURE = ("ordering", "norm", "activation", "dropout_place")
#: More trials than this gain nothing: one H100 trains 100 at its full rate.
LARGEST = 128


class Job(NamedTuple):
    """A trial to run: its id, what it is, and its identity and settings as they stand in `trials`."""

    trial_id: str
    trial: Trial
    row: dict[str, object]


Stack = Sequence[Job]


def kind_of(trial: Trial) -> tuple[object, ...]:
    """What the trials of one stack have in common: data, shapes, batch size, number of steps, arithmetic.

    Of a network of one's own that is all that reaches it, the momentum of its BatchNorm too.
    """
    apart = OWN - {"bn_momentum"} if trial.settings.own else OWN
    shared = tuple(value for name, value in trial.settings if name not in apart)
    return (*shared, trial.data_hash, trial.precision)


def arrange(jobs: Sequence[Job], largest: int, workers: int, together: Sequence[Sequence[str]] = ()) -> list[Stack]:
    """Deal jobs out in stacks of equal size, in their order.

    Args:
        jobs: of any kinds.
        largest: trials in a stack at most.
        workers: that will train stacks at once; a kind makes a stack for each where it has trials enough.
        together: ids of trials that have begun as one stack and go on as one.
    """
    by_id = {job.trial_id: job for job in jobs}
    stacks: list[Stack] = [
        [by_id.pop(trial_id) for trial_id in ids]
        for ids in together
        if len(ids) <= largest and all(trial_id in by_id for trial_id in ids)
    ]
    kinds: dict[tuple[object, ...], list[Job]] = {}
    for job in by_id.values():
        kinds.setdefault(kind_of(job.trial), []).append(job)
    for same in kinds.values():
        pieces = max(-(-len(same) // largest), min(workers, len(same)))
        cuts = [len(same) * piece // pieces for piece in range(pieces + 1)]
        stacks += [neighbours(same[start:stop]) for start, stop in pairwise(cuts)]
    return stacks


def neighbours(stack: Stack) -> list[Job]:
    """The stack with trials that are normalised, activated and updated alike side by side."""

    def likeness(settings: Settings) -> tuple[str, ...]:
        return tuple(str(getattr(settings, name)) for name in (*STRUCTURE, *sorted(OWN)))

    return sorted(stack, key=lambda job: likeness(job.trial.settings))
