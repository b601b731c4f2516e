"""Share of dead channels, saturation, and lag of the running variance: one mark a layer, by cell and level."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, Level
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import WIDTH, bare, cell_name, level_legend, mark
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue

#: Probes shown side by side.
UNITS = ("dead_fraction", "saturation", "bn_var_lag")


@dataclass(frozen=True)
class Layers:
    """One measure in every layer of one cell's networks, in the order of findings; `row` counts cells from below."""

    cell: Cell
    level: Level
    row: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One measure, cells from the lowest up."""

    measure: str
    layers: tuple[Layers, ...]


@dataclass(frozen=True)
class Units:
    """Cells from top to bottom, measures from left to right."""

    subject: Subject
    cells: tuple[Cell, ...]
    panels: tuple[Panel, ...]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels drawn somewhere, in their order."""
        drawn = [layers.level for panel in self.panels for layers in panel.layers]
        return tuple(level for level in self.subject.levels if level in drawn)


def data_of(findings: Findings) -> Units | None:
    """Every probe of units that the study has, at the last evaluation."""
    subject, profile = subject_of(findings), findings.layer_profile
    measures = [name for name in UNITS if any(point.measure == name for point in profile)]
    if not measures:
        return None
    cells = in_order((point.cell for point in profile), subject)
    panels = []
    for measure in measures:
        found: dict[object, list[float]] = {}
        for point in profile:
            if point.measure == measure:
                found.setdefault((cell_key(point.cell), point.level), []).append(point.value)
        layers = [
            Layers(cell, level, row, tuple(found[cell_key(cell), level]))
            for row, cell in enumerate(reversed(cells))
            for level in subject.levels
            if (cell_key(cell), level) in found
        ]
        panels.append(Panel(measure, tuple(layers)))
    return Units(subject, tuple(cells), tuple(panels))


def draw(data: Units, words: Catalogue) -> Figure:
    """A panel a measure, cells down the vertical axis."""
    figure = Figure(figsize=(WIDTH, min(len(data.cells) * 0.2 + 1.0, 9.0)), layout="constrained")
    grid = figure.subplots(1, len(data.panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(grid, data.panels, strict=True):
        for layers in panel.layers:
            style, heights = mark(data.subject, layers.level), [layers.row] * len(layers.values)
            axes.plot(layers.values, heights, style.marker, color=style.colour, ms=3, alpha=0.75)
        axes.set_title(words.text(f"measure.{panel.measure}"))
        bare(axes, grid="both")
        axes.tick_params(axis="y", length=0)
    grid[0].set_yticks(range(len(data.cells)), [cell_name(cell, words) for cell in reversed(data.cells)])
    grid[0].set_ylim(-0.6, len(data.cells) - 0.4)
    level_legend(figure, data.subject, data.levels, outside=True)
    return figure


FIGURE = Plot(data_of, draw, part="mechanism", order=2)
