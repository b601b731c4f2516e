"""Names beside the ends of lines, instead of a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from analyze.findings import Level
from analyze.report.figures.style import INK, SOFT, Mark, isolated, mark
from analyze.report.subject import Subject
from analyze.report.words.display import shorten

#: Distance of two names in points, and room for a name of a level in inches.
APART, ROOM = 8.4, 0.85


@dataclass(frozen=True)
class End:
    """Where a line ends, in data coordinates, its name, and its mark, to stand before the name."""

    y: float
    name: str
    mark: Mark | None = None
    bold: bool = False
    soft: bool = False


def level_end(subject: Subject, level: Level, y: float) -> End:
    """The end of a line of one level."""
    return End(y, isolated(shorten(level, 12)), mark(subject, level))


def label_ends(axes: Axes, ends: Sequence[End], *, size: float = 7) -> None:
    """Names at the right edge, at the height of their lines but apart; limits and place of the axes must stand."""
    figure = axes.figure
    points = axes.get_position().height * figure.get_size_inches()[1] * 72  # type: ignore[union-attr]
    to_axes = axes.transData + axes.transAxes.inverted()
    ranked = sorted(ends, key=lambda end: end.y)
    heights = [float(to_axes.transform((1, end.y))[1]) * points for end in ranked]
    for end, height in zip(ranked, _apart(heights, points), strict=True):
        x = 4.0
        if end.mark is not None:
            _write(axes, end.mark.glyph, x, height, color=end.mark.colour, size=5.5)
            x += 7
        _write(
            axes,
            end.name,
            x,
            height,
            color=SOFT if end.soft else INK,
            size=size,
            weight="bold" if end.bold else "normal",
        )


def _apart(heights: Sequence[float], top: float) -> list[float]:
    """Heights from the lowest up, moved as little as parts them and, where there is room, keeps them in the panel."""
    groups: list[list[float]] = []  # wanted heights of neighbours that touch
    for height in heights:
        groups.append([min(max(height, 0.0), top)])
        while len(groups) > 1 and _low(groups[-1], top) < _low(groups[-2], top) + APART * len(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    return [_low(group, top) + APART * i for group in groups for i in range(len(group))]


def _low(group: Sequence[float], top: float) -> float:
    """Where the lowest of these names stands when they are centred on what they want."""
    extent = APART * (len(group) - 1)
    return max(0.0, min(sum(group) / len(group) - extent / 2, top - extent))


def _write(axes: Axes, text: str, x: float, y: float, **style: Any) -> None:
    """Text at points from the lower right corner of the axes."""
    axes.annotate(
        text, (1, 0), xytext=(x, y), xycoords="axes fraction", textcoords="offset points", va="center", **style
    )
