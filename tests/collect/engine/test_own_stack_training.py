"""Trials of a network of one's own, trained side by side by the engine, beside the same trials trained singly."""

from pathlib import Path
from typing import Any

import pytest
import torch

from collect.engine import checkpoint as checkpoints
from collect.engine import gain
from collect.engine.checkpoint import Checkpoint, StoppedError
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages
from collect.network.own_stack import ApartError, OwnStack
from collect.store.outcome import Outcome
from collect.store.place.folder import FolderStore
from collect.study.own_network import OwnNetwork, settings_from
from collect.study.trial import Trial
from tests.collect.engine.test_training import result
from tests.collect.network.own_networks import HARDER, MLP, RESIDUAL

RECIPE = {"dataset": "blobs", "epochs": 2, "batch_size": 32, "evaluations": 3, "optimizer": "sgd", "momentum": 0.0}
RATES = (1e-3, 1e-2, 1e-2)


def trial(seed: int, rate: float = 1e-2, source: str = RESIDUAL, precision: Any = "fp32", **settings: object) -> Trial:
    """A few steps on the blobs."""
    own = OwnNetwork("own.py:build", source)
    chosen = settings_from({**RECIPE, "learning_rate": rate, **settings}, own)
    return Trial(settings=chosen, seed=seed, data_hash="blobs", precision=precision)


def stack(**settings: object) -> list[Trial]:
    """Three trials, the first of which learns by a rate of its own."""
    return [trial(seed, rate, **settings) for seed, rate in enumerate(RATES)]  # type: ignore[arg-type]  # passed through


def test_a_stack_is_measured_as_its_trials_are_alone(resident: ResidentImages) -> None:
    """Hashes are the same; losses in both modes and probes are, in fp32, to 1e-3; the size is in the row."""
    contrast = ("norm_layer", ("group", "batch"))
    together = train(stack(), resident, contrast=contrast)
    for one, ours in zip(stack(), together, strict=True):
        [alone] = train([one], resident, contrast=contrast)
        assert (ours.row.stack_size, alone.row.stack_size) == (3, 1)
        for name in ("init_hash", "order_hash", "shared_parameters", "status", "steps"):
            assert getattr(ours.row, name) == getattr(alone.row, name)
        assert ours.row.test_accuracy_batch is not None
        for points in (("curve", "loss"), ("layer", "grad_norm"), ("layer", "activation_var"), ("layer", "bn_var_lag")):
            assert values(ours, *points) == pytest.approx(values(alone, *points), rel=1e-3, abs=1e-4)
        assert [(row.step, row.module) for row in ours.layer] == [(row.step, row.module) for row in alone.layer]


def values(outcome: Outcome, table: str, name: str) -> list[float]:
    """A column of a trial's curve or layers, without its nulls."""
    return [value for row in getattr(outcome, table) if (value := getattr(row, name)) is not None]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_stack_repeats_bit_for_bit(resident: ResidentImages, precision: str) -> None:
    """Of either arithmetic, and whatever its probes saw; and it learns."""
    first, second, unseen = (
        train(stack(precision=precision, epochs=4), resident, probes=probes) for probes in (True, True, False)
    )
    for one, other, plain in zip(first, second, unseen, strict=True):
        assert result(one) == result(other)
        assert result(one)[:2] == result(plain)[:2]
    assert first[2].row.test_accuracy > 0.6


def test_a_trial_that_diverges_leaves_the_others_as_they_are(resident: ResidentImages) -> None:
    """One learns by 1e30: it is a result, and its neighbours' are bit for bit those beside a healthy one."""
    healthy = train(stack(source=MLP, dropout=0.0), resident)
    members = stack(source=MLP, dropout=0.0)
    members[1] = trial(1, 1e30, MLP, dropout=0.0)
    beside = train(members, resident)
    assert [outcome.row.status for outcome in beside] == ["completed", "diverged", "completed"]
    assert all(result(beside[k]) == result(healthy[k]) for k in (0, 2))


@pytest.mark.parametrize(("source", "own"), [(RESIDUAL, {}), (HARDER, {"kind": "tied"})])
def test_a_stack_goes_on_where_it_was(
    resident: ResidentImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, own: dict[str, object]
) -> None:
    """Stopped after every third step and taken up anew, running statistics and other buffers and all: the same bits."""
    members = stack(source=source, optimizer="adam", **own)
    monkeypatch.setattr(checkpoints, "EVERY_SECONDS", 1e9)
    cut = stopped_and_resumed(members, resident, tmp_path)
    assert [result(one) for one in cut] == [result(one) for one in train(members, resident)]


def stopped_and_resumed(members: list[Trial], images: ResidentImages, folder: Path) -> list[Outcome]:
    """Train, stopping after every third step."""
    store = FolderStore(folder)
    store.prepare()
    stops = 0
    while True:
        calls = iter([False, False, True])
        kept = Checkpoint(store, [one.trial_id for one in members], {}, lambda calls=calls: next(calls))
        try:
            outcomes = train(members, images, checkpoint=kept)
            break
        except StoppedError:
            stops += 1
            torch.manual_seed(12)
    assert stops >= 4
    return outcomes


def test_what_draws_at_random_does_not_train_side_by_side(resident: ResidentImages) -> None:
    """It says so before the first step; each trial alone has what it draws of its own."""
    with pytest.raises(ApartError, match="draws at random"):
        train(stack(source=MLP), resident)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("each", [0.3, 0.1])
def test_what_is_slower_side_by_side_does_not_train_so(
    resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, each: float, precision: str
) -> None:
    """On a GPU three of 0.6 s stay together where one takes 0.3 s, and not where it takes 0.1 s; nothing is moved."""
    stepper, _, _ = set_up(stack(precision=precision), resident)
    network = stepper.network
    assert isinstance(network, OwnStack)
    before = {name: values.clone() for name, values in network.state().items()}
    gain.require_gain(stepper)  # on a CPU nothing is timed
    network.on_gpu = True
    seconds = iter([0.0, 9.0, *[0.0, 0.7, 0.0, 0.6, 0.0, 0.8], 0.0, 9.0, *[0.0, each] * 3])
    monkeypatch.setattr(gain, "_now", lambda _: next(seconds))
    if each < 0.2:
        with pytest.raises(ApartError, match=r"3 side by side take 2\.0 times as long as one after another"):
            gain.require_gain(stepper)
    else:
        gain.require_gain(stepper)
    assert next(seconds, None) is None
    assert all(torch.equal(values, before[name]) for name, values in network.state().items())
    assert all(not share.parameter.grad.any() for share in network.shares())


def test_every_parameter_is_held_once(resident: ResidentImages) -> None:
    """The optimizer's slices cover what is trained of every member, each with its own recipe, and a step moves it."""
    stepper, _, _ = set_up(stack(source=HARDER, weight_decay=0.1), resident)
    network = stepper.network
    assert isinstance(network, OwnStack)
    groups = stepper.optimizer.torch_optimizer.param_groups
    assert [group["lr"] for group in groups] == [1e-3, 1e-2]
    held = [p for member in network.members for p in member.built.parameters() if p.requires_grad]
    assert sum(p.numel() for group in groups for p in group["params"]) == sum(p.numel() for p in held)
    before = [p.detach().clone() for p in held]
    stepper(1)
    assert all(not torch.equal(then, now) for then, now in zip(before, held, strict=True))
