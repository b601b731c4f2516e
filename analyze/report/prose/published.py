"""Findings -> what is said of published comparisons; nothing where the question is not about where BatchNorm stands."""

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.words import spoken
from analyze.report.words.catalogue import Catalogue


def published(findings: Findings, words: Catalogue) -> list[Markup]:
    """How to read the figures of others, or that none is of this data set and these activations."""
    if findings.published:
        return [words("published.lead")]
    asked = findings.question.factor == spoken.ORDERING and {*(findings.question.contrast or ())} == {
        "act_bn",
        "bn_act",
    }
    return [words("published.none")] if asked else []
