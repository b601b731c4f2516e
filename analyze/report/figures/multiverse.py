"""Every alternative estimate in order of size, filled where it agrees; below, the choices behind each."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, MultiverseRow
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import BAND, INK, MARKS, PAPER, RULE, SOFT, WIDTH, bare, cell_name
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain, shorten


@dataclass(frozen=True)
class Estimate:
    """An estimate in percentage points; `agrees` with the primary result, or was not tested."""

    rank: int
    estimate: float
    agrees: bool | None


@dataclass(frozen=True)
class Option:
    """One option of a choice, and the ranks of the estimates that took it."""

    choice: str
    option: str | Cell
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class Multiverse:
    """Estimates from the smallest up, options from top to bottom, the margin and the primary estimate."""

    estimates: tuple[Estimate, ...]
    options: tuple[Option, ...]
    margin_pp: float
    primary: float | None


def data_of(findings: Findings) -> Multiverse | None:
    """The estimates of the primary estimand, which is the first row's, and every choice in which they differ."""
    estimand = findings.multiverse[0].estimand if findings.multiverse else None
    rows = [row for row in findings.multiverse if row.estimate is not None and row.estimand == estimand]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: row.estimate or 0.0)
    return Multiverse(
        tuple(Estimate(rank, row.estimate or 0.0, row.agrees) for rank, row in enumerate(rows, 1)),
        tuple(_options(rows)),
        findings.primary.equivalence.margin_pp,
        findings.primary.estimate,
    )


def _options(rows: list[MultiverseRow]) -> list[Option]:
    """Every option of every choice that differs between rows."""
    options = []
    for name in dict.fromkeys(name for row in rows for name in row.choices):
        taken = [row.choices.get(name) for row in rows]
        distinct = [one for place, one in enumerate(taken) if one not in taken[:place]]
        if len(distinct) > 1:
            options += [
                Option(name, one, tuple(rank for rank, other in enumerate(taken, 1) if other == one))
                for one in distinct
                if one is not None
            ]
    return options


def draw(data: Multiverse, words: Catalogue) -> Figure:
    """Estimates above, options below, on one axis of ranks."""
    low = 0.125 * len(data.options) + 0.1
    figure = Figure(figsize=(WIDTH, 1.7 + low + 0.35), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.7, low))
    _estimates(upper, data, words)
    upwards, dense = data.options[::-1], len(data.estimates) > 200
    for y, one in enumerate(upwards):
        lower.plot(one.ranks, [y] * len(one.ranks), "|", color=INK, ms=4.5, mew=0.9, rasterized=dense)
    lower.set_yticks(range(len(upwards)), [_name(one, words) for one in upwards])
    lower.tick_params(axis="y", length=0, labelsize=6)
    lower.set_ylim(-0.7, len(upwards) - 0.3)
    lower.set_xticks([])
    lower.set_xlabel(words.text("axis.choices"))
    bare(lower, grid="none")
    return figure


def _estimates(axes: Axes, data: Multiverse, words: Catalogue) -> None:
    """The estimates against their rank, with the margin and the primary result."""
    axes.axhspan(-data.margin_pp, data.margin_pp, color=BAND, lw=0)
    axes.axhline(0, color=SOFT, lw=0.8)
    if data.primary is not None:
        axes.axhline(data.primary, color=INK, lw=0.8, ls=(0, (4, 2)))
    colour = MARKS[0].colour
    for agrees, fill, key in (
        (True, colour, "multi.agrees"),
        (False, PAPER, "multi.differs"),
        (None, RULE, "multi.untested"),
    ):
        here = [(one.rank, one.estimate) for one in data.estimates if one.agrees is agrees]
        if here:
            axes.plot(*zip(*here, strict=True), "o", color=colour, mfc=fill, ms=3.2, label=words.text(key))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    axes.set_ylabel(words.text("axis.gap_short"))
    bare(axes, grid="y")


def _name(one: Option, words: Catalogue) -> str:
    """A choice and its option in the reader's language."""
    option = cell_name(one.option, words) if isinstance(one.option, dict) else plain(words.name("chosen", one.option))
    return shorten(f"{plain(words.name('choice', one.choice))}: {option}", 34)


FIGURE = Plot(data_of, draw, part="multiverse")
