"""The axis of a response shows where the question lies: of accuracy the last points, or all on a logit scale."""

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from analyze.report.figures.ratio_axis import as_ratios
from analyze.report.words.catalogue import Catalogue

#: Accuracies further apart than this, in percentage points, are drawn on a logit scale.
WIDE = 10.0

#: Keeps 0 and 100 % on the axis: they stand where .05 and 99.95 % would, as half an image in a thousand.
EDGE = 0.05

#: Ticks of a logit axis, the most wanted first.
TICKS = (90, 99, 50, 98, 95, 80, 10, 99.9, 99.5, 20, 97, 99.8, 96, 94, 70, 60, 30, 40, 5, 2, 1, 0, 100)


def is_wide(accuracies: Iterable[float]) -> bool:
    """Whether these accuracies, in per cent, ask for a logit scale."""
    values = list(accuracies)
    return bool(values) and max(values) - min(values) > WIDE


def in_view(accuracies: Iterable[float]) -> list[float]:
    """The accuracies that an axis is for: without the few that lie far below all others, on a logit scale.

    These are at most a tenth, below a gap of more than half of the whole range: networks that did not train.
    """
    values = np.sort(np.array(list(accuracies)))
    if not is_wide(values):
        return [float(one) for one in values]
    odds = logit(values)
    steps = np.diff(odds[: len(odds) // 10 + 1])
    far = np.flatnonzero(steps > (odds[-1] - odds[0]) / 2)
    return [float(one) for one in (values[far[0] + 1 :] if len(far) else values)]


def remarks(values: Iterable[float], words: Catalogue) -> list[Markup]:
    """That the axis is a logit axis, where it is."""
    return [words("figure.logit_axis")] if words.response.is_accuracy and is_wide(values) else []


def scale_response(grid: Sequence[Axes], values: Iterable[float], words: Catalogue) -> None:
    """One vertical axis of the response for all panels, on its scale."""
    if words.response.is_accuracy:
        scale_accuracy(grid, values)
        return
    found = list(values)
    low, high = min(found), max(found)
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    for axes in grid:
        axes.yaxis.set_major_locator(MaxNLocator(5))
        if words.response.scale == "log":
            as_ratios(axes.yaxis)
        axes.set_ylim(low - margin, high + margin)


def scale_accuracy(grid: Sequence[Axes], accuracies: Iterable[float]) -> None:
    """One vertical axis of accuracy, in per cent, for all panels: as far as the values go and no further."""
    values = np.array(list(accuracies))
    wide = is_wide(values)
    onto, back = (logit, from_logit) if wide else (np.asarray, np.asarray)
    low, high = (float(onto(one)) for one in (values.min(), values.max()))
    margin = 0.06 * (high - low) or 0.5
    limits = [float(back(one)) for one in (low - margin, high + margin)]
    for axes in grid:
        if wide:
            axes.set_yscale("function", functions=(logit, from_logit))
            axes.yaxis.set_major_locator(FixedLocator(_ticks(*limits)))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        else:
            axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.set_ylim(max(limits[0], 0.0), min(limits[1], 100.0))


def logit(accuracy: ArrayLike) -> NDArray[np.float64]:
    """Log odds of an accuracy in per cent, finite at 0 and 100."""
    share = np.clip(np.asarray(accuracy, dtype=float), 0.0, 100.0)
    return np.asarray(np.log((share + EDGE) / (100 - share + EDGE)))


def from_logit(odds: ArrayLike) -> NDArray[np.float64]:
    """The accuracy in per cent of these log odds."""
    share = 1 / (1 + np.exp(-np.asarray(odds, dtype=float)))
    return np.asarray((100 + 2 * EDGE) * share - EDGE)


def _ticks(low: float, high: float) -> list[float]:
    """As many wanted ticks as stand apart."""
    span = float(logit(high) - logit(low))
    chosen: list[float] = []
    for tick in TICKS:
        if low <= tick <= high and all(abs(logit(tick) - logit(other)) > span / 7 for other in chosen):
            chosen.append(tick)
    return sorted(chosen)
