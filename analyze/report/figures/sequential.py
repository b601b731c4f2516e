"""The path of each cell: its interval against the seeds of the looks, until it is decided."""

import math
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, Interval
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import BAND, INK, SOFT, bare, cell_name, narrow, page
from analyze.report.subject import cell_key
from analyze.report.words import naming
from analyze.report.words.amounts import gap, interval
from analyze.report.words.catalogue import Catalogue

COLUMNS, NARROW_COLUMNS, ROW_HEIGHT = 4, 2, 1.25


@dataclass(frozen=True)
class Step:
    """A cell at a look: its pairs, gap, and interval, if it has an end."""

    n: int
    gap: float
    interval: Interval | None


@dataclass(frozen=True)
class Path:
    """The looks at a cell (None is the mean over cells), in order, up to the one that decided it."""

    cell: Cell | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Paths:
    """A path a cell, the margin, and how far from zero the axis of gaps reaches."""

    paths: tuple[Path, ...]
    margin: float | None
    reach: float


def data_of(findings: Findings) -> Paths | None:
    """The paths of a study whose growth was declared; wider intervals than at its end are cut by the axis."""
    if findings.growth is None or not findings.growth.declared:
        return None
    cells: dict[object, Cell | None] = {}
    steps: dict[object, dict[int, Step]] = {}
    for row in findings.sequential:
        if row.gap is None:
            continue
        key = None if row.cell is None else cell_key(row.cell)
        cells.setdefault(key, row.cell)
        steps.setdefault(key, {}).setdefault(row.n, Step(row.n, row.gap, row.interval))
    if not steps:
        return None
    paths = tuple(Path(cells[key], tuple(found.values())) for key, found in steps.items())
    margin = findings.primary.equivalence.margin
    ends = [abs(end) for path in paths for end in path.steps[-1].interval or (path.steps[-1].gap,)]
    return Paths(paths, margin, 1.15 * max(*ends, 2 * (margin or 0.0), 1e-12))


def draw(data: Paths, words: Catalogue) -> Figure:
    """A panel a cell: gaps as a line, intervals as bars, the margin as a band."""
    across = min(NARROW_COLUMNS if narrow() else COLUMNS, len(data.paths))
    down = math.ceil(len(data.paths) / across)
    figure = page(down * ROW_HEIGHT + 0.4, layout="constrained")
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(data.paths) :]:
        axes.set_visible(False)
    for path, axes in zip(data.paths, grid.flat, strict=False):
        if data.margin is not None:
            axes.axhspan(-data.margin, data.margin, color=BAND, lw=0, zorder=0)
        axes.axhline(0, color=SOFT, lw=0.8, zorder=1)
        for step in path.steps:
            if step.interval is not None:
                axes.plot([step.n, step.n], step.interval, color=INK, lw=0.9, solid_capstyle="butt", zorder=2)
        axes.plot([step.n for step in path.steps], [step.gap for step in path.steps], "o-", color=INK, lw=0.7, ms=2)
        axes.set_title(_name(path, words), fontsize=7, loc="left")
        bare(axes, grid="y")
    grid[0][0].set_ylim(-data.reach, data.reach)
    for axes in grid[-1]:
        axes.set_xlabel(words.text("axis.pairs_of_runs"))
    figure.supylabel(words.text("axis.path"), fontsize=7.5)
    return figure


def _name(path: Path, words: Catalogue) -> str:
    return words.text("figure.mean_over_cells") if path.cell is None else cell_name(path.cell, words, width=26)


def in_words(data: Paths, words: Catalogue) -> list[Markup]:
    """The end of every path."""
    return [
        words(
            "figure.path_end",
            cell=words("mean_over_cells") if path.cell is None else naming.cell(path.cell, words),
            n=str(path.steps[-1].n),
            gap=gap(path.steps[-1].gap, words),
            interval=interval(path.steps[-1].interval, words),
        )
        for path in data.paths
    ]


FIGURE = Plot(data_of, draw, part="cells", order=1, by_cell=True, in_words=in_words)
