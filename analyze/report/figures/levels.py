"""Every level against the best: how far it is behind, and which levels are not told apart."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Findings, Interval, Level
from analyze.report.figures import gap_axis
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import INK, SOFT, bare, isolated, page
from analyze.report.subject import subject_of
from analyze.report.words import naming
from analyze.report.words.amounts import confidence, gap
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten


@dataclass(frozen=True)
class Ladder:
    """The best level, the gap of every other to it, and the groups as rows from the best down; rows count from below.

    `margin` is that of equivalence.
    """

    factor: str
    levels: tuple[Level, ...]
    gaps: tuple[Gap, ...]
    groups: tuple[tuple[int, ...], ...]
    margin: float | None


def data_of(findings: Findings) -> Ladder | None:
    """The levels that have a mean, from the best; as many as letters are given to."""
    means = [row for row in findings.levels.means if row.mean is not None]
    if len(means) < 3 or not any(row.groups for row in means):
        return None
    subject, best = subject_of(findings), means[0].level
    rows = {row.level: len(means) - 1 - place for place, row in enumerate(means)}
    gaps = []
    for pair in findings.levels.pairs:
        if best in pair.contrast and pair.gap is not None:
            ours = pair.contrast[1] == best
            other, sign = pair.contrast[0 if ours else 1], 1 if ours else -1
            gaps.append(
                Gap({subject.factor: other}, "running", sign * pair.gap, _turned(pair.ci95, sign), pair.n, rows[other])
            )
    letters = sorted({letter for row in means for letter in row.groups})
    groups = [tuple(rows[row.level] for row in means if letter in row.groups) for letter in letters]
    return Ladder(
        subject.factor,
        tuple(row.level for row in means),
        tuple(gaps),
        tuple(group for group in groups if len(group) > 1),
        findings.primary.equivalence.margin,
    )


def _turned(bounds: Interval | None, sign: int) -> Interval | None:
    """An interval of the gap with this sign."""
    return bounds if bounds is None or sign > 0 else (-bounds[1], -bounds[0])


def draw(data: Ladder, words: Catalogue) -> Figure:
    """A dot with its interval a level; at the left a line joins levels that are not told apart."""
    names = [isolated(shorten(level)) for level in reversed(data.levels)]
    rows = rows_of(names, [gap_axis.in_digits(one, words) for one in data.gaps])
    figure = page(len(names) * rows.height(0.2) + 0.8, layout="constrained")
    side, axes = figure.subplots(1, 2, width_ratios=(0.035 * max(1, len(data.groups)), 1), sharey=True)
    gap_axis.draw_backdrop(axes, Backdrop(data.margin, None))
    top = len(data.levels) - 1
    axes.plot([0], [top], "D", color=INK, ms=4, zorder=4)
    for one in data.gaps:
        gap_axis.draw_gap(axes, one, words, filled=True)
        rows.write(axes, one.row, gap_axis.in_digits(one, words))
    gap_axis.scale_gaps(axes, None, words)
    label = words.text("axis.gap_to_best", best=isolated(shorten(data.levels[0])))
    axes.set_xlabel(wrapped(label, rows.room))
    axes.tick_params(axis="y", length=0)
    for place, group in enumerate(data.groups):
        side.plot([place, place], [min(group), max(group)], color=SOFT, lw=1)
        side.plot([place] * len(group), group, "o", color=INK, ms=2.5)
    side.set_xlim(-0.7, max(1, len(data.groups)) - 0.3)
    side.set_xticks([])
    bare(side, grid="none")
    side.spines[["left", "bottom", "right", "top"]].set_visible(False)
    side.tick_params(axis="y", length=0)
    rows.name(axes if rows.above else side, names)
    return figure


def in_words(data: Ladder, words: Catalogue) -> Iterable[Markup]:
    """Each gap to the best, and each group."""
    best, shown = data.levels[0], list(reversed(data.levels))
    yield from (
        words(
            "figure.behind",
            level=naming.level(one.cell[data.factor]),
            best=naming.level(best),
            gap=gap(one.gap, words),
            ci=confidence(one.ci95, words),
        )
        for one in data.gaps
    )
    yield from (
        words("figure.not_apart", levels=words.join([naming.level(shown[row]) for row in sorted(group, reverse=True)]))
        for group in data.groups
    )


FIGURE = Plot(data_of, draw, part="levels", in_words=in_words, seeds=lambda data: [one.n for one in data.gaps])
