"""Every loss and accuracy that a training records, against a loop in plain torch on the same weights and batches."""

import math
from collections import Counter
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from collect.engine.draws import generator_for
from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.measure import evaluation
from collect.network.cnn import StackedCNN
from collect.store.outcome import Outcome
from collect.study.trial import Settings
from tests.collect.conftest import trial
from tests.collect.measure.plain import Plain

SEED, TEST_SUBSET, TRAIN_SUBSET = 3, 128, 100
#: Six steps an epoch; the initial weights, four points even in log steps, 12 ** (i / 3), and the ends of both epochs.
STEPS, POINTS, ENDS = 12, [0, 1, 2, 5, 6, 12], [6, 12]
RECIPE = {"depth": 2, "width": 0.25, "epochs": 2, "batch_size": 32, "evaluations": 4, "validation": 0.25}
TRIALS = {
    "act_bn": {"activation": "tanh", "learning_rate": 0.01},
    "bn_act": {"activation": "relu", "optimizer": "sgd", "learning_rate": 0.1, "schedule": "cosine"},
    "none": {"activation": "elu", "optimizer": "adamw", "weight_decay": 0.1, "learning_rate": 0.02},
}


class Point(NamedTuple):
    """What the loop sees after a step: (split, eval_set, bn_mode) -> loss, correctness, classes; gradient norms."""

    measured: dict[tuple[str, str, str], tuple[float, Tensor, Tensor]]
    gradients: list[float]


@pytest.fixture(scope="module")
def faint() -> ResidentImages:
    """256 training and 400 test images of three corners that are hard to see, so that no accuracy is near 0 or 1."""
    generator = np.random.Generator(np.random.PCG64(1))
    tensors = []
    for n in (256, 400):
        labels = generator.integers(0, 3, n)
        pixels = generator.integers(0, 200, (n, 1, 8, 8), dtype=np.uint8)
        for corner, (top, left) in enumerate([(0, 0), (4, 0), (0, 4)]):
            pixels[labels == corner, :, top : top + 4, left : left + 4] += 25
        tensors += [torch.from_numpy(pixels), torch.from_numpy(labels)]
    scaling = torch.full((1, 1, 1), 0.4), torch.full((1, 1, 1), 0.25)
    return ResidentImages(*tensors, *scaling, classes=3)


@pytest.fixture(scope="module", params=list(TRIALS))
def both(request: pytest.FixtureRequest, faint: ResidentImages) -> tuple[Outcome, dict[int, Point]]:
    """A trial as it is recorded, and as the loop sees it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(evaluation, "TEST_SUBSET", TEST_SUBSET)
        patched.setattr(evaluation, "TRAIN_SUBSET", TRAIN_SUBSET)
        asked = trial(SEED, ordering=request.param, **RECIPE, **TRIALS[request.param])
        [outcome] = train([asked], faint)
    return outcome, loop(asked.settings, faint)


def loop(settings: Settings, images: ResidentImages) -> dict[int, Point]:
    """Train by hand."""
    x_train, x_test = ((x.float() / 255 - images.mean) / images.std for x in (images.train_images, images.test_images))
    y_train, y_test = images.train_labels, images.test_labels
    fixed = torch.Generator().manual_seed(150_203_167)
    test, shuffled = torch.randperm(400, generator=fixed), torch.randperm(256, generator=fixed)
    held_out, held_in = shuffled[:64], shuffled[64:]
    sets = {
        ("test", "subset"): (x_test[test[:TEST_SUBSET]], y_test[test[:TEST_SUBSET]]),
        ("test", "full"): (x_test[test], y_test[test]),
        ("train", "subset"): (x_train[held_in[:TRAIN_SUBSET]], y_train[held_in[:TRAIN_SUBSET]]),
        ("validation", "full"): (x_train[held_out], y_train[held_out]),
    }
    network = StackedCNN([settings], images.shape, images.classes)
    network.initialise([generator_for("initial weights", SEED)])
    twin = Plain(settings, images.shape, images.classes)
    twin.take(network)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[settings.optimizer]
    options = {"momentum": settings.momentum} if settings.optimizer == "sgd" else {}
    optimizer = kind(twin.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, **options)
    drawn = generator_for("batch order", SEED)
    order = torch.cat([held_in.sort().values[torch.randperm(192, generator=drawn)] for _ in range(2)])
    modes = ("running",) if settings.ordering == "none" else ("running", "batch")

    def look(step: int) -> Point:
        wanted = {("test", "subset", mode) for mode in modes}
        if step in ENDS:
            wanted |= {("test", "full", mode) for mode in modes}
            wanted |= {("train", "subset", "running"), ("validation", "full", "running")}
        measured = {}
        for key in wanted:
            x, y = sets[key[:2]]
            losses, predicted = twin.losses(x, y, key[2])
            measured[key] = losses.mean().item(), predicted == y, predicted
        return Point(measured, twin.gradient_norms(*sets["train", "subset"]))

    points = {0: look(0)}
    for step, index in enumerate(order.split(32), start=1):
        if settings.schedule == "cosine":
            optimizer.param_groups[0]["lr"] = settings.learning_rate * (1 + math.cos(math.pi * (step - 1) / STEPS)) / 2
        optimizer.zero_grad()
        F.cross_entropy(twin.train()(x_train[index]), y_train[index]).backward()
        optimizer.step()
        if step in POINTS:
            points[step] = look(step)
    return points


def test_every_point_of_the_curve_is_that_of_the_loop(both: tuple[Outcome, dict[int, Point]]) -> None:
    """Loss, accuracy, numbers and the largest class share, in each set and mode, at each step it is measured at."""
    outcome, points = both
    assert sorted({point.step for point in outcome.curve}) == POINTS
    seen = {step: {} for step in POINTS}
    for point in outcome.curve:
        seen[point.step][point.split, point.eval_set, point.bn_mode] = point
    for step, of_step in seen.items():
        assert of_step.keys() == points[step].measured.keys()
        for key, (loss, correct, predicted) in points[step].measured.items():
            point = of_step[key]
            assert (point.examples_seen, point.epoch, point.n) == (32 * step, step / 6, len(correct))
            assert point.loss == pytest.approx(loss, rel=1e-5)
            assert point.correct == correct.sum().item()
            assert point.accuracy == point.correct / len(correct)
            assert point.max_class_share == max(Counter(predicted.tolist()).values()) / len(predicted)
    assert len(outcome.curve) == sum(len(point.measured) for point in points.values())


def test_sets_and_modes_of_this_training_differ(both: tuple[Outcome, dict[int, Point]]) -> None:
    """By more than what the other tests allow for, so that none could stand for another unnoticed."""
    _, points = both
    final = points[STEPS].measured
    for one, other in combinations(final, 2):
        assert final[one][0] != pytest.approx(final[other][0], rel=1e-3)
    accuracies = [c.float().mean().item() for key, (_, c, _) in final.items() if key[:2] != ("test", "subset")]
    assert len(set(accuracies)) == len(accuracies)


def test_final_metrics_are_those_of_the_loop(both: tuple[Outcome, dict[int, Point]], faint: ResidentImages) -> None:
    """The trial's row has the last epoch's end, which test images were right, in their own order, and what guessing is.

    So the loop, which draws and moves nothing when it looks, ends with the same test images right.
    """
    outcome, points = both
    row, last = outcome.row, points[STEPS].measured
    for split, eval_set in (("test", "full"), ("train", "subset"), ("validation", "full")):
        loss, correct, _ = last[split, eval_set, "running"]
        n, ours = len(correct), {name: getattr(row, f"{split}_{name}") for name in ("loss", "accuracy", "n")}
        assert ours["n"] == n
        assert ours["loss"] == pytest.approx(loss, rel=1e-5)
        assert ours["accuracy"] == pytest.approx(correct.float().mean().item(), abs=1e-6)
    if ("test", "full", "batch") in last:
        correct = last["test", "full", "batch"][1]
        assert row.test_accuracy_batch == pytest.approx(correct.float().mean().item(), abs=1e-6)
    else:
        assert row.test_accuracy_batch is None
    order = torch.randperm(400, generator=torch.Generator().manual_seed(150_203_167))
    in_order = torch.zeros(400, dtype=torch.bool)
    in_order[order] = last["test", "full", "running"][1]
    bits = np.unpackbits(np.frombuffer(row.correct_bits, np.uint8))[:400].astype(bool)
    assert (bits == in_order.numpy()).all()
    assert bits.sum() == row.test_correct
    assert (row.steps, row.test_n) == (STEPS, 400)
    assert row.majority_share == max(Counter(faint.test_labels.tolist()).values()) / 400


def test_probes_are_of_the_step_they_name(both: tuple[Outcome, dict[int, Point]]) -> None:
    """Gradient norms before the first step and at every point are those of the loop, on the fixed training images."""
    outcome, points = both
    assert sorted({row.step for row in outcome.layer}) == POINTS
    for step, point in points.items():
        ours = [row.grad_norm for row in outcome.layer if row.step == step]
        assert ours == pytest.approx(point.gradients, rel=1e-4)
