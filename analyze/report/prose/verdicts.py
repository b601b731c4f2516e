"""Findings -> how many claims got which verdict, in one sentence."""

from typing import get_args

from markupsafe import Markup

from analyze.findings import Findings, Verdict
from analyze.report.words import display
from analyze.report.words.catalogue import Catalogue


def verdicts(findings: Findings, words: Catalogue) -> Markup:
    """The count of each verdict; nothing where the study asks for no claims."""
    given = [claim.verdict for claim in findings.claims]
    counted = [
        words("verdicts.count", number=display.count(given.count(one)), verdict=words(f"verdict.{one}"))
        for one in get_args(Verdict)
        if one in given
    ]
    return words("verdicts.all", list=words("list.comma").join(counted)) if counted else Markup("")
