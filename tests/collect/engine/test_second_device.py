"""Training where images and networks are not in main memory: nothing is left behind, and the numbers are the same."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from collect.engine import checkpoint as checkpoints
from collect.engine import gain
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages
from collect.network.own_stack import ApartError, OwnStack
from collect.store.outcome import Outcome
from tests.collect.conftest import trial as built_in
from tests.collect.engine.second_device import second_device
from tests.collect.engine.test_own_stack_training import stack, stopped_and_resumed, trial
from tests.collect.engine.test_training import result
from tests.collect.network.own_networks import HARDER, MLP

STACKS = {
    "residual": stack(),
    "functional": stack(source=MLP, dropout=0.0),
    "tied": stack(source=HARDER, kind="tied"),
    "alone": stack()[:1],
}
CONTRASTS = {"residual": ("norm_layer", ("group", "batch")), "alone": ("norm_layer", ("group", "batch"))}


LEFT_BEHIND = """
import torch
from torch import nn
class Shifted(nn.Module):
    def __init__(self, pixels, classes):
        super().__init__()
        self.linear, self.shift = nn.Linear(pixels, classes), torch.zeros(classes)
    def forward(self, x):
        return self.linear(x.flatten(1)) + self.shift
def build(image_shape, classes):
    return Shifted(image_shape[0] * image_shape[1] * image_shape[2], classes)
"""


@pytest.fixture
def away(resident: ResidentImages, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResidentImages]:
    """The blobs there."""
    with second_device(monkeypatch) as device:
        tensors = [field.name for field in fields(resident) if field.name != "classes"]
        yield replace(resident, **{name: getattr(resident, name).to(device) for name in tensors})


def measured(outcome: Outcome) -> tuple[object, ...]:
    """All that a trial gives, but for the device's name."""
    row, *tables = result(outcome)
    return {**row, "device": None}, *tables


@pytest.mark.parametrize("name", STACKS)
def test_networks_of_ones_own(away: ResidentImages, resident: ResidentImages, name: str) -> None:
    """Side by side or alone, with probes, modes and shared parameters: bit for bit what they give in main memory."""
    there = train(STACKS[name], away, contrast=CONTRASTS.get(name))
    here = train(STACKS[name], resident, contrast=CONTRASTS.get(name))
    assert [outcome.row.device for outcome in there] == ["meta"] * len(here)
    assert list(map(measured, there)) == list(map(measured, here))


@pytest.mark.parametrize("settings", [{}, {"norm": "group"}, {"dropout": 0.3}, {"augment": "flip_crop"}, {"warmup": 4}])
def test_the_built_in_network(away: ResidentImages, resident: ResidentImages, settings: dict[str, object]) -> None:
    """The same to rounding; by SGD, for Adam makes steps of rounding where a bias has no gradient."""
    trials = [built_in(seed, optimizer="sgd", **settings) for seed in range(2)]
    for there, here in zip(train(trials, away), train(trials, resident), strict=True):
        assert losses(there) == pytest.approx(losses(here), rel=1e-4)


def losses(outcome: Outcome) -> list[float]:
    """A trial's curve."""
    return [point.loss for point in outcome.curve if point.loss is not None]


def test_state_that_was_kept_goes_on(away: ResidentImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after every third step and taken up anew, a stack ends with the same bits."""
    monkeypatch.setattr(checkpoints, "EVERY_SECONDS", 1e9)
    cut = stopped_and_resumed(STACKS["residual"], away, tmp_path)
    assert list(map(measured, cut)) == list(map(measured, train(STACKS["residual"], away)))


def test_what_timing_leaves(away: ResidentImages) -> None:
    """Whether side by side is faster is tried out there too, and changes nothing."""
    stepper, _, _ = set_up(STACKS["residual"], away)
    network = stepper.network
    assert isinstance(network, OwnStack)
    network.on_gpu = True
    before = {name: values.detach().clone() for name, values in network.state().items()}
    with suppress(ApartError):
        gain.require_gain(stepper)
    assert all(torch.equal(values, before[name]) for name, values in network.state().items())


def test_what_was_left_behind_is_seen(away: ResidentImages) -> None:
    """The test of these tests: a network that keeps a tensor out of its parameters and buffers cannot train there."""
    left = trial(0, source=LEFT_BEHIND)
    with pytest.raises(RuntimeError, match="tensors on two devices"):
        train([left], away)
