"""Ticks of a logarithmic axis: between powers of ten where few are in sight, at some of the powers where many are."""

from itertools import count

from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

POWERS = range(-30, 31)
STEPS = ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10)))


def log_ticks(low: float, high: float, fewest: int, most: int) -> list[float]:
    """Round numbers from low to high, as evenly as a logarithmic axis allows.

    Args:
        low: the least number in sight, above zero.
        high: the greatest.
        fewest: ticks that are wanted; fewer only where numbers of one digit are, unless there is only one of these.
        most: ticks that there is room for.
    """
    within = [[step * 10.0**k for k in POWERS for step in steps if low <= step * 10.0**k <= high] for steps in STEPS]
    found = next((ticks for ticks in within if len(ticks) >= fewest), within[-1])
    if len(found) < 2:
        found = [tick for tick in MaxNLocator(min(most - 1, 4)).tick_values(low, high) if low <= tick <= high]
    return next(found[::every] for every in count(1) if len(found[::every]) <= most)


def label_log(axis: Axis, fewest: int, most: int) -> None:
    """Give an axis that is logarithmic already such ticks, and plain numbers as their labels."""
    low, high = sorted(axis.get_view_interval())
    axis.set_major_locator(FixedLocator(log_ticks(low, high, fewest, most)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
