"""Lines with bands, a panel a cell: the median over seeds and the central four fifths of seeds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from analyze.findings import Cell, Level
from analyze.report.figures.hover import titled
from analyze.report.figures.labels import label_ends, level_end
from analyze.report.figures.panels import Panels, whole
from analyze.report.figures.style import Mark
from analyze.report.subject import Subject, cell_key, in_order
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten


@dataclass(frozen=True)
class Median:
    """A median over seeds at `x`, and the ends of the central four fifths."""

    x: int
    median: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Band:
    """One level of the primary factor, from left to right."""

    level: Level
    medians: tuple[Median, ...]


@dataclass(frozen=True)
class Panel:
    """One cell and its bands, in the order of the levels."""

    cell: Cell
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Bands:
    """Panels in reading order."""

    subject: Subject
    panels: tuple[Panel, ...]

    @property
    def medians(self) -> list[Median]:
        """Every median drawn."""
        return [one for panel in self.panels for band in panel.bands for one in band.medians]

    @property
    def seeds(self) -> list[int]:
        """The seeds behind each median."""
        return [one.n for one in self.medians]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels drawn somewhere, in their order."""
        drawn = [band.level for panel in self.panels for band in panel.bands]
        return tuple(level for level in self.subject.levels if level in drawn)


def bands_of(points: Iterable[tuple[Cell, Level, Median]], subject: Subject) -> Bands | None:
    """The bands of these points, or None without any."""
    lines: dict[object, list[Median]] = defaultdict(list)
    seen = []
    for cell, level, median in points:
        seen.append(cell)
        lines[cell_key(cell), level].append(median)
    cells = in_order(seen, subject)
    panels = []
    for cell in cells:
        found = [(level, sorted(lines[cell_key(cell), level], key=lambda one: one.x)) for level in subject.levels]
        panels.append(Panel(cell, tuple(Band(level, tuple(line)) for level, line in found if line)))
    return Bands(subject, tuple(panels)) if panels else None


def draw_band(axes: Axes, band: Band, style: Mark, words: Catalogue, *, alpha: float, **line: Any) -> None:
    """The band, and before it the median with its marks."""
    x = [one.x for one in band.medians]
    low, high = [one.low for one in band.medians], [one.high for one in band.medians]
    axes.fill_between(x, low, high, color=style.colour, alpha=alpha, lw=0)
    (drawn,) = axes.plot(x, [one.median for one in band.medians], color=style.colour, ls=style.line, **line)
    name = shorten(band.level)
    if line.get("marker"):
        ends = (f"{one.median:.4g} [{one.low:.4g}, {one.high:.4g}]" for one in band.medians)
        titled(drawn, *(f"{name}, {whole(at, words)}: {said}" for at, said in zip(x, ends, strict=True)))
    else:
        titled(drawn, name)


def label_levels(made: Panels, data: Bands) -> None:
    """Names of all levels beside the panel at the right whose bands reach furthest, where their place is there.

    The axes must stand.
    """
    if not made.beside:
        return
    place = max(made.at_the_right, key=lambda one: max(band.medians[-1].x for band in data.panels[one].bands))
    others = [band for panel in data.panels for band in panel.bands]
    heights = {band.level: band.medians[-1].median for band in [*others, *data.panels[place].bands]}
    label_ends(made.axes[place], [level_end(data.subject, level, y) for level, y in heights.items()])
