"""Trains a stack of any size in as many pieces as a device's memory asks for."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import torch

from collect.engine.training import set_up
from collect.images.on_device import ResidentImages
from collect.store.outcome import Outcome
from collect.study.trial import Trial

#: Share of the free memory that is left to workspaces, and to whoever else is on the device.
MARGIN = 0.3
SAMPLE = 4

T = TypeVar("T")


def pieces(
    stack: Sequence[T], largest: int, train: Callable[[Sequence[T]], list[Outcome]]
) -> Iterator[tuple[Sequence[T], list[Outcome]]]:
    """Train a stack piece by piece; a piece that does not fit into memory is halved and tried again.

    Args:
        stack: what is trained, of one kind.
        largest: how many of them a piece holds at most.
        train: trains one piece.

    Yields:
        Each piece that was trained, and what it gave.

    Raises:
        torch.OutOfMemoryError: a single trial does not fit.
    """
    number = -(-len(stack) // largest)
    cuts = [len(stack) * piece // number for piece in range(number + 1)]
    waiting = deque(stack[start:stop] for start, stop in pairwise(cuts))
    while waiting:
        piece = waiting.popleft()
        outcomes = None
        try:
            outcomes = train(piece)
        except torch.OutOfMemoryError:
            if len(piece) == 1:
                raise
            half = len(piece) // 2
            waiting.extendleft([piece[half:], piece[:half]])
        if outcomes:
            yield piece, outcomes
        else:
            torch.cuda.empty_cache()  # now that the error, which holds on to everything, is gone


def capacity(stack: Sequence[Trial], images: ResidentImages) -> int:
    """How many of these trials the device holds at once, by the memory that a few of them take."""
    if images.train_images.device.type != "cuda" or len(stack) <= 2 * SAMPLE:
        return len(stack)
    used = [(trials, _bytes_of_a_step(stack[:trials], images)) for trials in (SAMPLE, 2 * SAMPLE)]
    torch.cuda.empty_cache()
    return min(len(stack), holds(torch.cuda.mem_get_info()[0], *used))


def holds(free: int, small: tuple[int, int], large: tuple[int, int]) -> int:
    """Trials that fit into `free` bytes, at least one.

    Args:
        free: bytes.
        small: a number of trials, and the bytes they took.
        large: a larger number of trials, and the bytes they took.
    """
    each = max(1, (large[1] - small[1]) // (large[0] - small[0]))
    fixed = max(0, small[1] - each * small[0])
    return max(1, int(((1 - MARGIN) * free - fixed) // each))


def _bytes_of_a_step(stack: Sequence[Trial], images: ResidentImages) -> int:
    """A step's peak and a probe's, one beside the other, for a captured step keeps its memory."""
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    stepper, recorder, _ = set_up(stack, images)
    stepper(1)
    peak = torch.cuda.max_memory_allocated()
    resting = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    recorder.probe(1)
    return peak - before + torch.cuda.max_memory_allocated() - resting
