"""Smallest detectable gap against the number of seeds: cells thin, their mean thick; this study is marked."""

import math
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, ScalarFormatter

from analyze.findings import Cell, Findings
from analyze.report.figures.hover import titled
from analyze.report.figures.labels import End, label_ends
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import widest
from analyze.report.figures.style import INK, SOFT, bare, cell_name, narrow, page, page_width
from analyze.report.subject import cell_key
from analyze.report.words import display
from analyze.report.words.amounts import gap, seeds
from analyze.report.words.catalogue import Catalogue

#: More cells than this are lines without names; names are so many points high.
MOST_NAMES, NAME = 12, 6.5


@dataclass(frozen=True)
class Line:
    """(seeds, smallest detectable gap on the response's scale) of a cell, or of the mean over cells; `thick` leads."""

    cell: Cell | None
    thick: bool
    places: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Power:
    """The lines in the order of findings, this study's seeds, the margin, and the ticks of the axis of seeds."""

    lines: tuple[Line, ...]
    n_seeds: int
    margin: float | None
    ticks: tuple[int, ...]


def data_of(findings: Findings) -> Power | None:
    """A line a cell and one of their mean, or the only line there is."""
    cells: dict[object, Cell | None] = {}
    places: dict[object, list[tuple[int, float]]] = {}
    for point in findings.power_curve:
        key = None if point.cell is None else cell_key(point.cell)
        cells.setdefault(key, point.cell)
        places.setdefault(key, []).append((point.n_seeds, point.smallest_detectable))
    if not places:
        return None
    numbers = [n for line in places.values() for n, _ in line]
    return Power(
        tuple(Line(cells[key], key is None or len(places) == 1, tuple(sorted(line))) for key, line in places.items()),
        findings.primary.n_seeds,
        findings.primary.equivalence.margin,
        tuple(n for n in (3, 6, 10, 20, 50, 100) if min(numbers) <= n <= max(numbers)),
    )


def draw(data: Power, words: Catalogue) -> Figure:
    """Lines on two logarithmic axes, each named at its end, with the margin and this study."""
    height, width = 2.5, page_width()
    figure = page(height)
    axes = figure.subplots()
    names = 1.15 if narrow() else 1.5
    figure.subplots_adjust(left=0.55 / width, right=1 - names / width, top=1 - 0.2 / height, bottom=0.4 / height)
    for line in data.lines:
        colour, width, zorder = (INK, 1.8, 3) if line.thick else (SOFT, 0.7, 2)
        (drawn,) = axes.plot(*zip(*line.places, strict=True), color=colour, lw=width, zorder=zorder)
        titled(drawn, _name(line, words))
    if data.margin is not None:
        axes.axhline(data.margin, color=SOFT, lw=0.9, ls=(0, (4, 2)))
    axes.axvline(max(1, data.n_seeds), color=SOFT, lw=0.9, ls=(0, (4, 2)))
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    axes.set_xticks(data.ticks, [str(n) for n in data.ticks])
    low, high = axes.get_ylim()
    steps = [factor * 10.0**k for k in range(-12, 13) for factor in (1, 2, 5)]
    axes.yaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
    if words.response.scale == "log":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{math.exp(y):.3g}"))
    axes.margins(x=0)
    first = min(n for line in data.lines for n, _ in line.places)
    side = "center" if data.n_seeds > first else "left"
    above = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "ha": side}
    this = words.text("figure.this_study", n=seeds(data.n_seeds, words))
    axes.annotate(this, (max(1, data.n_seeds), 1), xytext=(0, 3), **above)  # type: ignore[arg-type]
    thin = [_name(line, words) for line in data.lines if not line.thick]
    fits = len(data.lines) <= MOST_NAMES and widest(thin, NAME) <= names - 0.1
    named = data.lines if fits else [line for line in data.lines if line.thick]
    ends = [End(line.places[-1][1], _name(line, words), bold=line.thick) for line in named if len(data.lines) > 1]
    margin = [] if data.margin is None else [End(data.margin, words.text("figure.margin"), soft=True)]
    label_ends(axes, [*ends, *margin], size=NAME)
    axes.set_xlabel(words.text("axis.seeds"))
    axes.set_ylabel(words.text("axis.detectable"))
    bare(axes, grid="both")
    return figure


def _name(line: Line, words: Catalogue) -> str:
    """The cell, or that the line is of the mean."""
    return (
        words.text("figure.mean_over_cells")
        if line.cell is None
        else cell_name(line.cell, words, width=18 if narrow() else 26)
    )


def in_words(data: Power, words: Catalogue) -> list[Markup]:
    """The leading line, point by point."""
    return [
        words("figure.detectable", n=display.count(n), gap=gap(detectable, words, signed=False))
        for line in data.lines
        if line.thick
        for n, detectable in line.places
    ]


FIGURE = Plot(data_of, draw, part="power", by_cell=True, in_words=in_words)
