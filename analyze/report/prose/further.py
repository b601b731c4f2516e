"""Findings -> the answer and the cells of every further response, as page one has them of the first."""

from dataclasses import replace

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.prose.answer import answer
from analyze.report.subject import about
from analyze.report.tables import Table
from analyze.report.words.catalogue import Catalogue


def further(findings: Findings, words: Catalogue) -> list[Markup | Table | None]:
    """What is decided of each, in the words of its own scale, unit and margin.

    Args:
        findings: of the first response, with those of the others.
        words: that speak of no response yet.
    """
    if not findings.further:
        return []
    first = about(findings, words)
    blocks: list[Markup | Table | None] = [first("further.lead", response=first.known["outcome"])]
    for number, one in enumerate(findings.further, start=1):
        own = about(one, words)
        found, cells = answer(one, own), tables.gaps(one, own)
        blocks += [own("further.response"), found.sentence, *found.paragraphs]
        blocks.append(cells and replace(cells, key=f"gaps-{number}"))
    return blocks
