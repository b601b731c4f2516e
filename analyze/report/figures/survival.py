"""Share of runs that have not yet reached the primary target, a panel a cell, as steps."""

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, Level
from analyze.report.figures.hover import titled
from analyze.report.figures.panels import label_axes, log_examples, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import mark
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import share, shorten

Place = tuple[float, float]


@dataclass(frozen=True)
class Steps:
    """One level: (images seen, per cent of its runs still below the target), each holding up to the next."""

    level: Level
    places: tuple[Place, ...]
    runs: int


@dataclass(frozen=True)
class Panel:
    """One cell and its steps, in the order of the levels."""

    cell: Cell
    steps: tuple[Steps, ...]


@dataclass(frozen=True)
class Survival:
    """Panels in reading order."""

    subject: Subject
    target: float
    panels: tuple[Panel, ...]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels drawn somewhere, in their order."""
        drawn = [steps.level for panel in self.panels for steps in panel.steps]
        return tuple(level for level in self.subject.levels if level in drawn)


def data_of(findings: Findings) -> Survival | None:
    """Steps of the first target, from all runs a little before the first event to the last event anywhere.

    None where no run reached it, for which there is a sentence: every line would lie at the top.
    """
    subject = subject_of(findings)
    points = [point for point in findings.survival if point.level in subject.levels]
    target = points[0].target if points else None
    points = [point for point in points if point.target == target]
    if target is None or all(point.surviving == 1 for point in points):
        return None
    start, end = min(p.examples_seen for p in points) * 0.7, max(p.examples_seen for p in points)
    lines: dict[object, list[Place]] = defaultdict(list)
    runs = {(cell_key(point.cell), point.level): point.n for point in points}
    for point in points:
        lines[cell_key(point.cell), point.level].append((point.examples_seen, 100 * point.surviving))
    cells = in_order((point.cell for point in points), subject)
    panels = []
    for cell in cells:
        found = [(level, sorted(lines[cell_key(cell), level])) for level in subject.levels]
        steps = [
            Steps(level, ((start, 100.0), *line, (end, line[-1][1])), runs[cell_key(cell), level])
            for level, line in found
            if line
        ]
        panels.append(Panel(cell, tuple(steps)))
    return Survival(subject, target, tuple(panels))


def draw(data: Survival, words: Catalogue) -> Figure:
    """A panel a cell, on a logarithmic axis of images."""
    made = panels([panel.cell for panel in data.panels], data.subject, words, levels=data.levels)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        for steps in panel.steps:
            style = mark(data.subject, steps.level)
            (line,) = axes.step(*zip(*steps.places, strict=True), where="post", color=style.colour, ls=style.line)
            titled(line, shorten(steps.level))
        axes.set_ylim(-4, 104)
        axes.set_yticks([0, 50, 100])
    log_examples(made, words)
    label_axes(made, x=words.text("axis.examples"), y=words.text("axis.survival"))
    return made.figure


def remarks(data: Survival, words: Catalogue) -> list[Markup]:
    """The target."""
    return [words("figure.target", target=share(data.target))]


FIGURE = Plot(
    data_of,
    draw,
    part="speed",
    order=2,
    by_cell=True,
    remarks=remarks,
    seeds=lambda data: [steps.runs for panel in data.panels for steps in panel.steps],
)
