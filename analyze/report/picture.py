"""Figures ready to print: each with its caption and an alternative text that says in words what it shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.figures import FIGURES, WIDE, drawing, to_svg
from analyze.report.selection import first_cells
from analyze.report.subject import about, subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import seeds_of
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Picture:
    """A figure with its caption, and its alternative text: what it shows, in words and numbers.

    `drawings` show the same as SVG, each for a page of another width, the widest first.
    """

    key: str
    caption: Markup
    alt: str
    drawings: tuple[bytes, ...]

    @property
    def svg(self) -> bytes:
        """The widest drawing."""
        return self.drawings[0]


def pictures(
    findings: Findings, words: Catalogue, tell: Callable[[str], None], widths: Sequence[float] = (WIDE,)
) -> Callable[[str], Picture | None]:
    """Draw a figure by its key, with caption and alternative text; None where the study lacks its data.

    `widths` are those of the pages that it is drawn for, in inches, the widest first.
    """
    subject, words = subject_of(findings), about(findings, words)
    first = first_cells(findings)
    some = words("figure.first_cells", shown=display.count(first.shown), cells=display.count(first.cells))
    names = {"first": naming.level(subject.first), "second": naming.level(subject.second)}

    def draw(key: str) -> Picture | None:
        tell("stage.figures")
        figure = FIGURES[key]
        data = figure.data_of(first.findings if figure.by_cell else findings)
        if data is None:
            return None
        drawings = []
        for width in widths:
            with drawing(words.lang, width):
                drawings.append(to_svg(figure.draw(data, words)))
        n = {"n": seeds_of(figure.seeds(data), words)} if figure.seeds else {}
        selected = [some] if figure.by_cell and first.shown < first.cells else []
        remarks = [*figure.remarks(data, words), *selected]
        caption = words.sentences([words(f"figure.{key}", **names, **n), *remarks])
        summary = words.sentences([caption, *figure.in_words(data, words)])
        return Picture(key, caption, display.plain(summary), tuple(drawings))

    return draw
