"""Mean response of each level over the levels of one moderator, a panel a combination of the others."""

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures import accuracy_axis
from analyze.report.figures.moderated import Moderated, Summary, draw_moderated, limited, moderated
from analyze.report.figures.plot import Plot
from analyze.report.subject import subject_of
from analyze.report.words.amounts import number
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain


def data_of(findings: Findings) -> Moderated | None:
    """Means in the primary mode with one standard deviation on either side, in per cent; none without a moderator."""
    subject = subject_of(findings)
    rows = [row for row in findings.cells if row.bn_mode == findings.primary.bn_mode and row.level in subject.levels]
    summaries = [
        Summary(row.cell, row.level, row.mean, row.mean - (row.sd or 0.0), row.mean + (row.sd or 0.0), row.n)
        for row in rows
    ]
    return moderated(summaries, subject) if subject.moderators else None


def _in_sight(data: Moderated) -> list[float]:
    """Every mean, and the ends of the bars that are not far longer than most: one failed run must not hide the rest."""
    usual = 3 * float(np.median([one.high - one.low for one in data.summaries]))
    ends = [end for one in data.summaries if one.high - one.low <= usual for end in (one.low, one.high)]
    return [*ends, *(one.value for one in data.summaries)]


def draw(data: Moderated, words: Catalogue) -> Figure:
    """Lines with a bar of one standard deviation on either side."""
    return draw_moderated(
        data,
        words,
        scale=lambda grid: accuracy_axis.scale_response(grid, _in_sight(data), words),
        y=words.text("axis.test_accuracy"),
        unit="%" if words.response.is_accuracy else "",
        shown=lambda value: plain(number(value, words)),
    )


def remarks(data: Moderated, words: Catalogue) -> list[Markup]:
    """A logit axis, bars that are cut, and panels left out."""
    seen = _in_sight(data)
    cut = [words("figure.bars_cut")] if min(data.ends) < min(seen) or max(data.ends) > max(seen) else []
    return accuracy_axis.remarks(seen, words) + cut + limited(data, words)


FIGURE = Plot(
    data_of, draw, part="cells", order=1, remarks=remarks, seeds=lambda data: [one.n for one in data.summaries]
)
