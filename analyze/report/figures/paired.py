"""Every seed's response under both levels, joined by a line."""

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures import accuracy_axis
from analyze.report.figures.hover import titled
from analyze.report.figures.pairs import CellPairs, Pair, pairs_of
from analyze.report.figures.panels import label_axes, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import SOFT, mark
from analyze.report.subject import Subject, subject_of
from analyze.report.words.amounts import number
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import count, plain, shorten


@dataclass(frozen=True)
class Paired:
    """A panel a cell, the second level at its left and the first at its right.

    `of_accuracy` says whether the axis is one of accuracy, on which runs that did not train have no place.
    """

    subject: Subject
    panels: tuple[CellPairs, ...]
    of_accuracy: bool = True

    @property
    def accuracies(self) -> list[float]:
        """Every accuracy drawn."""
        return [one for panel in self.panels for pair in panel.pairs for one in (pair.second, pair.first)]

    @cached_property
    def in_view(self) -> list[float]:
        """The accuracies that the axis is for."""
        return accuracy_axis.in_view(self.accuracies) if self.of_accuracy else self.accuracies


def data_of(findings: Findings) -> Paired | None:
    """The pairs of every cell."""
    found = pairs_of(findings)
    return Paired(subject_of(findings), tuple(found), findings.question.response.is_accuracy) if found else None


def draw(data: Paired, words: Catalogue) -> Figure:
    """Dots by level; a line has the colour of the level that is ahead, and none where they are equal."""
    subject = data.subject
    made = panels([panel.cell for panel in data.panels], subject, words, slim=True)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        for pair in panel.pairs:
            _join(axes, pair, subject)
        second, first = [pair.second for pair in panel.pairs], [pair.first for pair in panel.pairs]
        seeds = [pair.seed for pair in panel.pairs]
        for x, level, values in ((0, subject.second, second), (1, subject.first, first)):
            style = mark(subject, level)
            (dots,) = axes.plot([x] * len(values), values, ls="", color=style.colour, marker=style.marker, ms=2.8)
            said = [_of_seed(seed, value, words) for seed, value in zip(seeds, values, strict=True)]
            titled(dots, *said)
        axes.set_xlim(-0.35, 1.35)
        axes.set_xticks([0, 1], [shorten(subject.second, 10), shorten(subject.first, 10)])
    accuracy_axis.scale_response(made.axes, data.in_view, words)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        _mark_below(axes, panel, data)
    label_axes(made, x="", y=words.text("axis.test_accuracy"))
    return made.figure


def _of_seed(seed: str, value: float, words: Catalogue) -> str:
    return words.text("figure.seed", seed=seed, accuracy=plain(number(value, words)))


def _join(axes: Axes, pair: Pair, subject: Subject) -> None:
    """A line from the second level to the first."""
    ahead, _ = subject.ahead(pair.first - pair.second)
    colour = SOFT if pair.first == pair.second else mark(subject, ahead).colour
    axes.plot([0, 1], [pair.second, pair.first], color=colour, lw=0.7, alpha=0.8)


def _mark_below(axes: Axes, panel: CellPairs, data: Paired) -> None:
    """A mark at the foot of the frame for every run far below the others."""
    foot = axes.get_xaxis_transform()
    for pair in panel.pairs:
        for x, level, accuracy in ((0, data.subject.second, pair.second), (1, data.subject.first, pair.first)):
            if accuracy < min(data.in_view):
                colour = mark(data.subject, level).colour
                axes.plot([x], [0.03], color=colour, marker="v", ms=4, transform=foot, clip_on=False)


def remarks(data: Paired, words: Catalogue) -> list[Markup]:
    """A logit axis, and runs far below the others."""
    below = len(data.accuracies) - len(data.in_view)
    said = [words("figure.runs_below" if below > 1 else "figure.run_below", count=count(below))] if below else []
    return accuracy_axis.remarks(data.in_view, words) + said


FIGURE = Plot(
    data_of,
    draw,
    part="pairs",
    by_cell=True,
    remarks=remarks,
    seeds=lambda data: [len(panel.pairs) for panel in data.panels],
)
