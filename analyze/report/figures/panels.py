"""Small multiples: one panel a cell, laid out like the design, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from analyze.findings import Cell, Level
from analyze.report.figures.labels import ROOM
from analyze.report.figures.log_axis import log_ticks
from analyze.report.figures.room import widest, wrapped
from analyze.report.figures.style import (
    WIDE,
    bare,
    cell_name,
    legend_height,
    lettered,
    level_legend,
    narrow,
    page,
    page_width,
)
from analyze.report.subject import Subject
from analyze.report.words import chinese
from analyze.report.words.catalogue import Catalogue

#: Inches of the margins, of panels whose titles are small, of a letter and the air before it, and the space between two
#: panels as a share of their width.
LEFT, RIGHT, SMALL, LETTER, APART = 0.52, 0.06, 1.1, 0.25, 0.16


@dataclass(frozen=True)
class Panels:
    """A figure with one pair of axes a cell, in reading order, in so many columns, each so many inches wide.

    `beside` says whether there is a margin at the right for the names of levels, which are not above then.
    """

    figure: Figure
    axes: tuple[Axes, ...]
    columns: int
    width: float
    beside: bool

    @property
    def at_the_right(self) -> list[int]:
        """The places of the panels that have the margin beside them."""
        return list(range(self.columns - 1, len(self.axes), self.columns)) or [len(self.axes) - 1]


def panels(
    cells: Sequence[Cell],
    subject: Subject,
    words: Catalogue,
    *,
    levels: tuple[Level, ...] = (),
    beside: bool = False,
    slim: bool = False,
) -> Panels:
    """A grid of panels on common axes; columns follow the last moderator where that fits the page.

    These levels are named above the panels, or shall be `beside` them where the page has room. `slim` panels need
    little width: as many as fit stand in a row, and are higher.
    """
    beside = beside and not narrow()
    width = page_width() - LEFT - RIGHT - (ROOM if beside else 0.0)
    columns = _columns(cells, subject, _most(cells, words, width), slim=slim)
    lines = -(-len(cells) // columns)
    row = 1.3 if lines > 1 else 1.9
    row = row if narrow() else min(row, 8.0 / lines)
    above = legend_height(levels) if levels and not beside else 0.0
    height = row * lines + 0.5 + above
    figure = page(height)
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(
        left=LEFT / page_width(),
        right=(LEFT + width) / page_width(),
        top=1 - (0.24 + above) / height,
        bottom=0.36 / height,
        wspace=APART,
        hspace=0.32 / row * 1.2,
    )
    axes = tuple(grid.ravel()[: len(cells)])
    for extra in grid.ravel()[len(cells) :]:
        extra.remove()
    each = width / (columns + APART * (columns - 1))
    size = 7 if each > SMALL else 6
    for place, cell in zip(axes, cells, strict=True):
        place.set_title(panel_title(cell, words, columns), fontsize=size)
        place.tick_params(labelsize=6.5)
        bare(place, grid="y")
    lettered(axes)
    below = len(cells) - columns
    for place in axes[max(0, below) :]:
        place.tick_params(labelbottom=True)
    if levels and not beside:
        level_legend(figure, subject, levels)
    return Panels(figure, axes, columns, each, beside)


def _most(cells: Sequence[Cell], words: Catalogue, width: float) -> int:
    """How many panels may stand in a row: on paper six, on a narrow page three, or as many as have room for a name."""
    most = range(3 if narrow() else 6, 2, -1)
    return next((columns for columns in most if fit(cells, words, columns, width / columns)), 2)


def fit(cells: Sequence[Cell], words: Catalogue, columns: int, inches: float) -> bool:
    """Whether names of panels so wide stand apart."""
    titles = [panel_title(cell, words, columns) for cell in cells]
    return widest(titles, 7 if inches > SMALL else 6) < inches - LETTER


def _columns(cells: Sequence[Cell], subject: Subject, most: int, *, slim: bool) -> int:
    """As many columns as the last moderator has levels, where that makes a grid and fits, or as many as do.

    Slim panels that fill no more than two rows stand in one, or in two that are alike.
    """
    last = len((list(subject.moderators.values())[-1:] or [()])[0])
    if slim and len(cells) <= 2 * most:
        return len(cells) if len(cells) <= most else -(-len(cells) // 2)
    return last if 2 <= last <= most and len(cells) > last else min(len(cells), 5, most)


def panel_title(cell: Cell, words: Catalogue, columns: int) -> str:
    """The name of a cell, as long as a panel of so many in a row has room for."""
    return cell_name(cell, words, width=max(10, int(100 * page_width() / WIDE) // columns))


def log_examples(made: Panels, words: Catalogue) -> None:
    """A logarithmic axis of examples seen, with as many labels as its width has room for."""
    for axes in made.axes:
        axes.set_xscale("log")
    low, high = made.axes[0].get_xlim()
    steps = log_ticks(low, high, *((3, 6) if made.width > 1.5 else (2, 3)))
    for axes in made.axes:
        axes.xaxis.set_major_locator(FixedLocator(steps))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: whole(x, words) if x < 1e6 else f"{x / 1e6:g} M"))


def whole(number: float, words: Catalogue) -> str:
    """A whole number as the language groups its digits."""
    text = f"{number:,.0f}"
    return chinese.number(text) if words.lang == "zh" else text


def label_axes(made: Panels, *, x: str, y: str) -> None:
    """Name the axes once for all panels."""
    made.figure.supxlabel(wrapped(x, page_width()), fontsize=7.5, y=0.0, va="bottom")
    made.figure.supylabel(wrapped(y, made.figure.get_figheight() - 0.4), fontsize=7.5, x=0.0, ha="left")
