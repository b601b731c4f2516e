"""How long a study will take on this machine: ten steps of each kind of network, timed on noise. Trains no trial."""

import time
from collections.abc import Mapping

import torch
import torch.nn.functional as F

from collect.engine.optimizer import StackOptimizer
from collect.images import Size
from collect.measure.evaluation import BATCH, TEST_SUBSET, TRAIN_SUBSET, evaluation_steps
from collect.network import registry
from collect.study.study import Study
from collect.study.trial import Settings

STEPS = 10


def kind_of(cell: Settings) -> tuple[object, ...]:
    """What the time of a step depends on."""
    names = ("dataset", "batch_size", "optimizer", *registry.chosen().costly)
    return tuple(getattr(cell, name) for name in names)


def study_seconds(study: Study, sizes: Mapping[str, Size], workers: int) -> tuple[float, int]:
    """Estimated wall time in seconds with this many one-thread workers, and the number of kinds timed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        kinds: dict[tuple[object, ...], tuple[float, float]] = {}
        total = 0.0
        for cell in study.cells():
            size = sizes[cell.dataset]
            kind = kind_of(cell)
            if kind not in kinds:
                kinds[kind] = _step_seconds(cell, size)
            total += _trial_seconds(cell, size, *kinds[kind]) * len(study.seeds)
    finally:
        torch.set_num_threads(threads)
    return total / workers, len(kinds)


def _trial_seconds(cell: Settings, size: Size, step: float, image: float) -> float:
    per_epoch = round(size.n_train * (1 - cell.validation)) // cell.batch_size
    points = len(evaluation_steps(per_epoch, cell.epochs, cell.evaluations))
    modes = 2 if registry.chosen().normalises(cell) else 1
    subset, train = min(TEST_SUBSET, size.n_test), min(TRAIN_SUBSET, size.n_train)
    ends = cell.epochs * (modes * size.n_test + train + cell.validation * size.n_train)
    evaluated = (points - cell.epochs) * modes * subset + ends
    probes = (points + 1) * step * BATCH / cell.batch_size
    return per_epoch * cell.epochs * step + evaluated * image + probes


def _step_seconds(cell: Settings, size: Size) -> tuple[float, float]:
    """Seconds of one training step, and of evaluating one image."""
    generator = torch.Generator().manual_seed(0)
    network = registry.chosen()([cell], size.image_shape, size.classes)
    network.initialise([generator])
    optimizer = StackOptimizer(network, STEPS)
    x = torch.randn(cell.batch_size, *size.image_shape, generator=generator).to(memory_format=torch.channels_last)
    target = torch.randint(0, size.classes, (1, cell.batch_size), generator=generator)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(network(x, "train").transpose(1, 2), target).backward()
        optimizer.step()

    def evaluate() -> None:
        with torch.no_grad():
            network(x, "running")

    seconds = []
    for action in (step, evaluate):
        action()
        started = time.perf_counter()
        for _ in range(STEPS):
            action()
        seconds.append((time.perf_counter() - started) / STEPS)
    return seconds[0], seconds[1] / cell.batch_size
