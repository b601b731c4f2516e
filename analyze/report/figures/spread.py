"""Spread between seeds of every level in every cell: filled with running, open with batch statistics."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import BnMode, Cell, Findings, Level
from analyze.report.figures.hover import titled
from analyze.report.figures.log_axis import label_log
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import PAPER, bare, cell_name, legend_height, level_legend, mark, page
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words import naming
from analyze.report.words.amounts import deviation, spread
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain, shorten


@dataclass(frozen=True)
class Deviation:
    """Standard deviation between seeds, on the scale of the response; `y` counts cells from below, parted by level."""

    cell: Cell
    level: Level
    bn_mode: BnMode
    sd: float
    n: int
    y: float


@dataclass(frozen=True)
class Spread:
    """Cells from top to bottom, and the deviations in the order of findings."""

    subject: Subject
    cells: tuple[Cell, ...]
    deviations: tuple[Deviation, ...]

    @property
    def both_modes(self) -> bool:
        """Whether deviations of both modes are drawn."""
        return len({one.bn_mode for one in self.deviations}) > 1


def data_of(findings: Findings) -> Spread | None:
    """Every deviation that a logarithmic axis can show."""
    subject = subject_of(findings)
    rows = [row for row in findings.cells if row.sd]
    if not rows:
        return None
    cells = in_order((row.cell for row in rows), subject)
    height = {cell_key(cell): y for y, cell in enumerate(reversed(cells))}
    shift = {
        level: 0.26 * (0.5 - place / max(1, len(subject.levels) - 1)) for place, level in enumerate(subject.levels)
    }
    deviations = [
        Deviation(row.cell, row.level, row.bn_mode, row.sd or 0.0, row.n, height[cell_key(row.cell)] + shift[row.level])
        for row in rows
    ]
    return Spread(subject, tuple(cells), tuple(deviations))


def draw(data: Spread, words: Catalogue) -> Figure:
    """One mark a cell, level and mode on a logarithmic axis."""
    names = [cell_name(cell, words) for cell in reversed(data.cells)]
    rows = rows_of(names)
    figure = page(len(names) * rows.height(0.2) + 0.75 + legend_height(data.subject.levels), layout="constrained")
    axes = figure.subplots()
    for one in data.deviations:
        style = mark(data.subject, one.level)
        fill = style.colour if one.bn_mode == "running" else PAPER
        (dot,) = axes.plot([one.sd], [one.y], style.marker, color=style.colour, mfc=fill, ms=4)
        titled(dot, f"{cell_name(one.cell, words)} {shorten(one.level)}: {plain(spread(one.sd, words))}".strip())
    rows.name(axes, names)
    axes.set_xscale("log")
    label_log(axes.xaxis, 3, int(rows.room / 0.4))
    axes.set_xlabel(wrapped(words.text("axis.sd"), rows.room))
    bare(axes, grid="both")
    level_legend(figure, data.subject, data.subject.levels, outside=True)
    return figure


def in_words(data: Spread, words: Catalogue) -> list[Markup]:
    """Each deviation as a sentence."""
    return [
        words(
            "figure.sd_in_mode" if data.both_modes else "figure.sd",
            cell=naming.cell(one.cell, words),
            level=naming.level(one.level),
            mode=words(f"bn_mode.{one.bn_mode}"),
            sd=deviation(one.sd, words),
        )
        for one in data.deviations
    ]


def remarks(data: Spread, words: Catalogue) -> list[Markup]:
    """The marks of the two modes."""
    return [words("figure.spread_modes")] if data.both_modes else []


FIGURE = Plot(
    data_of,
    draw,
    part="stability",
    by_cell=True,
    remarks=remarks,
    in_words=in_words,
    seeds=lambda data: [one.n for one in data.deviations],
)
