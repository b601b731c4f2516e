"""The axis of gaps: dots with intervals, before the equivalence margin, zero and the mean over cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from analyze.findings import BnMode, Cell, Findings, Interval, SimpleEffect
from analyze.report.figures.style import BAND, INK, MARKS, RULE, SOFT, bare, isolated
from analyze.report.subject import Subject
from analyze.report.words import naming
from analyze.report.words.amounts import confidence, pp
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import shorten


@dataclass(frozen=True)
class Gap:
    """The gap of one cell in one mode, in percentage points; `row` counts cells from below, `shift` parts the modes."""

    cell: Cell
    bn_mode: BnMode
    gap: float
    ci95: Interval | None
    row: int
    shift: float = 0.0


@dataclass(frozen=True)
class Backdrop:
    """What gaps are read against: the equivalence margin on both sides of zero, and the mean over cells."""

    margin_pp: float
    mean: float | None


def backdrop_of(findings: Findings) -> Backdrop:
    """The margin and the mean of the primary result."""
    return Backdrop(findings.primary.equivalence.margin_pp, findings.primary.estimate)


def gap_of(effect: SimpleEffect, row: int, shift: float = 0.0) -> Gap:
    """A simple effect that has a gap, at its place."""
    return Gap(effect.cell, effect.bn_mode, effect.gap or 0.0, effect.ci95, row, shift)


def bend_of(gaps: Sequence[Gap]) -> float | None:
    """Where a symmetric logarithmic axis begins; None for a linear one, which must not hide most of the gaps."""
    ends = np.abs([end for one in gaps for end in one.ci95 or (one.gap,)])
    median = float(np.median(ends))
    wide = len(gaps) > 2 and float(ends.max()) > 12 * median > 0
    return max(0.1, median) if wide else None


def scale_gaps(axes: Axes, bend: float | None) -> None:
    """A linear axis, or one that is logarithmic beyond the bend."""
    if bend is not None:
        axes.set_xscale("symlog", linthresh=bend, linscale=1.5)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}".replace("-", "−"))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.06)


def gap_label(subject: Subject, words: Catalogue) -> str:
    """What the axis of gaps shows."""
    return words.text("axis.gap", first=isolated(shorten(subject.first)), second=isolated(shorten(subject.second)))


def draw_backdrop(axes: Axes, backdrop: Backdrop) -> None:
    """The equivalence band, the line of no difference, and the mean over cells."""
    axes.axvspan(-backdrop.margin_pp, backdrop.margin_pp, color=BAND, lw=0, zorder=0)
    axes.axvline(0, color=SOFT, lw=0.8, zorder=1)
    if backdrop.mean is not None:
        axes.axvline(backdrop.mean, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
    bare(axes, grid="x")


def draw_gap(axes: Axes, one: Gap, *, filled: bool) -> None:
    """One gap with its interval."""
    colour, y = MARKS[0].colour, one.row + one.shift
    if one.ci95 is not None:
        axes.plot(one.ci95, [y, y], color=colour, lw=1.2 if filled else 0.8, solid_capstyle="butt", zorder=3)
    axes.plot([one.gap], [y], "o", color=colour, mfc=colour if filled else "white", ms=4 if filled else 3.2, zorder=4)


def name_rows(axes: Axes, names: list[str]) -> None:
    """Cells down the vertical axis; the first name stands lowest."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(RULE)


def in_words(message: str, gaps: Iterable[Gap], words: Catalogue) -> list[Markup]:
    """Each gap with its interval as a sentence."""
    return [
        words(
            message,
            cell=naming.cell(one.cell, words),
            mode=words(f"bn_mode.{one.bn_mode}"),
            gap=pp(one.gap, words),
            ci=confidence(one.ci95, words),
        )
        for one in gaps
    ]
