"""Seeds: paired dots by cell, the spread between seeds in both BatchNorm modes, and residuals of the differences."""

import math
from statistics import NormalDist

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from analyze.findings import Cell, CellSummary, Findings
from analyze.report.figures.panels import label_axes, panels
from analyze.report.figures.style import INK, MARKS, PAPER, RULE, SOFT, WIDTH, bare, cell_name, level_legend, mark
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten


def paired(findings: Findings, words: Catalogue) -> Figure | None:
    """Every seed's final accuracy under both levels, joined by a line."""
    subject = subject_of(findings)
    pairs = _pairs(findings, subject)
    if not pairs:
        return None
    made = panels([cell for cell, _, _ in pairs], subject, words, share_y=False)
    for axes, (_, first, second) in zip(made.axes, pairs, strict=False):
        for rising, colour in ((True, SOFT), (False, MARKS[1].colour)):
            joined = [(b, a, math.nan) for a, b in zip(first, second, strict=True) if (a >= b) is rising]
            axes.plot([0, 1, math.nan] * len(joined), [y for line in joined for y in line], color=colour, lw=0.6)
        for x, level, values in ((0, subject.second, second), (1, subject.first, first)):
            style = mark(subject, level)
            axes.plot([x] * len(values), values, ls="", color=style.colour, marker=style.marker, ms=2.6)
        axes.set_xlim(-0.35, 1.35)
        axes.set_xticks([0, 1], [shorten(subject.second, 10), shorten(subject.first, 10)])
    label_axes(made, x="", y=words.text("axis.accuracy"))
    return made.figure


def spread(findings: Findings, words: Catalogue) -> Figure | None:
    """Spread between seeds of every level in every cell: filled with running, open with batch statistics."""
    subject = subject_of(findings)
    rows = [row for row in findings.cells if row.sd]
    if not rows:
        return None
    cells = in_order((row.cell for row in rows), subject)
    height = min(len(cells) * 0.2 + 0.95, 9.0)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    place = {cell_key(cell): y for y, cell in enumerate(reversed(cells))}
    for row in rows:
        shift = 0.26 * (0.5 - subject.levels.index(row.level) / max(1, len(subject.levels) - 1))
        style = mark(subject, row.level)
        full = row.bn_mode == "running"
        y = place[cell_key(row.cell)] + shift
        axes.plot([row.sd or 0.0], [y], style.marker, color=style.colour, mfc=style.colour if full else PAPER, ms=4)
    axes.set_yticks(range(len(cells)), [cell_name(cell, words) for cell in reversed(cells)])
    axes.set_ylim(-0.6, len(cells) - 0.4)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(words.text("axis.sd"))
    axes.tick_params(axis="y", length=0)
    bare(axes, grid="both")
    level_legend(figure, subject, subject.levels, outside=True)
    return figure


def residuals(findings: Findings, words: Catalogue) -> Figure | None:
    """Differences within seed minus their cell's and their seed's mean: against the normal, and by cell."""
    subject = subject_of(findings)
    pairs = _pairs(findings, subject)
    if not pairs or len({len(first) for _, first, _ in pairs}) != 1 or len(pairs[0][1]) < 3:
        return None
    gaps = np.array([np.subtract(first, second) for _, first, second in pairs])
    rest = gaps - gaps.mean(axis=1, keepdims=True)
    if len(pairs) > 1:
        rest = rest - rest.mean(axis=0, keepdims=True)
    figure = Figure(figsize=(WIDTH, 2.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    ranked = np.sort(rest.ravel())
    normal = [NormalDist().inv_cdf((i + 0.5) / ranked.size) for i in range(ranked.size)]
    dense = ranked.size > 200
    left.plot(normal, ranked, "o", color=MARKS[0].colour, ms=2.4, rasterized=dense)
    low, high = min(normal), max(normal)
    left.plot([low, high], [low * ranked.std(), high * ranked.std()], color=SOFT, lw=0.8)
    _label(left, words.text("axis.normal"), words.text("axis.residual"))
    for x, values in enumerate(rest):
        right.plot([x] * len(values), values, "o", color=MARKS[0].colour, ms=2.2, alpha=0.7, rasterized=dense)
    right.axhline(0, color=SOFT, lw=0.8)
    right.set_xticks([])
    _label(right, words.text("axis.cells_in_order"), "")
    return figure


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines["left"].set_color(RULE)
    axes.tick_params(labelcolor=INK)


def _pairs(findings: Findings, subject: Subject) -> list[tuple[Cell, list[float], list[float]]]:
    """By cell, each seed's accuracy under the first and under the second level, where it has both."""
    mode = findings.primary.bn_mode
    rows: dict[object, CellSummary] = {
        (cell_key(row.cell), row.level): row for row in findings.cells if row.bn_mode == mode
    }
    pairs = []
    for cell in in_order((row.cell for row in findings.cells), subject):
        first, second = (rows.get((cell_key(cell), level)) for level in (subject.first, subject.second))
        if first is not None and second is not None:
            both = [seed for seed in first.values if seed in second.values]
            if both:
                pairs.append((cell, [first.values[s] for s in both], [second.values[s] for s in both]))
    return pairs
