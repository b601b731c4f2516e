"""The time that `collect plan` gives, computed by hand for a clock that is told what to say."""

from types import SimpleNamespace
from typing import get_args

import pytest

from collect.engine import estimate
from collect.images import Size
from collect.study import explain
from collect.study.study_file import read
from collect.study.trial import Activation, Settings

SIZE = Size(256, 150, (1, 8, 8), 3)
STEP, IMAGE = 0.05, 0.001
ACTIVATIONS = list(get_args(Activation))
CHANGES = [
    "dataset=digits",
    "seeds=3",
    "factors.depth=[2]",
    "factors.activation=['relu']",
    "recipe.epochs=2",
    "recipe.batch_size=32",
    "recipe.evaluations=4",
]


def seconds(monkeypatch: pytest.MonkeyPatch, ordering: str, workers: int) -> float:
    """The estimate, where a step takes STEP and the evaluation of an image IMAGE seconds."""
    # A step, then ten more; an evaluation of a batch, then ten more.
    readings = iter([0, STEP, 1, 1 + 10 * STEP, 7, 7 + 32 * IMAGE, 8, 8 + 10 * 32 * IMAGE])
    clock = SimpleNamespace(perf_counter=lambda: next(readings), monotonic=lambda: 0.0)
    monkeypatch.setattr(estimate, "time", clock)
    study = read("quick", [*CHANGES, f"factors.ordering=['{ordering}']"])
    total, kinds = estimate.study_seconds(study, {"digits": SIZE}, workers)
    assert kinds == 1
    assert not list(readings)
    return total


def test_the_time_is_that_of_steps_evaluations_and_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seeds of 16 steps; six points, two of them epoch ends; six probes of four batches each; two workers.

    Points are steps 0, 1, 3, 6 and 16 and the epochs' ends, 8 and 16. Four see 150 test images in two modes, two those
    and 256 training images.
    """
    images = 4 * 2 * 150 + 2 * (2 * 150 + 256)
    expected = 3 * (16 * STEP + images * IMAGE + 6 * 4 * STEP) / 2
    assert seconds(monkeypatch, "bn_act", 2) == pytest.approx(expected)


def test_without_batchnorm_there_is_one_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as many test images are evaluated."""
    images = 4 * 150 + 2 * (150 + 256)
    expected = 3 * (16 * STEP + images * IMAGE + 6 * 4 * STEP)
    assert seconds(monkeypatch, "none", 1) == pytest.approx(expected)


@pytest.mark.parametrize("patience", [100.0, 1.9])
def test_of_many_kinds_some_are_timed(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """352 kinds, whose step takes as long as they are deep: within a sixth of the whole, whatever the time there is."""
    study = read("quick", ["seeds=1", f"factors.depth={list(range(1, 33))}", f"factors.activation={ACTIVATIONS}"])
    now, said = [0.0], []

    def timed(cell: Settings, _: Size) -> tuple[float, float]:
        now[0] += 0.125
        return cell.depth * STEP, 0.0

    monkeypatch.setattr(estimate, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(estimate, "_step_seconds", timed)
    monkeypatch.setattr(estimate, "MOST_SECONDS", patience)
    monkeypatch.setattr(estimate, "TELL_SECONDS", 0.5)
    total, kinds = estimate.study_seconds(study, {"digits": SIZE}, 1, said.append)
    assert kinds == (32 if patience > 4 else 16)
    network = estimate._built(next(study.cells()), SIZE)
    each = [estimate._trial_seconds(cell, SIZE, network, cell.depth * STEP, 0.0) for cell in study.cells()]
    assert total == pytest.approx(sum(each), rel=1 / 6)
    assert said[0] == "timing networks: 5 of 32, of 352 kinds"


def test_a_slow_network_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a minute a step is timed by one step."""
    now = [0.0]

    def clock() -> float:
        now[0] += 60
        return now[0]

    monkeypatch.setattr(estimate, "time", SimpleNamespace(perf_counter=clock))
    step, image = estimate._step_seconds(read("quick").recipe, SIZE)
    assert (step, image) == (60, 60 / 128)


@pytest.mark.parametrize(
    ("given", "said"),
    [(6.02, "6 s"), (59.0, "1 min"), (180.0, "3 min"), (3720.0, "1 h 2 min")],
)
def test_it_is_said_in_words(given: float, said: str) -> None:
    """In seconds, minutes or hours."""
    assert f"Estimated time: {said} on 2 cores" in explain.duration(given, 1, 2)
