"""How the trials of a study train here: one a worker on the CPU; on a GPU side by side, or alone where they have to."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collect.engine.estimate import MOST_KINDS, MOST_SECONDS, kind_of, spread
from collect.execute.local import count_gpus
from collect.images import Size
from collect.network.own_stack import why_apart
from collect.study.stacks import LARGEST
from collect.study.study import Study


@dataclass(frozen=True)
class TrainingPath:
    """Where trials train, and how many at once.

    Attributes:
        gpus: that train; 0 where it is the CPU.
        side_by_side: trials of one kind that a worker trains at once, at most.
        cuda_graph: whether their steps are captured.
        stacked_on_gpu: whether a GPU trains, or would train, several at once.
        one_at_a_time: why a GPU trains, or would train, some or all trials of a network of one's own one at a time.
    """

    gpus: int
    side_by_side: int
    cuda_graph: bool
    stacked_on_gpu: bool
    one_at_a_time: str | None = None

    def in_words(self) -> str:
        """A line of a terminal."""
        if not self.gpus:
            several = "some side by side" if self.one_at_a_time else f"up to {LARGEST} side by side"
            elsewhere = several if self.stacked_on_gpu else "one at a time, too"
            return f"Path: one trial a worker on the CPU; a GPU would train {elsewhere}"
        if self.stacked_on_gpu:
            how = " by vmap, some one at a time" if self.one_at_a_time else " by vmap, no CUDA graph"
            how = ", their step one CUDA graph" if self.cuda_graph else how
            return f"Path: up to {self.side_by_side} trials side by side on a GPU{how}"
        return "Path: one trial at a time on a GPU, each step by itself: no stack, no CUDA graph"


def path_of(study: Study, sizes: Mapping[str, Size]) -> TrainingPath:
    """The path that `collect run` takes with --device auto; networks of one's own are tried out, on the CPU.

    Args:
        study: its trials.
        sizes: of its data sets, by name.
    """
    gpus = count_gpus()
    if not study.network:
        return path_on(gpus)
    kinds = {kind_of(cell): cell for cell in study.cells()}
    reasons, begun = list[str | None](), time.monotonic()
    for cell in spread(list(kinds.values()), MOST_KINDS):
        reasons.append(why_apart(cell, sizes[cell.dataset].image_shape, sizes[cell.dataset].classes))
        if time.monotonic() - begun > MOST_SECONDS:
            break
    return path_on(gpus, reasons)


def path_on(gpus: int, reasons: Sequence[str | None] = ()) -> TrainingPath:
    """That of the built-in network, or of one's own.

    Args:
        gpus: that there are.
        reasons: why kinds of a network of one's own train one at a time on a GPU, None for each that does not.
    """
    stacked = not reasons or None in reasons
    why = next(filter(None, reasons), None)
    return TrainingPath(gpus, LARGEST if gpus and stacked else 1, bool(gpus) and not reasons, stacked, why)
