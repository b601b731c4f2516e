"""Learning rates over a run: a shape of the whole of it, times a linear warm-up."""

import math

from collect.study.trial import Settings

#: Of torch.optim.lr_scheduler.OneCycleLR: the share of steps that rise, and what divides the peak first and last.
RISE, FIRST, LAST = 0.3, 25.0, 25.0 * 1e4


def is_even(settings: Settings) -> bool:
    """Whether every step has the same rate."""
    return settings.schedule == "constant" and not settings.warmup


def rate(settings: Settings, step: int, steps: int) -> float:
    """The learning rate of a step, counted from 1, of a run of so many."""
    shape = {"constant": _constant, "cosine": _cosine, "onecycle": _one_cycle}[settings.schedule]
    warm = min(1.0, step / settings.warmup) if settings.warmup else 1.0
    return settings.learning_rate * shape(step - 1, steps) * warm


def _constant(_done: int, _steps: int) -> float:
    return 1.0


def _cosine(done: int, steps: int) -> float:
    """Half a cosine from the peak to zero."""
    return (1 + math.cos(math.pi * done / steps)) / 2


def _one_cycle(done: int, steps: int) -> float:
    """Smith & Topin 2017 (arXiv 1708.07120) as OneCycleLR has it by default, of which momentum takes no part."""
    peak = RISE * steps - 1
    if done < peak:
        return _between(1 / FIRST, 1.0, done / peak)
    return _between(1.0, 1 / LAST, (done - peak) / (steps - 1 - peak))


def _between(start: float, end: float, share: float) -> float:
    """Half a cosine from `start` to `end`."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
