"""The axis of ratios: logarithmic about 1, with ticks at doublings or, where all lies within few, finer."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

COARSE = tuple(2.0**k for k in range(-10, 11))
FINE = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
FINEST = tuple(k / 50 for k in range(35, 66))


def scale_ratios(axes: Axes, ratios: Sequence[float]) -> None:
    """A horizontal axis that holds 1 and these ratios."""
    axes.set_xscale("log")
    low, high = min(*ratios, 1.0) / 1.06, max(*ratios, 1.0) * 1.06
    axes.set_xlim(low, high)
    chosen = FINEST if high / low < 1.2 else FINE if high / low < 3 else COARSE
    ticks = [tick for tick in chosen if low <= tick <= high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def as_ratios(axis: Axis) -> None:
    """An axis of logarithms that is labelled with what they are the logarithms of."""
    axis.set_major_locator(MaxNLocator(5))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{math.exp(x):.3g}"))
