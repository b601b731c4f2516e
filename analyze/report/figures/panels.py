"""Small multiples: one panel a cell, laid out like the design, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analyze.findings import Cell
from analyze.report.figures.style import WIDTH, bare, cell_name
from analyze.report.subject import Subject
from analyze.report.words.catalogue import Catalogue

#: More panels than this cannot be read on one page; the caption says so and the JSON twin holds the rest.
MOST = 60


@dataclass(frozen=True)
class Panels:
    """A figure with one pair of axes a cell, in reading order."""

    figure: Figure
    axes: tuple[Axes, ...]


def panels(cells: Sequence[Cell], subject: Subject, words: Catalogue, *, share_y: bool = True) -> Panels:
    """A grid of panels; columns follow the last moderator where that fits the page.

    Sizes are inches of the page: a margin at the left for tick labels, one at the top for the legend.
    """
    last = list(subject.moderators.values())[-1:] or [()]
    columns = len(last[0]) if 2 <= len(last[0]) <= 6 and len(cells) > len(last[0]) else min(len(cells), 5)
    lines = -(-len(cells) // columns)
    row = min(1.3, 8.0 / lines)
    height = row * lines + 0.75
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(lines, columns, sharex=True, sharey=share_y, squeeze=False)
    figure.subplots_adjust(
        left=0.5 / WIDTH,
        right=0.99,
        top=1 - 0.42 / height,
        bottom=0.4 / height,
        wspace=0.14 if share_y else 0.34,
        hspace=0.24 / row * 1.35,
    )
    axes = tuple(grid.ravel()[: len(cells)])
    for extra in grid.ravel()[len(cells) :]:
        extra.remove()
    for place, cell in zip(axes, cells, strict=True):
        place.set_title(cell_name(cell, words, width=max(10, 100 // columns)), fontsize=7 if columns < 5 else 6)
        place.tick_params(labelsize=6.5)
        bare(place, grid="y")
    below = len(cells) - columns
    for place in axes[max(0, below) :]:
        place.tick_params(labelbottom=True)
    return Panels(figure, axes)


def log_examples(made: Panels) -> None:
    """A logarithmic axis of examples seen, labelled at powers of ten."""
    for axes in made.axes:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x < 1e5 else f"{x / 1e6:g} M"))


def label_axes(made: Panels, *, x: str, y: str) -> None:
    """Name the axes once for all panels."""
    made.figure.supxlabel(x, fontsize=7.5, y=0.0, va="bottom")
    made.figure.supylabel(y, fontsize=7.5, x=0.0, ha="left")
