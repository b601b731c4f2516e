"""Findings -> the document's parts: which paragraphs, tables and figures stand in each, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.figures import placed
from analyze.report.picture import Picture, pictures
from analyze.report.prose import methods, sections
from analyze.report.prose.answer import COVERAGE, Answer, answer, coverage, notes
from analyze.report.subject import Subject, subject_of
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
    description: str
    study: str
    factor: Markup
    notes: tuple[Markup, ...]
    answer: Answer
    coverage: tuple[tuple[Markup, Markup], ...]
    coverage_text: Markup
    headline: Picture | None
    claims: Table | None
    parts: tuple[Part, ...]


def compose(
    findings: Findings, words: Catalogue, *, figures: bool = True, tell: Callable[[str], None] = lambda _: None
) -> Document:
    """The document of these findings in this language; without figures for formats that cannot show them."""
    subject = subject_of(findings)
    draw = pictures(findings, words, tell)

    def drawn(part: str) -> list[Picture]:
        return [picture for key in placed(part) if figures and (picture := draw(key))]

    factor = naming.factor(subject.factor, words)
    plan: dict[str, Sequence[Block | None]] = {
        "effects": [
            *sections.effects(findings, words),
            tables.anova(findings, words),
            tables.leave_one_out(findings, words),
        ],
        "cells": [
            *sections.cells(findings, words),
            *drawn("cells"),
            tables.simple_effects(findings, words),
            *drawn("pairs"),
            *sections.others(findings, words),
            tables.orderings(findings, words),
        ],
        "speed": [
            *sections.speed(findings, words),
            *drawn("speed"),
            tables.convergence(findings, words),
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
            *sections.certainty(findings, words),
            *drawn("power"),
            tables.power(findings, words),
            *sections.multiverse(findings, words),
            *drawn("multiverse"),
            tables.multiverse(findings, words),
            *drawn("assumptions"),
        ],
        "methods": methods.blocks(findings, words, drawn("methods")),
        "tables": [
            tables.claims_evidence(findings, words),
            tables.cells(findings, words),
            tables.simple_effects_batch(findings, words),
            tables.anova_others(findings, words),
        ],
        "references": methods.references(findings, words),
        "dictionary": methods.dictionary(findings, words),
    }
    parts = [_part(key, blocks, subject, words) for key, blocks in plan.items()]
    return Document(
        lang=words.lang,
        title=words.text("title.document", factor=factor, study=display.shorten(findings.study.name)),
        description=words.text("title.description", first=subject.first, second=subject.second),
        study=display.shorten(findings.study.name),
        factor=factor,
        notes=notes(findings, words),
        answer=answer(findings, words),
        coverage=tuple((words(f"coverage.{name}"), display.count(getattr(findings.study, name))) for name in COVERAGE),
        coverage_text=coverage(findings, words),
        headline=next(iter(drawn("headline")), None),
        claims=tables.claims(findings, words),
        parts=tuple(part for part in parts if part.blocks),
    )


def _part(key: str, blocks: Sequence[Block | None], subject: Subject, words: Catalogue) -> Part:
    """A part with the blocks that this study has."""
    title = words(
        f"title.{key}",
        factor=naming.factor(subject.factor, words),
        moderators=words.join([naming.factor(name, words) for name in subject.moderators]) or words("all_cells"),
    )
    return Part(key, title, tuple(block for block in blocks if block))
