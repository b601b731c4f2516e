"""Differences within seed minus their cell's and their seed's mean: against the normal, and by cell."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analyze.findings import Cell, Findings
from analyze.report.figures.pairs import pairs_of
from analyze.report.figures.plot import Plot
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import INK, SOFT, bare, cell_name, lettered, narrow, page
from analyze.report.words.catalogue import Catalogue

Place = tuple[float, float]

#: More cells than this stand without their names.
MOST_NAMES = 16


@dataclass(frozen=True)
class Residuals:
    """In percentage points: (normal quantile, residual) in order of size, the normal's line, residuals by cell."""

    ranked: tuple[Place, ...]
    line: tuple[Place, Place]
    cells: tuple[Cell, ...]
    by_cell: tuple[tuple[float, ...], ...]


def data_of(findings: Findings) -> Residuals | None:
    """Residuals of the gaps, where each cell has as many seeds and at least three."""
    found = pairs_of(findings)
    pairs = [cell.pairs for cell in found]
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
        cells=tuple(cell.cell for cell in found),
        by_cell=tuple(tuple(cell) for cell in rest.tolist()),
    )


def draw(data: Residuals, words: Catalogue) -> Figure:
    """Quantiles at the left, cells at the right, residuals upwards in one and to the right in the other."""
    height = min(max(2.2, 0.15 * len(data.cells) + 0.7), 6.0)
    if narrow():
        figure = page(2.2 + height, layout="constrained")
        left, right = figure.subplots(2, 1, height_ratios=(2.2, height))
    else:
        figure = page(height, layout="constrained")
        left, right = figure.subplots(1, 2)
    dense = len(data.ranked) > 200
    left.plot(*zip(*data.ranked, strict=True), "o", color=INK, ms=2.4, rasterized=dense)
    left.plot(*zip(*data.line, strict=True), color=SOFT, lw=0.8)
    left.set_xlabel(words.text("axis.normal"))
    left.set_ylabel(words.text("axis.residual"))
    bare(left, grid="both")
    upwards = list(zip(data.cells, data.by_cell, strict=True))[::-1]
    for y, (_, values) in enumerate(upwards):
        right.plot(values, [y] * len(values), "o", color=INK, ms=2.2, alpha=0.6, rasterized=dense)
    right.axvline(0, color=SOFT, lw=0.8)
    named = len(upwards) <= MOST_NAMES
    names = [cell_name(cell, words) if named else "" for cell, _ in upwards]
    rows_of(names).name(right, names)
    right.set_xlabel(words.text("axis.residual"))
    if not named:
        right.set_ylabel(words.text("axis.cells_in_order"))
    bare(right, grid="x")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(5))
    lettered((left, right))
    return figure


FIGURE = Plot(
    data_of, draw, part="assumptions", by_cell=True, seeds=lambda data: [len(values) for values in data.by_cell]
)
