"""The axis of accuracy: the last points where all lies there, else a logit scale that has 0 and 100 % too."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from analyze.report.figures.accuracy_axis import from_logit, in_view, is_wide, logit, scale_accuracy


def scaled(*accuracies: float) -> tuple[str, tuple[float, float], list[float]]:
    """Scale, limits and ticks of an axis for these accuracies."""
    axes = Figure().subplots()
    scale_accuracy([axes], accuracies)
    low, high = axes.get_ylim()
    return axes.get_yscale(), (low, high), [float(y) for y in axes.get_yticks() if low <= y <= high]


def test_close_accuracies_fill_a_linear_axis() -> None:
    """It begins below the least and ends above the greatest, and nowhere near 0."""
    scale, (low, high), ticks = scaled(94.0, 97.0)
    assert scale == "linear"
    assert (low, high) == pytest.approx((93.82, 97.18))
    assert len(ticks) >= 3


def test_wide_accuracies_are_on_a_logit_axis() -> None:
    """98 and 99 % stand as far apart as 50 and 66: the end of a curve can be seen."""
    scale, (low, high), ticks = scaled(10.0, 99.0)
    assert scale == "function"
    assert 0 < low < 10
    assert 99 < high <= 100
    assert {50, 90, 99} <= set(ticks)
    assert is_wide([10.0, 99.0])
    assert not is_wide([94.0, 97.0])
    assert not is_wide([])


def test_nothing_and_everything_right_have_their_place() -> None:
    """0 and 100 % are finite, and the transformation is undone by its inverse."""
    ends = np.array([0.0, 10.0, 50.0, 99.9, 100.0])
    assert np.isfinite(logit(ends)).all()
    assert from_logit(logit(ends)) == pytest.approx(ends)
    scale, (low, high), _ = scaled(0.0, 100.0)
    assert (scale, low, high) == ("function", 0.0, 100.0)


def test_one_accuracy_has_an_axis() -> None:
    """A single value is not an empty axis."""
    _, (low, high), _ = scaled(97.0)
    assert low < 97.0 < high


def test_an_axis_is_for_the_networks_that_trained() -> None:
    """Few runs below a gap of more than half of the range have no place; a tail, or many, keep theirs."""
    trained = [97.0 + 0.05 * step for step in range(30)]
    assert in_view([*trained, 10.0, 11.0]) == trained
    assert in_view([*trained, *[10.0] * 5]) == sorted([*trained, *[10.0] * 5])
    tail = [60.0, 75.0, 85.0, 92.0, 95.0]
    assert in_view([*trained * 2, *tail]) == sorted([*trained * 2, *tail])
    assert in_view(trained) == trained
