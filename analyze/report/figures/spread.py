"""Spread between seeds of every level in every cell: filled with running, open with batch statistics."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from analyze.findings import BnMode, Cell, Findings, Level
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import PAPER, WIDTH, bare, cell_name, level_legend, mark
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words import naming
from analyze.report.words.amounts import pp
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Deviation:
    """Standard deviation between seeds, in percentage points; `y` counts cells from below, parted by level."""

    cell: Cell
    level: Level
    bn_mode: BnMode
    sd: float
    y: float


@dataclass(frozen=True)
class Spread:
    """Cells from top to bottom, and the deviations in the order of findings."""

    subject: Subject
    cells: tuple[Cell, ...]
    deviations: tuple[Deviation, ...]

    @property
    def of_modes(self) -> list[str]:
        """The remark on the two modes, where both are drawn."""
        return ["figure.spread_modes"] if len({one.bn_mode for one in self.deviations}) > 1 else []


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
        Deviation(row.cell, row.level, row.bn_mode, row.sd or 0.0, height[cell_key(row.cell)] + shift[row.level])
        for row in rows
    ]
    return Spread(subject, tuple(cells), tuple(deviations))


def draw(data: Spread, words: Catalogue) -> Figure:
    """One mark a cell, level and mode on a logarithmic axis."""
    figure = Figure(figsize=(WIDTH, min(len(data.cells) * 0.2 + 0.95, 9.0)), layout="constrained")
    axes = figure.subplots()
    for one in data.deviations:
        style = mark(data.subject, one.level)
        fill = style.colour if one.bn_mode == "running" else PAPER
        axes.plot([one.sd], [one.y], style.marker, color=style.colour, mfc=fill, ms=4)
    axes.set_yticks(range(len(data.cells)), [cell_name(cell, words) for cell in reversed(data.cells)])
    axes.set_ylim(-0.6, len(data.cells) - 0.4)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(words.text("axis.sd"))
    axes.tick_params(axis="y", length=0)
    bare(axes, grid="both")
    level_legend(figure, data.subject, data.subject.levels, outside=True)
    return figure


def in_words(data: Spread, words: Catalogue) -> list[Markup]:
    """Each deviation as a sentence."""
    return [
        words(
            "figure.sd_in_mode" if data.of_modes else "figure.sd",
            cell=naming.cell(one.cell, words),
            level=naming.level(one.level),
            mode=words(f"bn_mode.{one.bn_mode}"),
            sd=pp(one.sd, words, signed=False),
        )
        for one in data.deviations
    ]


FIGURE = Plot(data_of, draw, part="stability", remarks=lambda data: data.of_modes, in_words=in_words)
