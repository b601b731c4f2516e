"""Mean accuracy of each level over the levels of one moderator, a panel a combination of the others."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, Level
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import WIDTH, Mark, bare, cell_name, level_legend, mark
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten

#: More panels than this cannot be read in one figure.
MOST = 12


@dataclass(frozen=True)
class Mean:
    """Mean accuracy of a cell, in per cent, at its place on the axis, and the standard deviation between seeds."""

    x: float
    accuracy: float
    sd: float


@dataclass(frozen=True)
class Line:
    """The means of one level of the primary factor, from left to right."""

    level: Level
    means: tuple[Mean, ...]


@dataclass(frozen=True)
class Panel:
    """The levels of the other moderators, and the lines."""

    common: Cell
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Interaction:
    """The ticks of the horizontal axis and the panels in reading order; `omitted` panels did not fit."""

    subject: Subject
    ticks: tuple[Level, ...]
    panels: tuple[Panel, ...]
    omitted: int


def data_of(findings: Findings) -> Interaction | None:
    """Means in the primary mode; the moderator with most levels is the horizontal axis."""
    subject = subject_of(findings)
    rows = [row for row in findings.cells if row.bn_mode == findings.primary.bn_mode]
    if not rows or not subject.moderators:
        return None
    axis = max(subject.moderators, key=lambda name: len(subject.moderators[name]))
    ticks = subject.moderators[axis]
    found = {(cell_key(row.cell), row.level): row for row in rows}
    cells = in_order((row.cell for row in rows), subject)
    groups = in_order(({name: level for name, level in cell.items() if name != axis} for cell in cells), subject)
    panels = []
    for group in groups[:MOST]:
        lines = []
        for shift, level in zip(np.linspace(-0.09, 0.09, len(subject.levels)), subject.levels, strict=True):
            line = [found.get((cell_key(group | {axis: tick}), level)) for tick in ticks]
            means = [Mean(x + float(shift), row.accuracy, row.sd or 0.0) for x, row in enumerate(line) if row]
            lines.append(Line(level, tuple(means)))
        panels.append(Panel(group, tuple(line for line in lines if line.means)))
    return Interaction(subject, ticks, tuple(panels), len(groups) - len(panels))


def draw(data: Interaction, words: Catalogue) -> Figure:
    """Lines with a bar of one standard deviation on either side."""
    columns = min(4, len(data.panels))
    rows = -(-len(data.panels) // columns)
    height = 1.75 * rows + 0.35
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    names, rotation = [shorten(tick, 10) for tick in data.ticks], 30 if len(data.ticks) > 3 else 0
    for axes, panel in zip(grid, data.panels, strict=False):
        for line in panel.lines:
            _line(axes, line, mark(data.subject, line.level))
        axes.set_title(cell_name(panel.common, words) or words.text("all_cells"))
        axes.set_xticks(range(len(names)), names, rotation=rotation)
        bare(axes, grid="y")
    for axes in grid[len(data.panels) :]:
        axes.remove()
    grid[0].set_ylabel(words.text("axis.accuracy"))
    level_legend(figure, data.subject, data.subject.levels)
    margins = {"left": 0.08, "right": 0.99, "top": 1 - 0.42 / height, "bottom": 0.18 / rows}
    figure.subplots_adjust(**margins, wspace=0.32, hspace=0.4)
    return figure


def _line(axes: Axes, line: Line, style: Mark) -> None:
    """One level's means with their bars."""
    x, accuracy, sd = zip(*((one.x, one.accuracy, one.sd) for one in line.means), strict=True)
    colour, marker, ls = style.colour, style.marker, style.line
    axes.errorbar(x, accuracy, sd, color=colour, marker=marker, ls=ls, lw=1, ms=3.2, elinewidth=0.7)


FIGURE = Plot(data_of, draw, part="cells", order=1, remarks=lambda data: ["cells.limited"] if data.omitted else [])
