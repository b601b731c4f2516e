"""The fastest way to take a stack's steps: on a GPU they become one CUDA graph, compiled if that pays for itself.

The first steps are ordinary ones; they warm up what a graph cannot hold (cuDNN's choice of kernels, the optimizer's
state). Then the step is captured, which does not run it, and replayed from there on. A few replays are timed; if what
is left of the work is worth a compiler's time, the network is compiled, warmed up and captured once more.
"""

import time
import warnings
from collections.abc import Callable

import torch

from collect.engine.step import Stepper

WARM_STEPS = 5
TIMED_REPLAYS = 5
#: Measured on an H100, 128 trials of 15 cells: torch.compile takes 37 to 54 s and saves 43 % of a captured step in bf16
#: at depth 4, 23 % in tf32.
COMPILE_SECONDS = 60.0
COMPILE_SAVES = 0.25


def fastest(stepper: Stepper, steps: int) -> Callable[[int], None]:
    """What takes a step, given its number, if so many are to be taken."""
    return Captured(stepper, steps) if stepper.device_type == "cuda" and stepper.network.captured else stepper


def compiling_pays(step_seconds: float, steps_left: int) -> bool:
    """Whether torch.compile saves twice the time that it takes."""
    return step_seconds * steps_left * COMPILE_SAVES > 2 * COMPILE_SECONDS


class Captured:
    """Steps that turn into the replay of one graph."""

    def __init__(self, stepper: Stepper, steps: int) -> None:
        self.stepper, self.steps_left = stepper, steps
        self.graph: torch.cuda.CUDAGraph | None = None
        self._ordinary, self._timed = WARM_STEPS, list[float]()
        self._stream = torch.cuda.Stream()

    def __call__(self, step: int) -> None:
        """Take a step, counted from 1."""
        self.steps_left -= 1
        if self.graph is None:
            self._take(step)
            self._ordinary -= 1
            if not self._ordinary:
                self.graph = self._captured()
        elif len(self._timed) < TIMED_REPLAYS:
            self._timed.append(self._seconds_of_a_replay(step))
            if len(self._timed) == TIMED_REPLAYS and compiling_pays(min(self._timed), self.steps_left):
                self.graph, self._ordinary = None, WARM_STEPS
                self.stepper.compile()
        else:
            self._replay(step)

    def _take(self, step: int) -> None:
        """Take an ordinary step on a stream of its own, as capture demands."""
        torch.cuda.synchronize()
        with torch.cuda.stream(self._stream), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*capturable=True")  # the graph is still to come
            self.stepper(step)
        torch.cuda.synchronize()

    def _captured(self) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.stepper.compute()
        return graph

    def _replay(self, step: int) -> None:
        assert self.graph
        self.stepper.prepare(step)
        self.graph.replay()

    def _seconds_of_a_replay(self, step: int) -> float:
        torch.cuda.synchronize()
        started = time.perf_counter()
        self._replay(step)
        torch.cuda.synchronize()
        return time.perf_counter() - started
