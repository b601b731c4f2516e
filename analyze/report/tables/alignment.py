"""Numbers of a column that stand under one another, aligned at the decimal point.

What a number lacks beside its neighbours becomes a pad: an empty element that the stylesheet fills with unseen
characters, so that the text of a cell stays the number alone, for a screen reader and for a copy.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from markupsafe import Markup

from analyze.report.words import display

DASH = re.escape(str(display.MISSING))

#: A number or the dash in its place, with what leads to it: a bracket that opens; and what follows it.
_NUMBER = re.compile(rf"([\[(]?(?:<data\b.*?</data>|{DASH}))(.*?)(?=[\[(]?(?:<data\b|{DASH}|$))")

#: What stands before the decimal point of a number.
_WHOLE = re.compile(r"[\[(]?(?:[<>]\u00a0)?[−+]?[\d,]*")

#: Characters as wide as one another: tabular figures, and the two signs.
_AS_WIDE = str.maketrans("123456789+", "000000000−")


@dataclass(frozen=True)
class _Number:
    """A number of a cell, what follows it, and the characters on either side of its decimal point."""

    shown: str
    after: str
    whole: Counter[str]
    rest: Counter[str]


def aligned(cells: Sequence[Markup]) -> list[Markup]:
    """The cells of one column, padded for a column whose text ends at the right.

    Cells with fewer numbers than others, as a dash among intervals, stay as they are.

    >>> aligned([display.decimal(1.5, 1), display.decimal(0.25)])[0]
    Markup('<data value="1.5">1.5</data><span class="pad" data-unseen="0"></span>')
    """
    lines = [_numbers(cell) for cell in cells]
    most = max(map(len, lines), default=0)
    full = [line for line in lines if len(line) == most]
    wholes = [reduce(or_, (line[k].whole for line in full)) for k in range(most)]
    rests = [reduce(or_, (line[k].rest for line in full)) for k in range(most)]
    return [
        _padded(line, wholes, rests) if line and len(line) == most else cell
        for line, cell in zip(lines, cells, strict=True)
    ]


def _padded(line: Sequence[_Number], wholes: Sequence[Counter[str]], rests: Sequence[Counter[str]]) -> Markup:
    """A cell whose numbers have as much on either side of their points as the widest of their columns.

    The first needs nothing before it, for the text ends at the right.
    """
    made = ""
    for k, one in enumerate(line):
        made += (_pad(wholes[k] - one.whole) if k else "") + one.shown + one.after + _pad(rests[k] - one.rest)
    return Markup(made)  # noqa: S704  pieces of the cell itself


def _numbers(cell: Markup) -> list[_Number]:
    """The numbers of a cell in their order; a table's cell breaks nowhere, and needs no element to say so."""
    bare = re.sub(r'<span class="stat">(.*)</span>', r"\1", str(cell))
    found = []
    for shown, after in _NUMBER.findall(bare):
        text = display.plain(shown)
        whole = _WHOLE.match(text)[0]  # type: ignore[index]  # it matches the empty text too
        rest = "" if display.MISSING in shown else text[len(whole) :]
        found.append(_Number(shown, after, _widths(whole), _widths(rest + display.plain(_unlettered(after)))))
    return found if "".join(one.shown + one.after for one in found) == bare else []


def _unlettered(after: str) -> str:
    """Without the letter of a note, which takes no room."""
    return re.sub(r"<sup>.*?</sup>", "", after)


def _widths(text: str) -> Counter[str]:
    """How often each width stands in a text."""
    return Counter(text.translate(_AS_WIDE))


def _pad(lacking: Counter[str]) -> str:
    """Unseen characters, or nothing."""
    unseen = "".join(sorted(lacking.elements()))
    return f'<span class="pad" data-unseen="{Markup.escape(unseen)}"></span>' if unseen else ""
