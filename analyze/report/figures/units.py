"""Share of dead channels, saturation, and lag of the running variance: one mark a layer, by cell and level."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analyze.findings import Cell, Findings, Level
from analyze.report.figures.hover import titled
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import bare, cell_name, legend_height, lettered, level_legend, mark, narrow, page
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words import naming
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten

#: Probes shown side by side.
UNITS = ("dead_fraction", "saturation", "bn_var_lag")


@dataclass(frozen=True)
class Layers:
    """One measure in every layer of one cell's networks, in the order of findings; `y` counts cells from below."""

    cell: Cell
    level: Level
    y: float
    values: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One measure, cells from the lowest up."""

    measure: str
    layers: tuple[Layers, ...]


@dataclass(frozen=True)
class Units:
    """Cells from top to bottom, measures from left to right; those that were the same everywhere are not drawn."""

    subject: Subject
    cells: tuple[Cell, ...]
    panels: tuple[Panel, ...]
    constant: tuple[tuple[str, float], ...]
    seeds: tuple[int, ...]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels drawn somewhere, in their order."""
        drawn = [layers.level for panel in self.panels for layers in panel.layers]
        return tuple(level for level in self.subject.levels if level in drawn)


def data_of(findings: Findings) -> Units | None:
    """Every probe of units that differs anywhere, at the last evaluation."""
    subject, profile = subject_of(findings), [point for point in findings.layer_profile if point.measure in UNITS]
    values = {name: {point.value for point in profile if point.measure == name} for name in UNITS}
    drawn = [name for name in UNITS if len(values[name]) > 1]
    if not drawn:
        return None
    cells = in_order((point.cell for point in profile if point.measure in drawn), subject)
    shift = {level: 0.26 * (0.5 - i / max(1, len(subject.levels) - 1)) for i, level in enumerate(subject.levels)}
    panels = []
    for measure in drawn:
        found: dict[object, list[float]] = {}
        for point in profile:
            if point.measure == measure:
                found.setdefault((cell_key(point.cell), point.level), []).append(point.value)
        layers = [
            Layers(cell, level, row + shift[level], tuple(found[cell_key(cell), level]))
            for row, cell in enumerate(reversed(cells))
            for level in subject.levels
            if (cell_key(cell), level) in found
        ]
        panels.append(Panel(measure, tuple(layers)))
    constant = tuple((name, min(values[name])) for name in UNITS if len(values[name]) == 1)
    return Units(subject, tuple(cells), tuple(panels), constant, tuple(point.n_seeds for point in profile))


def draw(data: Units, words: Catalogue) -> Figure:
    """A panel a measure, cells down the vertical axis."""
    names = [cell_name(cell, words) for cell in reversed(data.cells)]
    rows, across = rows_of(names), 1 if narrow() else len(data.panels)
    down = len(data.panels) // across
    each = len(names) * rows.height(0.22) + 0.6
    figure = page(down * each + legend_height(data.levels) + 0.2, layout="constrained")
    grid = list(figure.subplots(down, across, sharey=True, squeeze=False).ravel())
    for axes, panel in zip(grid, data.panels, strict=True):
        for layers in panel.layers:
            style, heights = mark(data.subject, layers.level), [layers.y] * len(layers.values)
            (dots,) = axes.plot(layers.values, heights, style.marker, color=style.colour, ms=3, alpha=0.8)
            name = shorten(layers.level)
            titled(dots, *(f"{name}, {layer}: {value:.3g}" for layer, value in enumerate(layers.values, 1)))
        axes.set_xlabel(wrapped(words.text(f"axis.{panel.measure}"), 0.9 * rows.room / across))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        rows.name(axes, names)
        bare(axes, grid="both")
    lettered(grid)
    level_legend(figure, data.subject, data.levels, outside=True)
    return figure


def remarks(data: Units, words: Catalogue) -> list[Markup]:
    """What was the same in every layer of every network, and therefore has no panel."""
    return [
        words("figure.units_constant", measure=words.name("axis", name), value=naming.fact(value))
        for name, value in data.constant
    ]


FIGURE = Plot(data_of, draw, part="mechanism", order=2, by_cell=True, remarks=remarks, seeds=lambda data: data.seeds)
