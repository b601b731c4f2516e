"""A number of each level along the moderator with most levels, a panel a combination of the other moderators."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Level
from analyze.report.figures.hover import titled
from analyze.report.figures.labels import ROOM, label_ends, level_end
from analyze.report.figures.panels import fit, panel_title
from analyze.report.figures.room import TICK, widest, wrapped
from analyze.report.figures.style import (
    bare,
    legend_height,
    lettered,
    level_legend,
    mark,
    narrow,
    page,
    page_width,
)
from analyze.report.subject import Subject, cell_key, in_order
from analyze.report.words import display
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import fixed, plain, shorten

#: More panels, cells in them or names of ticks than this cannot be read in one figure; one panel there always is.
MOST, MOST_CELLS, MOST_TICKS = 12, 200, 30

#: Inches of the margins, and the space between two panels as a share of their width.
LEFT, RIGHT, APART = 0.52, 0.06, 0.2


@dataclass(frozen=True)
class Summary:
    """A number of one level in one cell, the ends of its bar, and the seeds behind it."""

    cell: Cell
    level: Level
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Line:
    """The summaries of one level of the primary factor, each at its place on the horizontal axis, from the left."""

    level: Level
    summaries: tuple[tuple[float, Summary], ...]


@dataclass(frozen=True)
class Panel:
    """The levels of the other moderators, and the lines."""

    common: Cell
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Moderated:
    """The horizontal axis with its ticks, none where nothing moderates; panels in reading order, the first of them.

    All of them have so many `cells`.
    """

    subject: Subject
    axis: str | None
    ticks: tuple[Level, ...]
    panels: tuple[Panel, ...]
    cells: int

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels drawn somewhere, in their order."""
        drawn = [line.level for panel in self.panels for line in panel.lines]
        return tuple(level for level in self.subject.levels if level in drawn)

    @property
    def summaries(self) -> list[Summary]:
        """Everything drawn."""
        return [one for panel in self.panels for line in panel.lines for _, one in line.summaries]

    @property
    def ends(self) -> list[float]:
        """The ends of every bar."""
        return [end for one in self.summaries for end in (one.low, one.high)]


def moderated(summaries: Iterable[Summary], subject: Subject) -> Moderated | None:
    """These summaries in their panels; the moderator with most levels is the horizontal axis, numbers before names."""
    found = {(cell_key(one.cell), one.level): one for one in summaries}
    if not found:
        return None
    levels = subject.moderators
    axis = max(levels, key=lambda name: (len(levels[name]), _numeric(levels[name])), default=None)
    ticks: tuple[Level, ...] = levels[axis] if axis else ("",)
    cells = in_order((one.cell for one in found.values()), subject)
    groups = in_order(({name: level for name, level in cell.items() if name != axis} for cell in cells), subject)
    panels = []
    for group in groups[: max(1, min(MOST, MOST_CELLS // len(ticks)))]:
        lines = []
        for shift, level in zip(np.linspace(-0.05, 0.05, len(subject.levels)), subject.levels, strict=True):
            row = [found.get((cell_key(group | ({axis: tick} if axis else {})), level)) for tick in ticks]
            line = [(x + float(shift), one) for x, one in enumerate(row) if one]
            lines.append(Line(level, tuple(line)))
        panels.append(Panel(group, tuple(line for line in lines if line.summaries)))
    return Moderated(subject, axis, ticks, tuple(panels), len(cells))


def limited(data: Moderated, words: Catalogue) -> list[Markup]:
    """How many cells are shown of how many, if not all are."""
    shown = {cell_key(one.cell) for one in data.summaries}
    if len(shown) == data.cells:
        return []
    counts = {"shown": len(shown), "cells": data.cells, "panels": len(data.panels)}
    return [words("figure.first_panels", **{name: display.count(number) for name, number in counts.items()})]


def _numeric(levels: tuple[Level, ...]) -> bool:
    return all(isinstance(level, int | float) for level in levels)


def draw_moderated(
    data: Moderated,
    words: Catalogue,
    *,
    scale: Callable[[list[Axes]], None],
    y: str,
    unit: str,
    shown: Callable[[float], str] = lambda value: fixed(value, 2),
) -> Figure:
    """Lines with bars; `scale` sets the vertical axes once everything is drawn, `y` names them, `shown` is a number."""
    columns = _columns([panel.common for panel in data.panels], words)
    every = -(-len(data.ticks) // MOST_TICKS)
    names = [shorten(tick, 10) for tick in data.ticks[::every]]
    figure, drawn, turned = _grid(data, columns, names)
    for place, (axes, panel) in enumerate(zip(drawn, data.panels, strict=True)):
        for line in panel.lines:
            _draw_line(
                axes, line, data.subject, lambda one: f"{shown(one.value)}{unit} [{shown(one.low)}, {shown(one.high)}]"
            )
        axes.set_title(panel_title(panel.common, words, columns))
        axes.set_xticks(range(0, len(data.ticks), every) if data.axis else [], names if data.axis else [])
        axes.set_xlim(-0.3, len(data.ticks) - 0.7)
        axes.tick_params(labelbottom=place + columns >= len(data.panels))
        if turned:
            for label in axes.get_xticklabels():
                label.set(rotation=30, ha="right", rotation_mode="anchor")
        bare(axes, grid="y")
    scale(drawn)
    lettered(drawn)
    if narrow():
        level_legend(figure, data.subject, data.levels)
    else:
        _name_lines(drawn[columns - 1], data, data.panels[columns - 1])
    figure.supylabel(wrapped(y, figure.get_figheight() - 0.4), fontsize=7.5, x=0.0, ha="left")
    if data.axis:
        name = plain(words.name("factor", data.axis))
        figure.supxlabel(shorten(name), fontsize=7.5, y=0.0, va="bottom")
    return figure


def _columns(common: Sequence[Cell], words: Catalogue) -> int:
    """How many panels stand in a row: as many as leave room for their names, two at least."""
    width = page_width() - LEFT - RIGHT - (0.0 if narrow() else ROOM)
    most = range(min(2 if narrow() else 4, len(common)), 2, -1)
    fitting = (columns for columns in most if fit(common, words, columns, width / (columns + APART * (columns - 1))))
    return next(fitting, min(2, len(common)))


def _grid(data: Moderated, columns: int, names: list[str]) -> tuple[Figure, list[Axes], bool]:
    """A figure with axes for the panels, and whether the names of the ticks are turned for want of room."""
    rows = -(-len(data.panels) // columns)
    above, beside = (legend_height(data.levels), 0.0) if narrow() else (0.0, ROOM)
    width = page_width() - LEFT - RIGHT - beside
    each = width / (columns + APART * (columns - 1))
    turned = widest(names, TICK) > 0.92 * each / len(names)
    below = 0.16 + (0.2 if data.axis else 0.0) + (0.28 if turned else 0.0)
    height = 1.7 * rows + 0.04 + below + above
    figure = page(height)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(data.panels) :]:
        axes.remove()
    figure.subplots_adjust(
        left=LEFT / page_width(),
        right=(LEFT + width) / page_width(),
        top=1 - (0.24 + above) / height,
        bottom=below / height,
        wspace=APART,
        hspace=0.34,
    )
    return figure, list(grid[: len(data.panels)]), turned


def _name_lines(corner: Axes, data: Moderated, last: Panel) -> None:
    """The levels beside the panel at the right of the first row."""
    lines = [line for panel in data.panels for line in panel.lines]
    heights = {line.level: line.summaries[-1][1].value for line in [*lines, *last.lines]}
    label_ends(corner, [level_end(data.subject, level, height) for level, height in heights.items()])


def _draw_line(axes: Axes, line: Line, subject: Subject, said: Callable[[Summary], str]) -> None:
    """One level's numbers with their bars."""
    style, summaries = mark(subject, line.level), [one for _, one in line.summaries]
    for x, one in line.summaries:
        axes.plot([x, x], [one.low, one.high], color=style.colour, lw=0.8)
    x_values = [x for x, _ in line.summaries]
    (drawn,) = axes.plot(
        x_values, [one.value for one in summaries], color=style.colour, marker=style.marker, ls=style.line, lw=1, ms=3.4
    )
    name = shorten(line.level)
    titled(drawn, *(f"{name}: {said(one)}" for one in summaries))
