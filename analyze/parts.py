"""Findings -> the document's parts: which paragraphs, tables and figures stand in each, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analyze import display, exhibits, methods, naming, prose
from analyze.catalogue import Catalogue, Language
from analyze.exhibits import Table
from analyze.findings import Findings
from analyze.narrative import COVERAGE, Answer, answer, coverage, notes
from analyze.picture import Picture, pictures
from analyze.subject import Subject, subject_of

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
    draw = pictures(findings, words, tell) if figures else lambda _: None
    factor = naming.factor(subject.factor, words)
    plan: dict[str, Sequence[Block | None]] = {
        "effects": [
            *prose.effects(findings, words),
            exhibits.anova(findings, words),
            exhibits.leave_one_out(findings, words),
        ],
        "cells": [
            *prose.cells(findings, words),
            draw("interaction"),
            draw("forest"),
            exhibits.simple_effects(findings, words),
            draw("paired"),
            *prose.others(findings, words),
            exhibits.orderings(findings, words),
        ],
        "speed": [
            *prose.speed(findings, words),
            draw("learning"),
            draw("survival"),
            exhibits.convergence(findings, words),
        ],
        "stability": [
            *prose.stability(findings, words),
            draw("spread"),
            exhibits.stability(findings, words),
            *prose.mechanism(findings, words),
            draw("gradients"),
            draw("units"),
            exhibits.mechanism(findings, words),
        ],
        "certainty": [
            *prose.certainty(findings, words),
            draw("power"),
            exhibits.power(findings, words),
            *prose.multiverse(findings, words),
            draw("multiverse"),
            exhibits.multiverse(findings, words),
            draw("residuals"),
        ],
        "methods": methods.blocks(findings, words, draw("orderings")),
        "tables": [
            exhibits.claims_evidence(findings, words),
            exhibits.cells(findings, words),
            exhibits.simple_effects_batch(findings, words),
            exhibits.anova_others(findings, words),
        ],
        "references": methods.references(words),
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
        headline=draw("headline"),
        claims=exhibits.claims(findings, words),
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
