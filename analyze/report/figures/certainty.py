"""How sure: the multiverse of analysts' choices, and the gap that a number of seeds can detect."""

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from analyze.findings import Cell, Findings, Level, MultiverseRow
from analyze.report.figures.style import BAND, INK, MARKS, PAPER, RULE, SOFT, WIDTH, bare, cell_name
from analyze.report.subject import cell_key
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain, shorten


def multiverse(findings: Findings, words: Catalogue) -> Figure | None:
    """Every alternative estimate in order of size, filled where it agrees; below, the choices behind each."""
    rows = [r for r in findings.multiverse if r.estimate is not None and r.estimand == _primary_estimand(findings)]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: row.estimate or 0.0)
    options = _options(rows)
    low = 0.125 * len(options) + 0.1
    figure = Figure(figsize=(WIDTH, 1.7 + low + 0.35), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.7, low))
    _estimates(upper, rows, findings, words)
    for y, (name, choice) in enumerate(reversed(options)):
        x = [place for place, row in enumerate(rows, 1) if row.choices.get(name) == choice]
        lower.plot(x, [y] * len(x), "|", color=INK, ms=4.5, mew=0.9, rasterized=len(rows) > 200)
    lower.set_yticks(range(len(options)), [_option(name, choice, words) for name, choice in reversed(options)])
    lower.tick_params(axis="y", length=0, labelsize=6)
    lower.set_ylim(-0.7, len(options) - 0.3)
    lower.set_xticks([])
    lower.set_xlabel(words.text("axis.choices"))
    bare(lower, grid="none")
    return figure


def _estimates(axes: Axes, rows: list[MultiverseRow], findings: Findings, words: Catalogue) -> None:
    """The estimates against their rank, with the margin and the primary result."""
    margin = findings.primary.equivalence.margin_pp
    axes.axhspan(-margin, margin, color=BAND, lw=0)
    axes.axhline(0, color=SOFT, lw=0.8)
    if findings.primary.estimate is not None:
        axes.axhline(findings.primary.estimate, color=INK, lw=0.8, ls=(0, (4, 2)))
    for agrees, key in ((True, "multi.agrees"), (False, "multi.differs"), (None, "multi.untested")):
        here = [(x, row.estimate or 0.0) for x, row in enumerate(rows, 1) if row.agrees is agrees]
        if here:
            x, y = zip(*here, strict=True)
            fill = {True: MARKS[0].colour, False: PAPER, None: RULE}[agrees]
            axes.plot(x, y, "o", color=MARKS[0].colour, mfc=fill, ms=3.2, label=words.text(key))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    axes.set_ylabel(words.text("axis.gap_short"))
    bare(axes, grid="y")


def _options(rows: list[MultiverseRow]) -> list[tuple[str, str | Cell]]:
    """Every option of every choice that differs between rows."""
    names = dict.fromkeys(name for row in rows for name in row.choices)
    options = {name: _distinct(row.choices[name] for row in rows if name in row.choices) for name in names}
    return [(name, one) for name, several in options.items() if len(several) > 1 for one in several]


def _distinct(options: Iterable[str | Cell]) -> list[str | Cell]:
    """Options without repetition, as they come."""
    kept: list[str | Cell] = []
    for one in options:
        if one not in kept:
            kept.append(one)
    return kept


def power(findings: Findings, words: Catalogue) -> Figure | None:
    """Smallest detectable gap against the number of seeds: cells thin, their mean thick; this study is marked."""
    points = findings.power_curve
    if not points:
        return None
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    axes = figure.subplots()
    lines: dict[frozenset[tuple[str, Level]] | None, list[tuple[int, float]]] = {}
    for point in points:
        key = None if point.cell is None else cell_key(point.cell)
        lines.setdefault(key, []).append((point.n_seeds, point.smallest_detectable_pp))
    for key, line in lines.items():
        x, y = zip(*sorted(line), strict=True)
        thick = key is None or len(lines) == 1
        axes.plot(x, y, color=MARKS[0].colour if thick else SOFT, lw=1.8 if thick else 0.7, zorder=3 if thick else 2)
    axes.axhline(findings.primary.equivalence.margin_pp, color=MARKS[1].colour, lw=1, ls="--")
    axes.axvline(max(1, findings.primary.n_seeds), color=INK, lw=0.8, ls=(0, (4, 2)))
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    ticks = [n for n in (3, 5, 10, 20, 50, 100) if n <= max(p.n_seeds for p in points)]
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.set_xlabel(words.text("axis.seeds"))
    axes.set_ylabel(words.text("axis.detectable"))
    bare(axes, grid="both")
    return figure


def _option(name: str, choice: str | Cell, words: Catalogue) -> str:
    """A choice and its option in the reader's language."""
    said = cell_name(choice, words) if isinstance(choice, dict) else plain(words.name("chosen", choice))
    return shorten(f"{plain(words.name('choice', name))}: {said}", 34)


def _primary_estimand(findings: Findings) -> str | None:
    """The estimand of the first row: alternatives to the primary result come first."""
    return findings.multiverse[0].estimand if findings.multiverse else None
