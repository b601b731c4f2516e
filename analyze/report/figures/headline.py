"""The gap in every cell, in the mode of the primary result."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings
from analyze.report import selection
from analyze.report.figures import gap_axis
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import cell_name, lettered, narrow, page, page_width
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue

#: So many cells stand below one another in one panel.
FEW = 9
#: In so many panels side by side there is room for the numbers of every tick.
MOST_ROOMY = 2


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
    texts = [gap_axis.in_digits(gap, words) for gap in data.gaps] if alone else []
    names = [_names(panel, words, alone=alone) for panel in data.panels]
    rows = rows_of([name for panel in names for name in panel], texts)
    figure, grid = _grid(data, rows.height(0.19))
    for axes, panel, own in zip(grid, data.panels, names, strict=True):
        gap_axis.draw_backdrop(axes, data.backdrop)
        for gap in reversed(panel.gaps):
            gap_axis.draw_gap(axes, gap, words, filled=True)
            if alone:
                rows.write(axes, gap.row, gap_axis.in_digits(gap, words))
        rows.name(axes, own)
        axes.set_title(cell_name(panel.common, words))
    lettered(grid)
    gap_axis.scale_gaps(grid[0], data.bend, words)
    if alone:
        grid[0].set_xlabel(wrapped(words.text("axis.gap_test_accuracy"), rows.room))
        gap_axis.name_sides(grid[0], data.subject, words)
    else:
        figure.supxlabel(wrapped(gap_axis.gap_label(data.subject, words), page_width()), fontsize=7.5)
        if data.bend is not None and len(grid) > MOST_ROOMY and not narrow():
            _thin_out(grid[0], data.bend)
    return figure


def _thin_out(axes: Axes, bend: float) -> None:
    """No tick where the axis is not yet logarithmic, but for zero's: in a slim panel their numbers would meet."""
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= high and not 0 < abs(tick) < bend])


def _names(panel: Panel, words: Catalogue, *, alone: bool) -> list[str]:
    """The cells of a panel from the lowest up; its title, where there are several, has named the first moderator."""
    split = set() if alone else set(panel.common)
    own = [{name: level for name, level in gap.cell.items() if name not in split} for gap in reversed(panel.gaps)]
    return [cell_name(cell, words) for cell in own]


def _grid(data: Headline, row: float) -> tuple[Figure, list[Axes]]:
    """Axes for the panels, side by side or, on a narrow page, one below another; `row` is the inches of a row."""
    most = [len(panel.gaps) for panel in data.panels]
    if not narrow():
        figure = page(min(max(most) * row + 0.75, 5.2), layout="constrained")
        return figure, list(figure.subplots(1, len(most), sharex=True, squeeze=False)[0])
    figure = page(sum(most) * row + 0.25 * len(most) + 0.6, layout="constrained")
    return figure, list(figure.subplots(len(most), 1, sharex=True, squeeze=False, height_ratios=most)[:, 0])


FIGURE = Plot(
    data_of,
    draw,
    part="headline",
    by_cell=True,
    remarks=lambda data, words: gap_axis.remarks(data.bend, words),
    seeds=lambda data: [gap.n for gap in data.gaps],
    in_words=lambda data, words: gap_axis.in_words("figure.gap", data.gaps, words),
)
