"""Names at the ends of lines: at their heights, but apart and inside."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from analyze.report.figures.labels import APART, End, label_ends


def heights(*ends: float) -> list[float]:
    """Where names stand, in shares of an axis of 100 points from 0 to 1, in the order of `ends`."""
    figure = Figure(figsize=(2, 100 / 72))
    axes = figure.add_axes((0, 0, 0.5, 1))
    axes.set_ylim(0, 1)
    label_ends(axes, [End(y, str(place)) for place, y in enumerate(ends)])
    found = {text.get_text(): text.xyann[1] / 100 for text in axes.texts}  # type: ignore[attr-defined]
    return [found[str(place)] for place in range(len(ends))]


def test_names_with_room_stand_at_their_lines() -> None:
    """Nothing moves that need not."""
    assert heights(0.8, 0.2, 0.5) == pytest.approx([0.8, 0.2, 0.5])


def test_names_that_touch_are_parted_in_their_order() -> None:
    """About the middle of what they name."""
    assert heights(0.5, 0.5) == pytest.approx([0.5 - APART / 200, 0.5 + APART / 200])
    crowded = heights(*(0.5 + place / 1000 for place in range(5)))
    assert crowded == sorted(crowded)
    assert [b - a for a, b in pairwise(crowded)] == pytest.approx([APART / 100] * 4)


def test_names_stay_in_the_panel() -> None:
    """At both ends of the axis."""
    low, lower, high, higher = heights(0.01, 0.0, 0.99, 1.0)
    assert (lower, higher) == pytest.approx((0, 1))
    assert (low, high) == pytest.approx((APART / 100, 1 - APART / 100))
