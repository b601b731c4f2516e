"""Differences within seed minus their cell's and their seed's mean: against the normal, and by cell."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures.pairs import pairs_of
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import INK, MARKS, RULE, SOFT, WIDTH
from analyze.report.words.catalogue import Catalogue

Place = tuple[float, float]


@dataclass(frozen=True)
class Residuals:
    """In percentage points: (normal quantile, residual) in order of size, the normal's line, residuals by cell."""

    ranked: tuple[Place, ...]
    line: tuple[Place, Place]
    by_cell: tuple[tuple[float, ...], ...]


def data_of(findings: Findings) -> Residuals | None:
    """Residuals of the gaps, where each cell has as many seeds and at least three."""
    pairs = [cell.pairs for cell in pairs_of(findings)]
    if not pairs or len({len(one) for one in pairs}) != 1 or len(pairs[0]) < 3:
        return None
    gaps = np.array([[pair.first - pair.second for pair in cell] for cell in pairs])
    rest = gaps - gaps.mean(axis=1, keepdims=True)
    if len(pairs) > 1:
        rest = rest - rest.mean(axis=0, keepdims=True)
    ranked, spread = np.sort(rest.ravel()), float(rest.std())
    normal = [NormalDist().inv_cdf((i + 0.5) / ranked.size) for i in range(ranked.size)]
    return Residuals(
        ranked=tuple(zip(normal, ranked.tolist(), strict=True)),
        line=((normal[0], normal[0] * spread), (normal[-1], normal[-1] * spread)),
        by_cell=tuple(tuple(cell) for cell in rest.tolist()),
    )


def draw(data: Residuals, words: Catalogue) -> Figure:
    """Quantiles at the left, cells at the right."""
    figure = Figure(figsize=(WIDTH, 2.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    dense = len(data.ranked) > 200
    colour = MARKS[0].colour
    left.plot(*zip(*data.ranked, strict=True), "o", color=colour, ms=2.4, rasterized=dense)
    left.plot(*zip(*data.line, strict=True), color=SOFT, lw=0.8)
    _label(left, words.text("axis.normal"), words.text("axis.residual"))
    for x, values in enumerate(data.by_cell):
        right.plot([x] * len(values), values, "o", color=colour, ms=2.2, alpha=0.7, rasterized=dense)
    right.axhline(0, color=SOFT, lw=0.8)
    right.set_xticks([])
    _label(right, words.text("axis.cells_in_order"), "")
    return figure


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines["left"].set_color(RULE)
    axes.tick_params(labelcolor=INK)


FIGURE = Plot(data_of, draw, part="assumptions")
