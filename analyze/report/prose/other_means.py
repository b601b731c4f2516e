"""The mean over cells as BatchNorm's other statistics have it, and without one level of a moderator.

Either may make all of the gap or none of it, so both stand on page one.
"""

from markupsafe import Markup

from analyze.findings import BY_WINS, Findings, Interval
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, contrast, enumerated, gap
from analyze.report.words.catalogue import Catalogue


def with_other_statistics(findings: Findings, over: Markup, words: Catalogue) -> Markup:
    """The mean by batch statistics, where the answer is by running ones; `over` says which cells it is over."""
    for row in findings.multiverse:
        batch = (row.estimand, row.choices.get("test")) == ("final accuracy, batch statistics", "sign-flip")
        if batch and row.estimate is not None and findings.primary.estimate is not None:
            subject = subject_of(findings)
            return words(
                "answer.other_mode",
                over=over,
                contrast=contrast(subject.first, subject.second, words),
                gap=gap(row.estimate, words),
                p=display.p_equals(row.p),
            )
    return Markup("")


def without_a_level(findings: Findings, words: Catalogue) -> Markup:
    """The levels of which any one, left out, leaves a mean whose interval includes no difference, where all do not.

    Where the answer is by cells or by pairs won it is not about a mean, and where seeds were added as declared the
    means without a level rest on fewer seeds.
    """
    primary, growth = findings.primary, findings.growth
    if primary.headline == "depends" or primary.rule in BY_WINS or (growth is not None and growth.declared):
        return Markup("")
    if primary.ci95 is None or _includes_none(primary.ci95):
        return Markup("")
    items = [
        words(
            "answer.without_level",
            cell=naming.cell({row.moderator: row.level}, words),
            gap=gap(row.estimate, words),
            ci=confidence(row.ci95, words),
        )
        for row in findings.leave_one_out
        if row.ci95 and _includes_none(row.ci95)
    ]
    return words("answer.rests_on", items=enumerated(items, words)) if items else Markup("")


def _includes_none(interval: Interval) -> bool:
    return interval[0] <= 0 <= interval[1]
