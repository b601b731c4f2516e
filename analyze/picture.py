"""Figures ready to print: each with its caption and an alternative text that says in words what it shows."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from analyze import display, naming
from analyze.catalogue import Catalogue
from analyze.figures import FIGURES, drawing, to_svg
from analyze.findings import Findings
from analyze.subject import subject_of


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
        with drawing():
            figure = FIGURES[key](findings, words)
            if figure is None:
                return None
            svg = to_svg(figure)
        caption = words(f"figure.{key}", **names)
        return Picture(key, caption, display.plain(caption), svg)

    return draw
