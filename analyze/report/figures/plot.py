"""What a figure of the report is: data selected from findings, a drawing of exactly these, and its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.words.catalogue import Catalogue

D = TypeVar("D")


def _none(*_: object) -> tuple[()]:
    """A figure without remarks or numbers in words."""
    return ()


@dataclass(frozen=True)
class Plot(Generic[D]):
    """A figure: each stands in a file of its own as `FIGURE`, and the file's name is its key.

    `data_of` selects what is drawn, numbers unrounded, or None where the study lacks it; `draw` draws these data and
    looks at nothing else. `remarks` are what the caption must add for these data; `in_words` gives
    their numbers to those who cannot see them (figures of very many marks have tables instead). `seeds` are those
    behind what is drawn, a number a cell. The figure stands in this `part` of the document, after those of a lower
    `order`. One that has something for every cell is drawn `by_cell`, of the first ones where there are very many.
    """

    data_of: Callable[[Findings], D | None]
    draw: Callable[[D, Catalogue], Figure]
    part: str
    order: int = 0
    by_cell: bool = False
    remarks: Callable[[D, Catalogue], Iterable[Markup]] = _none
    in_words: Callable[[D, Catalogue], Iterable[Markup]] = _none
    seeds: Callable[[D], Iterable[int]] | None = None

    def __call__(self, findings: Findings, words: Catalogue) -> Figure | None:
        """The figure of these findings, or None where the study lacks its data."""
        data = self.data_of(findings)
        return None if data is None else self.draw(data, words)
