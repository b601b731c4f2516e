"""The axis of ratios holds 1, and has ticks whatever it spans."""

import pytest
from matplotlib.figure import Figure

from analyze.report.figures.ratio_axis import scale_ratios


@pytest.mark.parametrize("ratios", [(0.97, 0.99), (0.7, 1.4), (0.1, 8.0), (3.0,), (1.0,)])
def test_one_and_every_ratio_are_in_sight(ratios: tuple[float, ...]) -> None:
    """With at least two ticks, among them 1, on a logarithmic axis."""
    axes = Figure().subplots()
    scale_ratios(axes, ratios)
    low, high = axes.get_xlim()
    assert all(low < one < high for one in (*ratios, 1.0))
    assert axes.get_xscale() == "log"
    ticks = list(axes.get_xticks())
    assert 1.0 in ticks
    assert 2 <= len(ticks) <= 9
