"""The gap in every cell: the headline figure, the forest of both BatchNorm modes, and the interaction plot."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from analyze.findings import Cell, CellSummary, Findings, Level, SimpleEffect
from analyze.report.figures.style import (
    BAND,
    INK,
    MARKS,
    RULE,
    SOFT,
    WIDTH,
    bare,
    cell_name,
    isolated,
    level_legend,
    mark,
)
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import fixed, shorten


def headline(findings: Findings, words: Catalogue) -> Figure | None:
    """Gap and interval by cell, a panel a level of the first moderator, with the equivalence band and the mean."""
    subject = subject_of(findings)
    rows = primary_rows(findings)
    if not rows:
        return None
    panels = _panels(rows, subject, words)
    height = max(len(cells) for _, cells in panels) * 0.19 + 0.75
    figure = Figure(figsize=(WIDTH, min(height, 5.2)), layout="constrained")
    axes = figure.subplots(1, len(panels), sharex=True, squeeze=False)[0]
    by_cell = {cell_key(row.cell): row for row in rows}
    for place, (title, cells) in zip(axes, panels, strict=True):
        _backdrop(place, findings)
        for y, cell in enumerate(reversed(cells)):
            _gap(place, by_cell[cell_key(cell)], y, filled=True)
        _name_rows(place, [_without(cell, subject, words, len(panels) > 1) for cell in reversed(cells)])
        place.set_title(title)
    scale_gaps(axes[0], rows)
    figure.supxlabel(gap_label(subject, words), fontsize=7.5)
    return figure


def forest(findings: Findings, words: Catalogue) -> Figure | None:
    """Every cell in one column, in both BatchNorm modes, with the numbers at the right."""
    subject = subject_of(findings)
    rows = [row for row in findings.simple_effects if row.scale == "raw" and row.gap is not None]
    if not rows:
        return None
    cells = in_order((row.cell for row in rows), subject)
    figure = Figure(figsize=(WIDTH, min(len(cells) * 0.165 + 0.95, 9.0)), layout="constrained")
    axes = figure.subplots()
    _backdrop(axes, findings)
    by_key = {(cell_key(row.cell), row.bn_mode): row for row in rows}
    for y, cell in enumerate(reversed(cells)):
        running, batch = (by_key.get((cell_key(cell), mode)) for mode in ("running", "batch"))
        if batch is not None:
            _gap(axes, batch, y - 0.22, filled=False)
        if running is not None:
            _gap(axes, running, y + (0.12 if batch is not None else 0), filled=True)
            _numbers(axes, running, y)
    _name_rows(axes, [cell_name(cell, words) for cell in reversed(cells)])
    scale_gaps(axes, rows)
    axes.set_xlabel(gap_label(subject, words))
    handles = [
        axes.plot(
            [],
            [],
            "o",
            color=MARKS[0].colour,
            mfc=MARKS[0].colour if full else "none",
            label=words.text(name),
        )[0]
        for full, name in ((True, "bn_mode.running"), (False, "bn_mode.batch"))
    ]
    if any(row.bn_mode == "batch" for row in rows):
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return figure


def interaction(findings: Findings, words: Catalogue) -> Figure | None:
    """Mean accuracy of each level over the levels of one moderator, a panel a combination of the others."""
    subject = subject_of(findings)
    rows = [row for row in findings.cells if row.bn_mode == findings.primary.bn_mode]
    if not rows or not subject.moderators:
        return None
    axis = _long_axis(subject)
    groups = in_order(({k: v for k, v in row.cell.items() if k != axis} for row in rows), subject)[:12]
    columns = min(4, len(groups))
    lines = -(-len(groups) // columns)
    figure = Figure(figsize=(WIDTH, 1.75 * lines + 0.35))
    grid = figure.subplots(lines, columns, sharex=True, squeeze=False).ravel()
    values = {(cell_key(row.cell), row.level): row for row in rows}
    ticks = subject.moderators[axis]
    for axes, group in zip(grid, groups, strict=False):
        for shift, level in zip(np.linspace(-0.09, 0.09, len(subject.levels)), subject.levels, strict=True):
            _line(
                axes,
                [values.get((cell_key(group | {axis: tick}), level)) for tick in ticks],
                shift,
                subject,
                level,
            )
        axes.set_title(cell_name(group, words) or words.text("all_cells"))
        axes.set_xticks(range(len(ticks)), [shorten(tick, 10) for tick in ticks], rotation=30 if len(ticks) > 3 else 0)
        bare(axes, grid="y")
    for axes in grid[len(groups) :]:
        axes.remove()
    grid[0].set_ylabel(words.text("axis.accuracy"))
    level_legend(figure, subject, subject.levels)
    figure.subplots_adjust(
        left=0.08,
        right=0.99,
        top=1 - 0.42 / (1.75 * lines + 0.35),
        bottom=0.18 / lines,
        wspace=0.32,
        hspace=0.4,
    )
    return figure


def primary_rows(findings: Findings) -> list[SimpleEffect]:
    """The simple effects on the scale and in the mode of the primary result."""
    mode = findings.primary.bn_mode
    return [r for r in findings.simple_effects if r.scale == "raw" and r.bn_mode == mode and r.gap is not None]


def gap_label(subject: Subject, words: Catalogue) -> str:
    """What the axis of gaps shows."""
    return words.text("axis.gap", first=isolated(shorten(subject.first)), second=isolated(shorten(subject.second)))


def scale_gaps(axes: Axes, rows: list[SimpleEffect]) -> None:
    """A linear axis, or a symmetric logarithmic one where a few gaps would squeeze all others to nothing."""
    ends = np.abs([end for row in rows for end in row.ci95 or (row.gap or 0.0,)])
    if is_wide(rows):
        axes.set_xscale("symlog", linthresh=max(0.1, float(np.median(ends))), linscale=1.5)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}".replace("-", "−"))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.06)


def is_wide(rows: list[SimpleEffect]) -> bool:
    """Whether gaps differ so much in size that a linear axis would hide most of them."""
    ends = np.abs([end for row in rows for end in row.ci95 or (row.gap or 0.0,)])
    return len(rows) > 2 and float(ends.max()) > 12 * float(np.median(ends)) > 0


def _panels(rows: list[SimpleEffect], subject: Subject, words: Catalogue) -> list[tuple[str, list[Cell]]]:
    """Cells by level of the first moderator, unless that would make one panel a cell."""
    cells = in_order((row.cell for row in rows), subject)
    names = list(subject.moderators)
    levels = subject.moderators[names[0]] if names else ()
    if len(names) < 2 or not 2 <= len(levels) <= 4:
        return [("", cells)]
    panels = [(cell_name({names[0]: one}, words), [c for c in cells if c.get(names[0]) == one]) for one in levels]
    return [panel for panel in panels if panel[1]]


def _without(cell: Cell, subject: Subject, words: Catalogue, split: bool) -> str:  # noqa: FBT001
    """The cell's name inside a panel, which has named the first moderator already."""
    first = next(iter(subject.moderators), None)
    return cell_name({k: v for k, v in cell.items() if not (split and k == first)}, words)


def _backdrop(axes: Axes, findings: Findings) -> None:
    """The equivalence band, the line of no difference, and the mean over cells with its interval."""
    margin = findings.primary.equivalence.margin_pp
    axes.axvspan(-margin, margin, color=BAND, lw=0, zorder=0)
    axes.axvline(0, color=SOFT, lw=0.8, zorder=1)
    if findings.primary.estimate is not None:
        axes.axvline(findings.primary.estimate, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
    bare(axes, grid="x")


def _gap(axes: Axes, row: SimpleEffect, y: float, *, filled: bool) -> None:
    """One gap with its interval."""
    colour = MARKS[0].colour
    if row.ci95 is not None:
        axes.plot(row.ci95, [y, y], color=colour, lw=1.2 if filled else 0.8, solid_capstyle="butt", zorder=3)
    axes.plot(
        [row.gap or 0.0],
        [y],
        "o",
        color=colour,
        mfc=colour if filled else "white",
        ms=4 if filled else 3.2,
        zorder=4,
    )


def _numbers(axes: Axes, row: SimpleEffect, y: float) -> None:
    """The gap and its interval in words of digits, at the right edge."""
    text = fixed(row.gap or 0.0, 2, signed=True)
    if row.ci95 is not None:
        text += f" [{fixed(row.ci95[0], 2)}, {fixed(row.ci95[1], 2)}]"
    axes.annotate(
        text,
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
    )


def _name_rows(axes: Axes, names: list[str]) -> None:
    """Cells down the vertical axis."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(RULE)


def _line(axes: Axes, rows: list[CellSummary | None], shift: float, subject: Subject, level: Level) -> None:
    """One level's means, with a bar of one standard deviation between seeds."""
    style = mark(subject, level)
    present = [(x + shift, row.accuracy, row.sd or 0.0) for x, row in enumerate(rows) if row is not None]
    if present:
        x, mean, sd = zip(*present, strict=True)
        axes.errorbar(x, mean, sd, color=style.colour, marker=style.marker, ls=style.line, lw=1, ms=3.2, elinewidth=0.7)


def _long_axis(subject: Subject) -> str:
    """The moderator with most levels: it becomes the horizontal axis."""
    return max(subject.moderators, key=lambda name: len(subject.moderators[name]))
