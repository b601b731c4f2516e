"""Training a trial: pairing, determinism, divergence, what is recorded and when."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from collect.engine import training
from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.measure.evaluation import evaluation_steps
from collect.network.cnn import StackedCNN
from tests.collect.conftest import trial

SECONDS = ("train_seconds", "wall_seconds")


def result(outcome: Any) -> tuple[dict[str, Any], Any, Any]:
    """Everything of an outcome but the time it took."""
    return {k: v for k, v in vars(outcome.row).items() if k not in SECONDS}, outcome.curve, outcome.layer


def test_pairs_share_initial_weights_and_batch_order(resident: ResidentImages) -> None:
    """Same seed: equal hashes across orderings and activations; another seed: neither hash is equal."""
    arms = [trial(ordering=o, activation=a) for o in ("bn_act", "act_bn", "none") for a in ("relu", "tanh")]
    rows = [train([arm], resident)[0].row for arm in arms]
    assert len({(row.init_hash, row.order_hash) for row in rows}) == 1
    other = train([trial(seed=1)], resident)[0].row
    assert other.init_hash != rows[0].init_hash
    assert other.order_hash != rows[0].order_hash


def test_a_trial_repeats_bit_for_bit(resident: ResidentImages) -> None:
    """The same trial gives the same numbers and correctness bits, wall times aside."""
    first, second = (train([trial()], resident)[0] for _ in range(2))
    assert result(first) == result(second)


def test_probes_do_not_change_the_training(resident: ResidentImages) -> None:
    """Rows and curves are the same bits with probes on and off."""
    watched, unwatched = train([trial()], resident)[0], train([trial()], resident, probes=False)[0]
    assert result(watched)[:2] == result(unwatched)[:2]
    assert watched.layer
    assert not unwatched.layer


@pytest.mark.parametrize("ordering", ["bn_act", "act_bn", "none"])
def test_evaluation_does_not_change_the_training(
    resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, ordering: str
) -> None:
    """Steps alone end with the same bits of weights and running statistics; nothing is drawn from global generators."""
    stack = [trial(ordering=ordering), trial(seed=1, ordering="act_bn", activation="tanh")]
    alone, _, _ = training.set_up(stack, resident)
    steps = len(alone.batches)
    for step in range(1, steps + 1):
        alone(step)
    seen = []
    monkeypatch.setattr(training, "fastest", lambda stepper, _: seen.append(stepper) or stepper)
    before = torch.get_rng_state()
    outcomes = train(stack, resident)
    assert torch.equal(torch.get_rng_state(), before)
    assert {point.step for point in outcomes[0].curve} > {0, steps}
    [watched] = seen
    ours, theirs = watched.network.state_dict(), alone.network.state_dict()
    lasting = [name for name in theirs if "batch_" not in name]  # every step overwrites the batch statistics
    assert len(lasting) >= 6
    assert all(torch.equal(ours[name], theirs[name]) for name in lasting)


def test_the_first_look_is_at_the_initial_weights(resident: ResidentImages) -> None:
    """On the test subset alone, in both modes; it is the same whatever the trial learns by, but not by another seed."""
    first, second, other = (
        [point for point in train([one], resident)[0].curve if point.step == 0]
        for one in (trial(), trial(optimizer="sgd", learning_rate=0.1), trial(seed=1))
    )
    seen = [(p.examples_seen, p.epoch, p.split, p.eval_set, p.bn_mode) for p in first]
    assert seen == [(0, 0.0, "test", "subset", "running"), (0, 0.0, "test", "subset", "batch")]
    assert first == second
    assert [p.loss for p in first] != [p.loss for p in other]
    assert all(1 / 3 <= p.max_class_share <= 1 for p in first + other)


def test_it_learns(resident: ResidentImages) -> None:
    """Three bright corners are told apart after a few epochs, far above chance."""
    row = train([trial(epochs=8)], resident)[0].row
    assert row.status == "completed"
    assert row.test_accuracy > 0.8


def test_final_metrics_are_those_of_the_last_point(resident: ResidentImages) -> None:
    """The trial's row repeats the last evaluation, and its bits count its correct images."""
    outcome = train([trial()], resident)[0]
    last = {(p.split, p.eval_set, p.bn_mode): p for p in outcome.curve if p.step == outcome.row.steps}
    assert outcome.row.test_accuracy == last["test", "full", "running"].accuracy
    assert outcome.row.test_accuracy_batch == last["test", "full", "batch"].accuracy
    assert outcome.row.train_loss == last["train", "subset", "running"].loss
    bits = np.unpackbits(np.frombuffer(outcome.row.correct_bits, np.uint8))[: outcome.row.test_n]
    assert bits.sum() == outcome.row.test_correct == last["test", "full", "running"].correct


def test_without_batchnorm_there_is_no_batch_mode(resident: ResidentImages) -> None:
    """`none` has only running rows and no batch accuracy, and its layers carry no BatchNorm statistics."""
    outcome = train([trial(ordering="none")], resident)[0]
    assert {point.bn_mode for point in outcome.curve} == {"running"}
    assert outcome.row.test_accuracy_batch is None
    assert all(layer.gamma_norm is None for layer in outcome.layer)


def test_a_diverged_trial_is_a_result(resident: ResidentImages) -> None:
    """An absurd learning rate ends in non-finite numbers: chance accuracy, no loss, where and why it stopped."""
    outcome = train([trial(ordering="none", activation="elu", optimizer="sgd", learning_rate=1e30)], resident)[0]
    assert outcome.row.status == "diverged"
    assert outcome.row.test_accuracy == pytest.approx(1 / 3)
    assert outcome.row.test_loss is None
    assert 1 <= outcome.row.steps <= 16
    assert str(outcome.row.steps) in outcome.row.reason
    assert all(point.step < outcome.row.steps for point in outcome.curve)


def test_a_diverged_trial_does_not_disturb_the_stack(resident: ResidentImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """A neighbour that diverges leaves a trial's result what it is beside a healthy neighbour."""
    stack = [trial(), trial(seed=1, ordering="act_bn")]
    healthy = train(stack, resident)
    initialise = StackedCNN.initialise

    def poisoned(network: StackedCNN, generators: Sequence[torch.Generator]) -> list[str]:
        hashes = initialise(network, generators)
        with torch.no_grad():
            network.head_weight[1] = float("inf")
        return hashes

    monkeypatch.setattr(StackedCNN, "initialise", poisoned)
    beside = train(stack, resident)
    assert beside[1].row.status == "diverged"
    assert result(beside[0]) == result(healthy[0])


def test_evaluation_points_are_log_spaced_and_hold_every_epoch_end() -> None:
    """First step, last step and epoch ends are there, and the ratio between log points is even."""
    points = sorted(evaluation_steps(468, 3, 16))
    assert points[0] == 1
    assert points[-1] == 1404
    assert {468, 936, 1404} <= set(points)
    late = [p for p in points if p > 20 and p % 468]
    ratios = np.diff(np.log(late))
    assert ratios.max() < 1.2 * ratios.min()


def test_validation_images_are_held_out(resident: ResidentImages) -> None:
    """A quarter held out: its size is recorded, it has an accuracy, and the batch order covers the rest only."""
    outcome = train([trial(validation=0.25)], resident)[0]
    assert outcome.row.validation_n == 64
    assert 0 <= outcome.row.validation_accuracy <= 1
    assert outcome.row.steps == 2 * (192 // 32)


def test_the_schedule_reaches_the_optimizer(resident: ResidentImages) -> None:
    """Cosine and constant learning rates give different weights, hence different losses."""
    constant, cosine = (train([trial(schedule=s)], resident)[0].row.test_loss for s in ("constant", "cosine"))
    assert constant != cosine


def test_weight_decay_may_spare_batchnorm(resident: ResidentImages) -> None:
    """With strong decay, BatchNorm's scale shrinks only where the recipe lets it."""

    def last_gamma(*, decay_bn: bool) -> float:
        recipe = {"optimizer": "adamw", "weight_decay": 5.0, "learning_rate": 0.01, "decay_bn": decay_bn}
        layers = train([trial(epochs=4, **recipe)], resident)[0].layer
        return float(next(layer.gamma_norm for layer in reversed(layers) if layer.gamma_norm))

    assert last_gamma(decay_bn=True) < 0.8 < last_gamma(decay_bn=False)


def test_batches_hold_what_the_order_says(resident: ResidentImages) -> None:
    """Trial k sees its own images, scaled as (x / 255 - mean) / std."""
    index = torch.tensor([[3, 1], [0, 2]])
    batch = resident.batch(resident.train_images, index)
    expected = (resident.train_images[1].float() / 255 - resident.mean) / resident.std
    torch.testing.assert_close(batch[1, 0], expected[0])
