"""How fast: learning curves with bands over seeds, and the share of runs still below the target."""

from collections import defaultdict

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analyze.findings import CurvePoint, Findings, Level
from analyze.report.figures.panels import Panels, label_axes, panels
from analyze.report.figures.style import level_legend, mark
from analyze.report.subject import cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue


def learning(findings: Findings, words: Catalogue) -> Figure | None:
    """Median test accuracy over seeds against examples seen, with the central four fifths of seeds as a band."""
    subject = subject_of(findings)
    points = [p for p in findings.curves if p.level in subject.levels]
    if not points:
        return None
    chosen = _one_curve(points)
    made = panels(in_order((p.cell for p in chosen), subject), subject, words)
    by_line: dict[tuple[object, Level], list[CurvePoint]] = defaultdict(list)
    for point in chosen:
        by_line[cell_key(point.cell), point.level].append(point)
    for axes, cell in zip(made.axes, made.cells, strict=True):
        for level in subject.levels:
            line = sorted(by_line[cell_key(cell), level], key=lambda p: p.examples_seen)
            if line:
                style = mark(subject, level)
                seen = [p.examples_seen for p in line]
                low, high = [p.low for p in line], [p.high for p in line]
                axes.fill_between(seen, low, high, color=style.colour, alpha=0.2, lw=0, rasterized=len(made.axes) > 20)
                axes.plot(seen, [p.accuracy for p in line], color=style.colour, ls=style.line)
    log_examples(made)
    level_legend(made.figure, subject, tuple(one for one in subject.levels if any(p.level == one for p in chosen)))
    label_axes(made, x=words.text("axis.examples"), y=words.text("axis.test_accuracy"))
    return made.figure


def survival(findings: Findings, words: Catalogue) -> Figure | None:
    """Share of runs that have not yet reached the primary target, a panel a cell, as steps."""
    subject = subject_of(findings)
    points = [p for p in findings.survival if p.level in subject.levels]
    if not points:
        return None
    points = [p for p in points if p.target == points[0].target]
    made = panels(in_order((p.cell for p in points), subject), subject, words)
    start = min(p.examples_seen for p in points) * 0.7
    end = max(p.examples_seen for p in points)
    for axes, cell in zip(made.axes, made.cells, strict=True):
        for level in subject.levels:
            steps = sorted(
                (p.examples_seen, p.surviving)
                for p in points
                if p.level == level and cell_key(p.cell) == cell_key(cell)
            )
            if steps:
                style = mark(subject, level)
                seen = [start, *(x for x, _ in steps), end]
                share = [100.0, *(100 * y for _, y in steps), 100 * steps[-1][1]]
                axes.step(seen, share, where="post", color=style.colour, ls=style.line)
        axes.set_ylim(-4, 104)
    log_examples(made)
    level_legend(made.figure, subject, tuple(one for one in subject.levels if any(p.level == one for p in points)))
    label_axes(made, x=words.text("axis.examples"), y=words.text("axis.survival"))
    return made.figure


def log_examples(made: Panels) -> None:
    """A logarithmic axis of examples seen, labelled at powers of ten."""
    for axes in made.axes:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x < 1e5 else f"{x / 1e6:g} M"))


def _one_curve(points: list[CurvePoint]) -> list[CurvePoint]:
    """Of each cell and level one curve: the test subset, batch statistics, or running ones where no others exist."""
    subset = [p for p in points if p.eval_set == "subset"] or points
    with_batch = {(cell_key(p.cell), p.level) for p in subset if p.bn_mode == "batch"}
    return [p for p in subset if p.bn_mode == "batch" or (cell_key(p.cell), p.level) not in with_batch]
