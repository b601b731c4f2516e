"""Smallest detectable gap against the number of seeds: cells thin, their mean thick; this study is marked."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from analyze.findings import Cell, Findings
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import INK, MARKS, SOFT, WIDTH, bare
from analyze.report.subject import cell_key
from analyze.report.words import display
from analyze.report.words.amounts import pp
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Line:
    """(seeds, smallest detectable gap in percentage points) of one cell, or of the mean over cells; `thick` leads."""

    cell: Cell | None
    thick: bool
    places: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Power:
    """The lines in the order of findings, this study's seeds, the margin, and the ticks of the axis of seeds."""

    lines: tuple[Line, ...]
    n_seeds: int
    margin_pp: float
    ticks: tuple[int, ...]


def data_of(findings: Findings) -> Power | None:
    """A line a cell and one of their mean, or the only line there is."""
    cells: dict[object, Cell | None] = {}
    places: dict[object, list[tuple[int, float]]] = {}
    for point in findings.power_curve:
        key = None if point.cell is None else cell_key(point.cell)
        cells.setdefault(key, point.cell)
        places.setdefault(key, []).append((point.n_seeds, point.smallest_detectable_pp))
    if not places:
        return None
    most = max(n for line in places.values() for n, _ in line)
    return Power(
        tuple(Line(cells[key], key is None or len(places) == 1, tuple(sorted(line))) for key, line in places.items()),
        findings.primary.n_seeds,
        findings.primary.equivalence.margin_pp,
        tuple(n for n in (3, 5, 10, 20, 50, 100) if n <= most),
    )


def draw(data: Power, words: Catalogue) -> Figure:
    """Lines on two logarithmic axes, with the margin and this study."""
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    axes = figure.subplots()
    for line in data.lines:
        colour, width, zorder = (MARKS[0].colour, 1.8, 3) if line.thick else (SOFT, 0.7, 2)
        axes.plot(*zip(*line.places, strict=True), color=colour, lw=width, zorder=zorder)
    axes.axhline(data.margin_pp, color=MARKS[1].colour, lw=1, ls="--")
    axes.axvline(max(1, data.n_seeds), color=INK, lw=0.8, ls=(0, (4, 2)))
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    axes.set_xticks(data.ticks, [str(n) for n in data.ticks])
    axes.set_xlabel(words.text("axis.seeds"))
    axes.set_ylabel(words.text("axis.detectable"))
    bare(axes, grid="both")
    return figure


def in_words(data: Power, words: Catalogue) -> list[Markup]:
    """The leading line, point by point."""
    return [
        words("figure.detectable", n=display.count(n), gap=pp(gap, words, signed=False))
        for line in data.lines
        if line.thick
        for n, gap in line.places
    ]


FIGURE = Plot(data_of, draw, part="power", in_words=in_words)
