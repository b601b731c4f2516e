"""A logarithmic axis has ticks whatever it spans, and no more than there is room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from analyze.report.figures.log_axis import label_log, log_ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (90, 180_000, 3, [100, 10_000]),
        (90, 180_000, 4, [100, 1000, 10_000, 100_000]),
        (2e-9, 3, 5, [1e-8, 1e-6, 1e-4, 1e-2, 1]),
        (0.04, 25, 8, [0.1, 1, 10]),
        (0.15, 0.8, 8, [0.2, 0.5]),
        (3000, 190_000, 8, [10_000, 100_000]),
        (1.05, 2.01, 12, [1.25, 1.5, 1.75, 2.0]),
    ],
)
def test_ticks_by_hand(low: float, high: float, most: int, ticks: list[float]) -> None:
    """Every power, every second one, steps between, or even ones where there is one number of one digit in sight."""
    assert log_ticks(low, high, 2, most) == pytest.approx(ticks)


@given(st.floats(1e-20, 1e19), st.floats(3, 1e10), st.integers(2, 9))
def test_never_none_and_never_too_many(low: float, span: float, most: int) -> None:
    """A span of three holds a number of one digit at least, whatever its place."""
    ticks = log_ticks(low, low * span, 2, most)
    assert 1 <= len(ticks) <= most
    assert all(low <= tick <= low * span for tick in ticks)


def test_an_axis_of_many_decades_is_labelled() -> None:
    """Where matplotlib's own locator with steps between powers gives up."""
    axes = Figure().subplots()
    axes.set_xscale("log")
    axes.set_xlim(2e-9, 3)
    label_log(axes.xaxis, 2, 5)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1e-08", "1e-06", "0.0001", "0.01", "1"]
