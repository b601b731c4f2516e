"""How the trials of a study train here: one a worker on the CPU; on a GPU side by side, as one CUDA graph, or alone."""

from dataclasses import dataclass

from collect.execute.local import count_gpus
from collect.network import registry
from collect.network.interface import Network
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
    """

    gpus: int
    side_by_side: int
    cuda_graph: bool
    stacked_on_gpu: bool

    def in_words(self) -> str:
        """A line of a terminal."""
        if not self.gpus:
            elsewhere = f"up to {LARGEST} side by side" if self.stacked_on_gpu else "one at a time, too"
            return f"Path: one trial a worker on the CPU; a GPU would train {elsewhere}"
        if self.cuda_graph:
            return f"Path: up to {self.side_by_side} trials side by side on a GPU, their step one CUDA graph"
        return "Path: one trial at a time on a GPU, each step by itself: no stack, no CUDA graph"


def path_of(study: Study) -> TrainingPath:
    """The path that `collect run` takes with --device auto."""
    return path_on(count_gpus(), registry.chosen(next(iter(study.cells()))))


def path_on(gpus: int, network: type[Network]) -> TrainingPath:
    """That of a network where there are so many GPUs."""
    together = bool(gpus) and network.stacked
    return TrainingPath(gpus, LARGEST if together else 1, cuda_graph=together, stacked_on_gpu=network.stacked)
