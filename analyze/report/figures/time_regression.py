"""What the model of speed says of the primary factor: ratios of times to the target, and of these, with intervals."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings, Interval
from analyze.report import selection
from analyze.report.figures.hover import titled
from analyze.report.figures.plot import Plot
from analyze.report.figures.ratio_axis import scale_ratios
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import BAND, INK, SOFT, bare, cell_name, isolated, page
from analyze.report.subject import Subject, subject_of
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import fixed, plain


@dataclass(frozen=True)
class Term:
    """A coefficient: the levels that it compares and with which, those of the primary factor among them."""

    at: Cell
    against: Cell
    ratio: float
    ci95: Interval | None
    n: int


@dataclass(frozen=True)
class TimeRegression:
    """Terms from top to bottom, and the factor within which ratios are equivalent."""

    subject: Subject
    terms: tuple[Term, ...]
    margin: float | None


def data_of(findings: Findings) -> TimeRegression | None:
    """Of the regression on all factors the estimates that the primary factor is in; a table has them all."""
    subject = subject_of(findings)
    terms = [
        Term(row.at, row.against, row.estimate, row.ci95, row.n_seeds)
        for _, row in selection.time_regression(findings)
        if row.estimate is not None and subject.factor in row.at
    ]
    margin = findings.methods.get("ratio_margin")
    return TimeRegression(subject, tuple(terms), margin if isinstance(margin, float) else None) if terms else None


def draw(data: TimeRegression, words: Catalogue) -> Figure:
    """Dots with intervals on a logarithmic axis about 1."""
    upwards = data.terms[::-1]
    names = [term_name(term, data.subject, words) for term in upwards]
    rows = rows_of(names, [_digits(term) for term in upwards])
    figure = page(rows.height(0.19) * len(names) + 0.6, layout="constrained")
    axes = figure.subplots()
    if data.margin:
        axes.axvspan(1 / data.margin, data.margin, color=BAND, lw=0, zorder=0)
    axes.axvline(1, color=SOFT, lw=0.8, zorder=1)
    bare(axes, grid="x")
    for y, term in enumerate(upwards):
        _draw_term(axes, y, term, words)
        rows.write(axes, y, _digits(term))
    rows.name(axes, names)
    scale_ratios(axes, [end for term in data.terms for end in (term.ci95 or (term.ratio,))])
    axes.set_xlabel(wrapped(words.text("axis.time_ratio"), rows.room))
    return figure


def _draw_term(axes: Axes, y: int, term: Term, words: Catalogue) -> None:
    """The ratio and its interval."""
    if term.ci95 is not None:
        axes.plot(term.ci95, [y, y], color=INK, lw=1.2, solid_capstyle="butt", zorder=3)
    (dot,) = axes.plot([term.ratio], [y], "o", color=INK, ms=4, zorder=4)
    titled(dot, f"{cell_name(term.at, words)}: {_digits(term)}")


def _digits(term: Term) -> str:
    """The ratio and its interval."""
    ratio = fixed(term.ratio, 2)
    return ratio if term.ci95 is None else f"{ratio} [{fixed(term.ci95[0], 2)}, {fixed(term.ci95[1], 2)}]"


def term_name(term: Term, subject: Subject, words: Catalogue) -> str:
    """The effect, and what is compared: depth: 4 ÷ 2."""
    effect = " × ".join(isolated(plain(naming.factor(name, words))) for name in term.at)
    compared = [
        f"{cell_name({'': _shown(term.at[name])}, words)} ÷ {cell_name({'': _shown(term.against[name])}, words)}"
        for name in _compared(term, subject)
    ]
    return words.text("figure.choice", choice=effect, option=words.text("list.comma").join(compared))


def _compared(term: Term, subject: Subject) -> list[str]:
    """The factors whose levels a term's name has: the primary one in its own row only."""
    return [name for name in term.at if name != subject.factor] or [subject.factor]


def _shown(level: object) -> str:
    """A level as a label has it."""
    return str(level).replace("-", display.MINUS) if not isinstance(level, str) else level


def in_words(data: TimeRegression, words: Catalogue) -> list[Markup]:
    """Each ratio with its interval as a sentence."""
    return [
        words(
            "figure.ratio",
            term=words(
                "figure.choice", choice=naming.effect(term.at, words), option=_in_full(term, data.subject, words)
            ),
            ratio=display.significant(term.ratio),
            ci=words("ci", interval=display.significant_interval(term.ci95)) if term.ci95 else words("no_interval"),
        )
        for term in data.terms
    ]


def _in_full(term: Term, subject: Subject, words: Catalogue) -> Markup:
    """What is compared, each name as a sentence has it."""
    ratio = Markup("{} ÷ {}").format
    return words("list.comma").join(
        ratio(naming.level(term.at[name]), naming.level(term.against[name])) for name in _compared(term, subject)
    )


FIGURE = Plot(
    data_of,
    draw,
    part="time_regression",
    in_words=in_words,
    seeds=lambda data: [term.n for term in data.terms],
)
