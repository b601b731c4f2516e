"""Every seed's final accuracy under both levels, joined by a line."""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures.pairs import CellPairs, Pair, pairs_of
from analyze.report.figures.panels import MOST, label_axes, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import MARKS, SOFT, mark
from analyze.report.subject import Subject, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten


@dataclass(frozen=True)
class Paired:
    """A panel a cell, the second level at its left and the first at its right; `omitted` cells did not fit."""

    subject: Subject
    panels: tuple[CellPairs, ...]
    omitted: int


def data_of(findings: Findings) -> Paired | None:
    """The pairs of the first cells."""
    found = pairs_of(findings)
    return Paired(subject_of(findings), tuple(found[:MOST]), max(0, len(found) - MOST)) if found else None


def draw(data: Paired, words: Catalogue) -> Figure:
    """Dots by level; lines that fall towards the first level have a colour."""
    subject = data.subject
    made = panels([panel.cell for panel in data.panels], subject, words, share_y=False)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        _join(axes, [pair for pair in panel.pairs if pair.first >= pair.second], SOFT)
        _join(axes, [pair for pair in panel.pairs if pair.first < pair.second], MARKS[1].colour)
        second, first = [pair.second for pair in panel.pairs], [pair.first for pair in panel.pairs]
        for x, level, values in ((0, subject.second, second), (1, subject.first, first)):
            style = mark(subject, level)
            axes.plot([x] * len(values), values, ls="", color=style.colour, marker=style.marker, ms=2.6)
        axes.set_xlim(-0.35, 1.35)
        axes.set_xticks([0, 1], [shorten(subject.second, 10), shorten(subject.first, 10)])
    label_axes(made, x="", y=words.text("axis.accuracy"))
    return made.figure


def _join(axes: Axes, pairs: list[Pair], colour: str) -> None:
    """Lines from the second level to the first, as one path with gaps."""
    heights = [y for pair in pairs for y in (pair.second, pair.first, math.nan)]
    axes.plot([0, 1, math.nan] * len(pairs), heights, color=colour, lw=0.6)


FIGURE = Plot(data_of, draw, part="pairs", remarks=lambda data: ["cells.limited"] if data.omitted else [])
