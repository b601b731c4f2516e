"""Findings -> the document's parts: which paragraphs, tables and figures stand in each, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.figures import WIDE, placed
from analyze.report.picture import Picture, pictures
from analyze.report.prose import levels, methods, repeatability, sections, sequential, speed
from analyze.report.prose.answer import Answer, answer
from analyze.report.prose.coverage import counted, coverage, notes, setting
from analyze.report.prose.finding import finding
from analyze.report.prose.further import further
from analyze.report.prose.imprint import imprint
from analyze.report.prose.in_plain_words import came_out, trained
from analyze.report.prose.published import published
from analyze.report.prose.responses import responses
from analyze.report.subject import Subject, about, subject_of
from analyze.report.tables import Table
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue, Language

Block = Markup | Table | Picture


@dataclass(frozen=True)
class Part:
    """A numbered part: its anchor, title and blocks in reading order."""

    key: str
    title: Markup
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """All that a template shows."""

    lang: Language
    title: str
    heading: Markup
    description: str
    study: str
    finding: Markup
    question: Markup
    notes: tuple[Markup, ...]
    blocks: Picture | None
    plain: tuple[Markup, ...]
    answer: Answer
    gaps: Table | None
    headline: Picture | None
    coverage: tuple[tuple[Markup, Markup], ...]
    coverage_text: Markup
    setting: Markup
    imprint: tuple[Markup, ...]
    claims: Table | None
    untested: Markup
    parts: tuple[Part, ...]


def compose(
    findings: Findings,
    words: Catalogue,
    *,
    widths: Sequence[float] = (WIDE,),
    attached: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Document:
    """The document of these findings in this language.

    Figures are drawn for pages of these `widths` in inches; without any there are none. `attached` says whether the
    complete results will be.
    """
    subject, others, words = subject_of(findings), further(findings, words), about(findings, words)
    draw = pictures(findings, words, tell, widths)

    def drawn(part: str) -> list[Picture]:
        return [picture for key in placed(part) if widths and (picture := draw(key))]

    against = findings.question.threshold is not None
    tested = not (against and findings.failures)
    asked = {"factor": naming.factor(subject.factor, words), "second": naming.level(subject.second)}
    found, question = finding(findings, words), words("title.effects", **asked)
    name = display.shorten(findings.study.name)
    heading = words("title.document", finding=found, question=question, study=name)
    plan: dict[str, Sequence[Block | None]] = {
        "effects": [
            *sections.effects(findings, words),
            tables.anova(findings, words),
            tables.leave_one_out(findings, words),
            *(levels.levels(findings, words) if subject.declared else []),
            *drawn("levels"),
            tables.levels(findings, words),
            tables.level_pairs(findings, words),
        ],
        "cells": [
            *sequential.sequential(findings, words),
            tables.sequential(findings, words),
            *sections.cells(findings, words),
            *sections.failures(findings, words),
            tables.failures(findings, words),
            *(drawn("cells") if tested else []),
            tables.simple_effects(findings, words),
            *drawn("pairs"),
            tables.outcomes(findings, words),
            *sections.others(findings, words),
            tables.orderings(findings, words),
            *responses(findings, words),
            tables.responses(findings, words),
        ],
        "further": others,
        "speed": [
            *speed.speed(findings, words),
            *drawn("speed"),
            tables.convergence(findings, words),
            *drawn("time_regression"),
            tables.time_regression(findings, words),
            tables.restricted_time(findings, words),
        ],
        "stability": [
            *sections.stability(findings, words),
            *drawn("stability"),
            tables.stability(findings, words),
            *sections.mechanism(findings, words),
            *drawn("mechanism"),
            tables.mechanism(findings, words),
        ],
        "certainty": [
            *repeatability.repeatability(findings, words),
            *drawn("repeatability"),
            tables.repeatability(findings, words),
            *repeatability.heterogeneity(findings, words),
            *repeatability.images(findings, words),
            *sections.certainty(findings, words),
            *drawn("power"),
            tables.power(findings, words),
            *sections.multiverse(findings, words),
            *drawn("multiverse"),
            tables.multiverse(findings, words),
            *sections.diagnostics(findings, words),
            *drawn("assumptions"),
            tables.diagnostics(findings, words),
        ],
        "published": [*published(findings, words), tables.published(findings, words)],
        "methods": methods.blocks(findings, words, drawn("methods"), attached=attached),
        "evidence": [tables.claims_evidence(findings, words)],
        "tables": [
            tables.cells(findings, words),
            tables.images(findings, words),
            tables.simple_effects_batch(findings, words),
            tables.anova_others(findings, words),
            tables.anova_responses(findings, words),
        ],
        "references": methods.references(findings, words),
        "dictionary": methods.dictionary(findings, words),
    }
    alone = against or findings.question.folds is not None
    plan |= dict.fromkeys(("speed", "stability"), ()) if alone else {}
    parts = [_part(key, blocks, subject, words) for key, blocks in plan.items()]
    return Document(
        lang=words.lang,
        title=" ".join(display.plain(heading).split()),
        heading=heading,
        description=words.text(
            "title.description" if subject.declared else "title.description_of_levels",
            first=subject.first,
            second=subject.second,
            factor=naming.factor(subject.factor, words),
        ),
        study=name,
        finding=found,
        question=question,
        notes=notes(findings, words),
        blocks=next(iter(drawn("blocks")), None),
        plain=(trained(findings, words), came_out(findings, words)),
        answer=answer(findings, words),
        gaps=tables.gaps(findings, words),
        coverage=counted(findings, words),
        coverage_text=coverage(findings, words),
        setting=setting(findings, words),
        imprint=tuple(imprint(findings, words)),
        headline=next(iter(drawn("headline") if tested else []), None),
        claims=tables.claims(findings, words),
        untested=tables.untested(findings, words),
        parts=tuple(part for part in parts if part.blocks),
    )


def _part(key: str, blocks: Sequence[Block | None], subject: Subject, words: Catalogue) -> Part:
    """A part with the blocks that this study has."""
    title = words(
        f"title.{key}" if key != "cells" or subject.moderators else "title.only_cell",
        factor=naming.factor(subject.factor, words),
        second=naming.level(subject.second),
        moderators=words.join([naming.factor(name, words) for name in subject.moderators]),
    )
    return Part(key, title, tuple(block for block in blocks if block))
