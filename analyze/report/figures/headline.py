"""The gap in every cell, in the mode of the primary result."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from analyze.findings import Cell, Findings
from analyze.report import selection
from analyze.report.figures import gap_axis
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import WIDTH, cell_name, lettered
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue

#: So many cells stand below one another in one panel.
FEW = 9


@dataclass(frozen=True)
class Panel:
    """One level of the first moderator, or nothing in common; its gaps from top to bottom."""

    common: Cell
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Headline:
    """The panels from left to right on one axis, which is logarithmic beyond `bend`."""

    subject: Subject
    backdrop: Backdrop
    panels: tuple[Panel, ...]
    bend: float | None

    @property
    def gaps(self) -> list[Gap]:
        """Every gap in reading order."""
        return [gap for panel in self.panels for gap in panel.gaps]


def data_of(findings: Findings) -> Headline | None:
    """Gap and interval by cell, a panel a level of the first moderator."""
    subject = subject_of(findings)
    effects = {cell_key(row.cell): row for _, row in selection.simple_effects(findings) if row.gap is not None}
    if not effects:
        return None
    panels = []
    for common, cells in _split(in_order((row.cell for row in effects.values()), subject), subject):
        upwards = [gap_axis.gap_of(effects[cell_key(cell)], row) for row, cell in enumerate(reversed(cells))]
        panels.append(Panel(common, tuple(reversed(upwards))))
    bend = gap_axis.bend_of([gap for panel in panels for gap in panel.gaps], findings.question.response)
    return Headline(subject, gap_axis.backdrop_of(findings), tuple(panels), bend)


def _split(cells: list[Cell], subject: Subject) -> list[tuple[Cell, list[Cell]]]:
    """Cells by level of the first moderator, where there are many and that makes few panels."""
    names = list(subject.moderators)
    levels = subject.moderators[names[0]] if names else ()
    if len(cells) <= FEW or len(names) < 2 or not 2 <= len(levels) <= 4:
        return [({}, cells)]
    panels: list[tuple[Cell, list[Cell]]] = [
        ({names[0]: one}, [cell for cell in cells if cell.get(names[0]) == one]) for one in levels
    ]
    return [panel for panel in panels if panel[1]]


def draw(data: Headline, words: Catalogue) -> Figure:
    """Dots and bars, before the equivalence band and the mean."""
    alone = len(data.panels) == 1
    height = max(len(panel.gaps) for panel in data.panels) * 0.19 + 0.75
    figure = Figure(figsize=(WIDTH, min(height, 5.2)), layout="constrained")
    grid = figure.subplots(1, len(data.panels), sharex=True, squeeze=False)[0]
    for axes, panel in zip(grid, data.panels, strict=True):
        gap_axis.draw_backdrop(axes, data.backdrop)
        upwards = panel.gaps[::-1]
        for gap in upwards:
            gap_axis.draw_gap(axes, gap, words, filled=True)
            if alone:
                gap_axis.number_row(axes, gap, words)
        # Inside a panel of several, its title has named the first moderator already.
        split = set() if alone else set(panel.common)
        own = [{name: level for name, level in gap.cell.items() if name not in split} for gap in upwards]
        gap_axis.name_rows(axes, [cell_name(cell, words) for cell in own])
        axes.set_title(cell_name(panel.common, words))
    lettered(grid)
    gap_axis.scale_gaps(grid[0], data.bend, words)
    if alone:
        grid[0].set_xlabel(words.text("axis.gap_test_accuracy"))
        gap_axis.name_sides(grid[0], data.subject, words)
    else:
        figure.supxlabel(gap_axis.gap_label(data.subject, words), fontsize=7.5)
    return figure


FIGURE = Plot(
    data_of,
    draw,
    part="headline",
    remarks=lambda data, words: gap_axis.remarks(data.bend, words),
    seeds=lambda data: [gap.n for gap in data.gaps],
    in_words=lambda data, words: gap_axis.in_words("figure.gap", data.gaps, words),
)
