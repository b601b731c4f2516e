"""The time that `collect plan` gives, computed by hand for a clock that is told what to say."""

from types import SimpleNamespace

import pytest

from collect.engine import estimate
from collect.images import Size
from collect.study import explain
from collect.study.study_file import read

SIZE = Size(256, 150, (1, 8, 8), 3)
STEP, IMAGE = 0.05, 0.001
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
    readings = iter([0, 10 * STEP, 7, 7 + 10 * 32 * IMAGE])  # ten steps, then ten evaluations of a batch
    monkeypatch.setattr(estimate, "time", SimpleNamespace(perf_counter=lambda: next(readings)))
    study = read("quick", [*CHANGES, f"factors.ordering=['{ordering}']"])
    total, kinds = estimate.study_seconds(study, {"digits": SIZE}, workers)
    assert kinds == 1
    assert not list(readings)
    return total


def test_the_time_is_that_of_steps_evaluations_and_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seeds of 16 steps; five points, two of them epoch ends; six probes of four batches each; two workers.

    Points are steps 1, 3, 6 and 16 and the epochs' ends, 8 and 16. Three see 150 test images in two modes, two those
    and 256 training images.
    """
    images = 3 * 2 * 150 + 2 * (2 * 150 + 256)
    expected = 3 * (16 * STEP + images * IMAGE + 6 * 4 * STEP) / 2
    assert seconds(monkeypatch, "bn_act", 2) == pytest.approx(expected)


def test_without_batchnorm_there_is_one_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as many test images are evaluated."""
    images = 3 * 150 + 2 * (150 + 256)
    expected = 3 * (16 * STEP + images * IMAGE + 6 * 4 * STEP)
    assert seconds(monkeypatch, "none", 1) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "said"),
    [(6.02, "6 s"), (59.0, "1 min"), (180.0, "3 min"), (3720.0, "1 h 2 min")],
)
def test_it_is_said_in_words(given: float, said: str) -> None:
    """In seconds, minutes or hours."""
    assert f"Estimated time: {said} on 2 cores" in explain.duration(given, 1, 2)
