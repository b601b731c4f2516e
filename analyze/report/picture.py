"""Figures ready to print: each with its caption and an alternative text that says in words what it shows."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from analyze.findings import CellSummary, Findings, PowerPoint, SimpleEffect
from analyze.report.figures import FIGURES, drawing, to_svg
from analyze.report.figures.gaps import is_wide
from analyze.report.figures.panels import MOST
from analyze.report.prose.answer import confidence, pp, primary_rows
from analyze.report.subject import cell_key, subject_of
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Picture:
    """A figure with its caption, and its alternative text: what it shows, in words and numbers."""

    key: str
    caption: Markup
    alt: str
    svg: bytes


def pictures(findings: Findings, words: Catalogue, tell: Callable[[str], None]) -> Callable[[str], Picture | None]:
    """Draw a figure by its key, with caption and alternative text; None where the study lacks its data."""
    subject = subject_of(findings)
    names = {"first": naming.level(subject.first), "second": naming.level(subject.second)}

    def draw(key: str) -> Picture | None:
        tell("stage.figures")
        with drawing(words.lang):
            figure = FIGURES[key](findings, words)
            if figure is None:
                return None
            svg = to_svg(figure)
        caption = words.sentences([words(f"figure.{key}", **names), *_remarks(key, findings, words)])
        summary = words.sentences([caption, *_numbers_in_words(key, findings, words)])
        return Picture(key, caption, display.plain(summary), svg)

    return draw


def _remarks(key: str, findings: Findings, words: Catalogue) -> list[Markup]:
    """What a caption must add for these findings: a bent axis, or panels that did not fit."""
    rows = primary_rows(findings)
    remarks = []
    if key in {"headline", "forest"} and is_wide([row for row in rows if row.gap is not None]):
        remarks.append(words("cells.wide"))
    if key in {"forest", "spread"} and len(findings.study.modes) > 1:
        remarks.append(words(f"figure.{key}_modes"))
    if key in {"paired", "learning", "survival", "gradients"} and len(subject_of(findings).cells) > MOST:
        remarks.append(words("cells.limited"))
    return remarks


def _numbers_in_words(key: str, findings: Findings, words: Catalogue) -> list[Markup]:
    """The numbers of a figure for those who cannot see it; figures of very many marks have tables instead."""
    several = len(findings.study.modes) > 1
    if key == "headline":
        return [_gap("figure.gap", row, words) for row in primary_rows(findings) if row.gap is not None]
    if key == "forest":
        rows = [row for row in findings.simple_effects if row.scale == "raw" and row.gap is not None]
        return [_gap("figure.gap_in_mode" if several else "figure.gap", row, words) for row in rows]
    if key == "spread":
        return [
            _spread("figure.sd_in_mode" if several else "figure.sd", row, words) for row in findings.cells if row.sd
        ]
    if key == "power":
        lines = {None if point.cell is None else cell_key(point.cell) for point in findings.power_curve}
        thick = [point for point in findings.power_curve if point.cell is None or len(lines) == 1]
        return [_detectable(point, words) for point in thick]
    return []


def _gap(message: str, row: SimpleEffect, words: Catalogue) -> Markup:
    return words(
        message,
        cell=naming.cell(row.cell, words),
        mode=words(f"bn_mode.{row.bn_mode}"),
        gap=pp(row.gap, words),
        ci=confidence(row.ci95, words),
    )


def _spread(message: str, row: CellSummary, words: Catalogue) -> Markup:
    return words(
        message,
        cell=naming.cell(row.cell, words),
        level=naming.level(row.level),
        mode=words(f"bn_mode.{row.bn_mode}"),
        sd=pp(row.sd, words, signed=False),
    )


def _detectable(point: PowerPoint, words: Catalogue) -> Markup:
    gap = pp(point.smallest_detectable_pp, words, signed=False)
    return words("figure.detectable", n=display.count(point.n_seeds), gap=gap)
