"""Read a figure back: what is drawn where, in data coordinates."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analyze.report.figures import FIGURES, drawing
from analyze.report.figures.style import MARKS
from analyze.report.words.catalogue import catalogue

Place = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A line or a row of marks; `fill` is the inside of the marks."""

    places: tuple[Place, ...]
    colour: str
    marker: str
    line: str
    fill: str


def draw(key: str, data: Any) -> Figure:
    """The figure of these data; no axis of ours runs backwards."""
    with drawing("en"):
        figure = FIGURES[key].draw(data, catalogue("en"))
        figure.draw_without_rendering()
    assert not any(axes.xaxis_inverted() or axes.yaxis_inverted() for axes in figure.axes)
    return figure


def strokes(axes: Axes) -> list[Stroke]:
    """Every line in the order in which it was drawn; of lines across the whole axes, one coordinate is 0 to 1."""
    return [
        Stroke(
            tuple((float(x), float(y)) for x, y in zip(*line.get_data(orig=True), strict=True)),
            to_hex(line.get_color()),
            str(line.get_marker()),
            str(line.get_linestyle()),
            to_hex(line.get_markerfacecolor()),
        )
        for line in axes.get_lines()
    ]


def dots(axes: Axes) -> list[Stroke]:
    """Marks without a line."""
    return [one for one in strokes(axes) if one.line == "None" and one.places]


def lines(axes: Axes) -> list[Stroke]:
    """Lines without marks."""
    return [one for one in strokes(axes) if one.marker == "None"]


def across(axes: Axes) -> list[float]:
    """Where lines cross the whole axes, from left to right or from bottom to top."""
    found = [one.places for one in lines(axes) if len(one.places) == 2]
    upright = [a[0] for a, b in found if (a[1], b[1]) == (0, 1) and a[0] == b[0]]
    level = [a[1] for a, b in found if (a[0], b[0]) == (0, 1) and a[1] == b[1]]
    return upright + level


def span(axes: Axes) -> tuple[Place, Place]:
    """The shaded band: its extent along x and y."""
    (patch,) = axes.patches
    box = patch.get_path().get_extents(patch.get_patch_transform())  # type: ignore[no-untyped-call]
    return (box.x0, box.x1), (box.y0, box.y1)


def outlines(axes: Axes) -> list[set[Place]]:
    """The corners of every filled band."""
    return [{(float(x), float(y)) for x, y in one.get_paths()[0].vertices} for one in axes.collections]


def bars(axes: Axes) -> list[list[tuple[Place, Place]]]:
    """The ends of the bars of every line with error bars."""
    groups = [group.get_segments() for group in axes.collections]  # type: ignore[attr-defined]
    return [[tuple(map(tuple, np.asarray(segment).tolist())) for segment in group] for group in groups]  # type: ignore[misc]


def row_names(axes: Axes) -> list[tuple[float, str]]:
    """The names down the vertical axis, with their heights."""
    ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    return [(float(y), label.get_text()) for y, label in ticks]


def names_beside(figure: Figure) -> set[tuple[str, str]]:
    """The names beside ends of lines that have a mark before them, with its colour."""
    texts = [text for axes in figure.axes for text in axes.texts]
    glyphs = {one.glyph for one in MARKS}
    return {(name.get_text(), to_hex(mark.get_color())) for mark, name in pairwise(texts) if mark.get_text() in glyphs}


def words_of(axes: Axes) -> list[str]:
    """Every text in and beside the axes but the letter of the panel."""
    return [text.get_text() for text in axes.texts if not re.fullmatch("[a-z]", text.get_text())]


def letters(figure: Figure) -> list[str]:
    """The letters of the panels, in reading order."""
    return [text.get_text() for axes in figure.axes for text in axes.texts if re.fullmatch("[a-z]", text.get_text())]


def legend(figure: Figure) -> list[tuple[str, str]]:
    """The levels that the figure's legend names, with their colours."""
    (one,) = figure.legends
    handles = zip(one.get_texts(), one.get_lines(), strict=True)
    return [(text.get_text(), to_hex(line.get_color())) for text, line in handles]
