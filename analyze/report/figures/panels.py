"""Small multiples: one panel a cell, laid out like the design, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from analyze.findings import Cell
from analyze.report.figures.log_axis import log_ticks
from analyze.report.figures.style import WIDTH, bare, cell_name, lettered
from analyze.report.subject import Subject
from analyze.report.words.catalogue import Catalogue

#: More panels than this cannot be read on one page; the caption says so and the JSON twin holds the rest.
MOST = 60


@dataclass(frozen=True)
class Panels:
    """A figure with one pair of axes a cell, in reading order, in so many columns."""

    figure: Figure
    axes: tuple[Axes, ...]
    columns: int

    @property
    def at_the_right(self) -> list[int]:
        """The places of the panels that have the margin beside them."""
        return list(range(self.columns - 1, len(self.axes), self.columns)) or [len(self.axes) - 1]


def panels(
    cells: Sequence[Cell],
    subject: Subject,
    words: Catalogue,
    *,
    above: float = 0.0,
    beside: float = 0.0,
    narrow: bool = False,
) -> Panels:
    """A grid of panels on common axes; columns follow the last moderator where that fits the page.

    Sizes are inches of the page: a margin at the left for tick labels, `above` for a legend and `beside` for labels.
    `narrow` panels need little width: as many as fit stand in a row, and are higher.
    """
    last = list(subject.moderators.values())[-1:] or [()]
    columns = len(last[0]) if 2 <= len(last[0]) <= 6 and len(cells) > len(last[0]) else min(len(cells), 5)
    if narrow and len(cells) <= 6:
        columns = len(cells)
    lines = -(-len(cells) // columns)
    row = min(1.3 if lines > 1 else 1.9, 8.0 / lines)
    height = row * lines + 0.5 + above
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(
        left=0.52 / WIDTH,
        right=1 - (0.06 + beside) / WIDTH,
        top=1 - (0.24 + above) / height,
        bottom=0.36 / height,
        wspace=0.16,
        hspace=0.32 / row * 1.2,
    )
    axes = tuple(grid.ravel()[: len(cells)])
    for extra in grid.ravel()[len(cells) :]:
        extra.remove()
    for place, cell in zip(axes, cells, strict=True):
        place.set_title(cell_name(cell, words, width=max(10, 100 // columns)), fontsize=7 if columns < 5 else 6)
        place.tick_params(labelsize=6.5)
        bare(place, grid="y")
    lettered(axes)
    below = len(cells) - columns
    for place in axes[max(0, below) :]:
        place.tick_params(labelbottom=True)
    return Panels(figure, axes, columns)


def log_examples(made: Panels) -> None:
    """A logarithmic axis of examples seen, with as many labels as its width has room for."""
    for axes in made.axes:
        axes.set_xscale("log")
    low, high = made.axes[0].get_xlim()
    steps = log_ticks(low, high, *((3, 6) if made.columns < 4 else (2, 3)))
    for axes in made.axes:
        axes.xaxis.set_major_locator(FixedLocator(steps))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x < 1e6 else f"{x / 1e6:g} M"))


def label_axes(made: Panels, *, x: str, y: str) -> None:
    """Name the axes once for all panels."""
    made.figure.supxlabel(x, fontsize=7.5, y=0.0, va="bottom")
    made.figure.supylabel(y, fontsize=7.5, x=0.0, ha="left")


def limited(omitted: int, words: Catalogue) -> list[Markup]:
    """That cells were left out, if they were."""
    return [words("cells.limited")] if omitted else []
