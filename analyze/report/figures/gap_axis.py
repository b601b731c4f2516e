"""The axis of gaps: dots with intervals, before the equivalence margin, zero and the mean over cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from analyze.findings import ACCURACY, BnMode, Cell, Findings, Interval, Response, SimpleEffect
from analyze.report.figures.hover import titled
from analyze.report.figures.ratio_axis import as_ratios
from analyze.report.figures.style import BAND, INK, PAPER, SOFT, bare, cell_name, isolated, narrow
from analyze.report.subject import Subject
from analyze.report.words import naming
from analyze.report.words.amounts import confidence, gap, interval, number
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain, shorten


@dataclass(frozen=True)
class Gap:
    """The gap of one cell in one mode, on the scale of the response, and its seeds; `row` counts cells from below.

    `shift` parts the modes.
    """

    cell: Cell
    bn_mode: BnMode
    gap: float
    ci95: Interval | None
    n: int
    row: int
    shift: float = 0.0


@dataclass(frozen=True)
class Backdrop:
    """What gaps are read against: the equivalence margin on both sides of zero, if any, and the mean over cells."""

    margin: float | None
    mean: float | None


def backdrop_of(findings: Findings) -> Backdrop:
    """The margin and the mean of the primary result; a design of one cell has no mean beside it."""
    mean = findings.primary.estimate if findings.question.moderators else None
    return Backdrop(findings.primary.equivalence.margin, mean)


def gap_of(effect: SimpleEffect, row: int, shift: float = 0.0) -> Gap:
    """A simple effect that has a gap, at its place."""
    return Gap(effect.cell, effect.bn_mode, effect.gap or 0.0, effect.ci95, effect.n, row, shift)


def bend_of(gaps: Sequence[Gap], response: Response = ACCURACY) -> float | None:
    """Where a symmetric logarithmic axis begins; None for a linear one, which must not hide most of the gaps.

    Ratios are on a logarithmic axis as they are.
    """
    if response.scale == "log":
        return None
    ends = np.abs([end for one in gaps for end in one.ci95 or (one.gap,)])
    median = float(np.median(ends))
    wide = len(gaps) > 2 and float(ends.max()) > 12 * median > 0
    return max(0.1 if response.is_accuracy else 0.0, median) if wide else None


def scale_gaps(axes: Axes, bend: float | None, words: Catalogue) -> None:
    """A linear axis, or one that is logarithmic beyond the bend; of log ratios one of ratios."""
    if words.response.scale == "log":
        as_ratios(axes.xaxis)
    if bend is not None:
        axes.set_xscale("symlog", linthresh=bend, linscale=1.5)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}".replace("-", "−"))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.06)


def remarks(bend: float | None, words: Catalogue) -> list[Markup]:
    """That the axis bends, if it does."""
    return [words("cells.wide")] if bend is not None else []


def gap_label(subject: Subject, words: Catalogue) -> str:
    """What the axis of gaps shows."""
    first, second = isolated(shorten(subject.first)), isolated(shorten(subject.second))
    sign = "/" if words.response.scale == "log" else "−"
    return words.text("axis.gap", first=first, second=second, contrast=f"{first} {sign} {second}")


def draw_backdrop(axes: Axes, backdrop: Backdrop) -> None:
    """The equivalence band, the line of no difference, and the mean over cells."""
    if backdrop.margin is not None:
        axes.axvspan(-backdrop.margin, backdrop.margin, color=BAND, lw=0, zorder=0)
    axes.axvline(0, color=SOFT, lw=0.8, zorder=1)
    if backdrop.mean is not None:
        axes.axvline(backdrop.mean, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
    bare(axes, grid="x")


def draw_gap(axes: Axes, one: Gap, words: Catalogue, *, filled: bool) -> None:
    """One gap with its interval, in ink: a gap is of no level."""
    y = one.row + one.shift
    if one.ci95 is not None:
        axes.plot(one.ci95, [y, y], color=INK, lw=1.2 if filled else 0.8, solid_capstyle="butt", zorder=3)
    (dot,) = axes.plot([one.gap], [y], "o", color=INK, mfc=INK if filled else PAPER, ms=4 if filled else 3.2, zorder=4)
    titled(dot, f"{cell_name(one.cell, words)} {in_digits(one, words)}".strip())


def in_digits(one: Gap, words: Catalogue) -> str:
    """The gap and its interval."""
    text = plain(number(one.gap, words, signed=True))
    return text if one.ci95 is None else f"{text} {plain(interval(one.ci95, words))}"


def name_sides(axes: Axes, subject: Subject, words: Catalogue) -> None:
    """Which level is ahead on either side of zero, beside the name of the axis or, on a narrow page, below it."""
    down = 17 + (10 * (1 + axes.get_xlabel().count("\n")) if narrow() else 0)
    below = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top", "color": SOFT, "fontsize": 7}
    left, right = subject.second, subject.first
    if subject.better == "lower":
        # Each end names the level that is ahead there.
        left, right = right, left
    for x, level, side, ha in ((0, left, "ahead_left", "left"), (1, right, "ahead_right", "right")):
        text = words.text(f"figure.{side}", level=isolated(shorten(level, 14)))
        axes.annotate(text, (x, 0), xytext=(0, -down), ha=ha, **below)  # type: ignore[arg-type]


def in_words(message: str, gaps: Iterable[Gap], words: Catalogue) -> list[Markup]:
    """Each gap with its interval as a sentence."""
    return [
        words(
            message,
            cell=naming.cell(one.cell, words),
            mode=words(f"bn_mode.{one.bn_mode}"),
            gap=gap(one.gap, words),
            ci=confidence(one.ci95, words),
        )
        for one in gaps
    ]
