"""Learning rates against those of torch.optim.lr_scheduler."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, LinearLR, LRScheduler, OneCycleLR

from collect.engine import schedule
from collect.study.trial import Settings
from tests.collect.network.test_network import batches, copy_weights, losses, of, plain, seeded

PEAK = 0.1


def one_cycle(optimizer: Optimizer, steps: int) -> LRScheduler:
    """Torch's, with momentum left alone."""
    return OneCycleLR(optimizer, max_lr=PEAK, total_steps=steps, cycle_momentum=False)


def warm_cosine(optimizer: Optimizer, steps: int) -> LRScheduler:
    """Both factors at once: a warm-up of five steps, and a cosine over the whole run."""
    warm = LinearLR(optimizer, start_factor=1 / 5, total_iters=4)
    return ChainedScheduler([warm, CosineAnnealingLR(optimizer, T_max=steps)])


def warm(optimizer: Optimizer, _: int) -> LRScheduler:
    """A warm-up alone."""
    return LinearLR(optimizer, start_factor=1 / 5, total_iters=4)


SCHEDULES = [
    ({"schedule": "onecycle"}, one_cycle),
    ({"schedule": "cosine"}, lambda optimizer, steps: CosineAnnealingLR(optimizer, T_max=steps)),
    ({"schedule": "cosine", "warmup": 5}, warm_cosine),
    ({"warmup": 5}, warm),
]
NAMES = ["onecycle", "cosine", "warm cosine", "warm"]


@pytest.mark.parametrize(("chosen", "theirs"), SCHEDULES, ids=NAMES)
@pytest.mark.parametrize("steps", [5, 20, 101])
def test_the_rates_are_torch_s(
    chosen: dict[str, object], theirs: Callable[[Optimizer, int], LRScheduler], steps: int
) -> None:
    """Of every step of a run, and the peak is what was asked for."""
    settings = Settings.model_validate({"learning_rate": PEAK, **chosen})
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=PEAK)
    scheduler, expected = theirs(optimizer, steps), []
    for _ in range(steps):
        expected.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if len(expected) < steps:
            scheduler.step()
    assert [schedule.rate(settings, step, steps) for step in range(1, steps + 1)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_a_run_of_few_steps_has_its_rates(steps: int) -> None:
    """Even one in which there is no time to rise."""
    settings = Settings(schedule="onecycle", learning_rate=PEAK, warmup=2)
    assert all(0 < schedule.rate(settings, step, steps) <= PEAK for step in range(1, steps + 1))


@pytest.mark.parametrize(("chosen", "theirs"), SCHEDULES, ids=NAMES)
def test_twenty_steps_are_those_of_torch(
    chosen: dict[str, object], theirs: Callable[[Optimizer, int], LRScheduler]
) -> None:
    """Losses of a stack of one in float64 under torch's own SGD and scheduler, to 1e-10."""
    recipe = {"learning_rate": PEAK, "optimizer": "sgd", **chosen}
    [settings] = of([Settings.model_validate(recipe)], 2)
    network, twin = seeded([settings], [3]), plain(settings).double()
    copy_weights(network, twin)
    optimizer = torch.optim.SGD(twin.parameters(), lr=PEAK, momentum=0.9)
    scheduler, data, expected = theirs(optimizer, 20), batches(1, 20), []
    for x, y in data:
        loss = F.cross_entropy(twin(x), y[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
        if len(expected) < 20:
            scheduler.step()
    assert [row[0] for row in losses(network, data)] == pytest.approx(expected, rel=1e-10)
