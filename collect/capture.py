"""The fastest way to take a stack's steps: on a GPU they become one CUDA graph, compiled if that pays for itself.

The first steps are ordinary ones; they warm up what a graph cannot hold (cuDNN's choice of kernels, the optimizer's
state). Then the step is captured once, without being run, and replayed from there on.
"""

import time
from collections.abc import Callable

import torch

from collect.stepping import Stepper

WARM_STEPS = 5
#: Measured on an H100 at depth 4 in bf16: torch.compile takes about a minute and saves a quarter of a captured step.
COMPILE_SECONDS = 60.0
COMPILE_SAVES = 0.25


def fastest(stepper: Stepper, steps: int) -> Callable[[int], None]:
    """What takes a step, given its number, if so many are to be taken."""
    return Captured(stepper, steps) if stepper.device_type == "cuda" else stepper


def compiling_pays(step_seconds: float, steps_left: int) -> bool:
    """Whether torch.compile saves twice the time that it takes."""
    return step_seconds * steps_left * COMPILE_SAVES > 2 * COMPILE_SECONDS


class Captured:
    """Steps that turn into the replay of one graph."""

    def __init__(self, stepper: Stepper, steps: int) -> None:
        self.stepper, self.steps_left = stepper, steps
        self.graph: torch.cuda.CUDAGraph | None = None
        self._warm, self._warm_enough = 0, WARM_STEPS + 1
        self._stream = torch.cuda.Stream()

    def __call__(self, step: int) -> None:
        """Take a step, counted from 1."""
        self.steps_left -= 1
        if self.graph:
            self.stepper.prepare(step)
            self.graph.replay()
            return
        seconds = self._take(step)
        self._warm += 1
        if self._warm == WARM_STEPS + 1 and compiling_pays(seconds, self.steps_left):
            self.stepper.compile()
            self._warm_enough += WARM_STEPS
        if self._warm == self._warm_enough:
            self._capture()

    def _take(self, step: int) -> float:
        """Take an ordinary step on a stream of its own, as capture demands; the seconds it took."""
        torch.cuda.synchronize()
        started = time.perf_counter()
        with torch.cuda.stream(self._stream):
            self.stepper(step)
        torch.cuda.synchronize()
        return time.perf_counter() - started

    def _capture(self) -> None:
        torch.cuda.empty_cache()  # the graph has a pool of its own
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.stepper.compute()
        self.graph = graph
