"""How evenly untrained networks predict: the share of images given to one class, by level along a moderator."""

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures.moderated import Moderated, Summary, draw_moderated, limited, moderated
from analyze.report.figures.plot import Plot
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def data_of(findings: Findings) -> Moderated | None:
    """Median over seeds and the ends of the central four fifths, in per cent."""
    rows = findings.initial_shares
    summaries = [
        Summary(row.cell, row.level, 100 * row.share, 100 * row.low, 100 * row.high, row.n_seeds) for row in rows
    ]
    return moderated(summaries, subject_of(findings))


def draw(data: Moderated, words: Catalogue) -> Figure:
    """A mark and a bar a cell and level, from 0 to 100 per cent."""

    def scale(grid: Sequence[Axes]) -> None:
        for axes in grid:
            axes.set_ylim(0, 102)
            axes.set_yticks([0, 25, 50, 75, 100])

    return draw_moderated(data, words, scale=scale, y=words.text("axis.class_share"), unit="%")


def in_words(data: Moderated, words: Catalogue) -> list[Markup]:
    """Each median as a sentence."""
    return [
        words(
            "figure.class_share_of",
            cell=naming.cell(one.cell, words),
            level=naming.level(one.level),
            share=display.share(one.value / 100),
        )
        for one in data.summaries
    ]


FIGURE = Plot(
    data_of,
    draw,
    part="mechanism",
    remarks=limited,
    in_words=in_words,
    seeds=lambda data: [one.n for one in data.summaries],
)
