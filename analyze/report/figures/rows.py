"""Rows down a figure: names and numbers beside them, or above them where that would leave the axes too narrow."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from analyze.report.figures.room import TEXT, TICK, widest, wrapped
from analyze.report.figures.style import RULE, page_width

#: Inches: the least width of axes that have names beside them, and what stands between them and names or numbers.
LEAST, BETWEEN = 1.45, 0.2

#: Inches of a row with a line of text above it, and of each line more.
ROW, LINE = 0.33, 0.125

#: Points from the middle of a row to the text above it.
RAISED = 6.0


@dataclass(frozen=True)
class Rows:
    """Where names and numbers stand, in how many lines at most; inches that the axes and a name have."""

    above: bool
    lines: int
    room: float
    name_room: float

    def height(self, beside: float) -> float:
        """The inches of one row; `beside` is what one takes that has its name beside it."""
        return ROW + (self.lines - 1) * LINE if self.above else beside

    def name(self, axes: Axes, names: Sequence[str]) -> None:
        """Name the rows; the first name stands lowest."""
        axes.set_yticks(range(len(names)), [""] * len(names) if self.above else names)
        axes.set_ylim(-0.6, len(names) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_color(RULE)
        if self.above:
            for row, name in enumerate(names):
                _write(axes, wrapped(name, self.name_room, TICK), (0, row), (0, RAISED), ha="left", size=TICK)

    def write(self, axes: Axes, row: float, text: str, size: float = TEXT) -> None:
        """Write a number at the right of a row."""
        if self.above:
            _write(axes, text, (1, row), (0, RAISED), ha="right", size=size)
        else:
            _write(axes, text, (1, row), (6, 0), va="center", size=size)


def rows_of(names: Sequence[str], texts: Sequence[str] = ()) -> Rows:
    """How rows of these names stand, with these texts at their right."""
    numbers = widest(list(texts)) + (BETWEEN / 2 if texts else 0)
    room = page_width() - widest(list(names), TICK) - numbers - BETWEEN
    if room >= LEAST:
        return Rows(False, 1, room, 0.0)  # noqa: FBT003  named where it is defined
    name_room = page_width() - numbers - BETWEEN
    lines = max(wrapped(name, name_room, TICK).count("\n") + 1 for name in names)
    return Rows(True, lines, page_width() - BETWEEN, name_room)  # noqa: FBT003  likewise


def _write(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    moved: tuple[float, float],
    *,
    size: float,
    ha: str = "left",
    va: str = "bottom",
) -> None:
    """Text at a share of the width and a row, moved by points."""
    where = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axes.annotate(text, place, xytext=moved, ha=ha, va=va, fontsize=size, **where)  # type: ignore[arg-type]
