"""How sure: the multiverse of analysts' choices, and the gap that a number of seeds can detect."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from analyze.catalogue import Catalogue
from analyze.figures.gaps import gap_label
from analyze.figures.style import BAND, INK, MARKS, PAPER, RULE, SOFT, WIDTH, bare
from analyze.findings import Findings
from analyze.subject import cell_key, subject_of


def multiverse(findings: Findings, words: Catalogue) -> Figure | None:
    """Every alternative estimate in order of size; filled where it agrees with the primary result."""
    rows = [r for r in findings.multiverse if r.estimate is not None and r.estimand == _primary_estimand(findings)]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: row.estimate or 0.0)
    figure = Figure(figsize=(WIDTH, 2.3), layout="constrained")
    axes = figure.subplots()
    margin = findings.primary.equivalence.margin_pp
    axes.axhspan(-margin, margin, color=BAND, lw=0)
    axes.axhline(0, color=SOFT, lw=0.8)
    if findings.primary.estimate is not None:
        axes.axhline(findings.primary.estimate, color=INK, lw=0.8, ls=(0, (4, 2)))
    for agrees, fill in ((True, MARKS[0].colour), (False, PAPER), (None, RULE)):
        here = [(x, row.estimate or 0.0) for x, row in enumerate(rows, 1) if row.agrees is agrees]
        if here:
            x, y = zip(*here, strict=True)
            label = words.text({True: "multi.agrees", False: "multi.differs", None: "multi.untested"}[agrees])
            axes.plot(x, y, "o", color=MARKS[0].colour, mfc=fill, ms=4, label=label)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    axes.set_xlabel(words.text("axis.choices"))
    axes.set_ylabel(gap_label(subject_of(findings), words))
    axes.set_xticks([])
    bare(axes, grid="y")
    return figure


def power(findings: Findings, words: Catalogue) -> Figure | None:
    """Smallest detectable gap against the number of seeds: cells thin, their mean thick; this study is marked."""
    points = findings.power_curve
    if not points:
        return None
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    axes = figure.subplots()
    lines: dict[tuple[tuple[str, str], ...] | None, list[tuple[int, float]]] = {}
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


def _primary_estimand(findings: Findings) -> str | None:
    """The estimand of the first row: alternatives to the primary result come first."""
    return findings.multiverse[0].estimand if findings.multiverse else None
