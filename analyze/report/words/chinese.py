"""How a page in Chinese is set: spaces, numbers, marks side by side, and captions. One filter over the whole page.

Sources: GB/T 15834 (marks; captions end without one), GB/T 15835 (numbers), CLREQ (spaces and the width of marks).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Elements within a line; every other one begins a text of its own.
_INLINE = frozenset({"a", "abbr", "b", "bdi", "cite", "code", "data", "em", "i", "span", "strong", "sub", "sup"})

#: Elements whose text is somebody's own, or no text for a reader.
_AS_IT_IS = frozenset({"code", "bdi", "svg", "style", "title"})

#: A Chinese character.
HAN = r"[\u3007\u3400-\u9fff]"
_OPENING, _CLOSING = "（【《「『“‘", "。，、；：！？）】》」』”’"
_MARK = f"[{_OPENING}{_CLOSING}]"
_BEGINS, _ENDS = r"(?:[A-Za-z0-9\u0370-\u03ff+−±\[(]|&(?!nbsp))", r"[A-Za-z0-9\u0370-\u03ff%\])²]"

#: Spaces between Chinese characters, and the places between Chinese and Latin that lack one.
_SPACES = re.compile(
    rf"(?P<none>(?<={HAN})\s+(?={HAN})|(?<={_MARK})\s+(?=\S)|(?<=\S)\s+(?={_MARK}))"
    rf"|(?P<one>(?<={HAN})(?={_BEGINS})|(?<={_ENDS})(?={HAN}))"
)

#: The mark whose empty half lies between two marks.
_HALVED = re.compile(rf"(?P<half>[{_CLOSING}](?={_MARK})|(?<=[{_OPENING}])[{_OPENING}])")

_NUMBER = re.compile(r"(<data\b[^>]*>)([^<]*)(?=</data>|<sup>)")


def typeset(page: str) -> str:
    """The page with one space between Chinese and Latin, none between Chinese, numbers and captions by the standards.

    Of two marks side by side one is marked `halt`, to be set half as wide. Names keep the spaces that they have.
    """
    page = _edited(numbers(page), _SPACES, _HALVED)
    return re.sub(r"。((?:</\w+>|\s)*</figcaption>)", r"\1", page)


def spaced(text: str) -> str:
    """A text alone, with its numbers and spaces."""
    return _edited(numbers(text), _SPACES)


def _edited(page: str, *patterns: re.Pattern[str]) -> str:
    pieces = re.split(r"(<[^>]*>)", page)
    for line in _lines(pieces):
        for pattern in patterns:
            line.edit(pieces, pattern)
    return "".join(pieces)


def numbers(page: str) -> str:
    r"""Results as GB/T 15835 has them: a zero before the point, thin spaces from five digits, and no commas.

    >>> numbers('<data value="0.008">.008</data>, <data value="12500">12,500</data>')
    '<data value="0.008">0.008</data>, <data value="12500">12\u2009500</data>'
    """
    return _NUMBER.sub(lambda found: found[1] + number(found[2]), page)


def number(text: str) -> str:
    """A number, written as in English, by the same standard."""
    with_zero = re.sub(r"(?<!\d)\.(?=\d)", "0.", text)
    few = re.sub(r"(?<!\d)(\d),(?=\d{3}(?!,))", r"\1", with_zero)
    return few.replace(",", "\u2009")


@dataclass
class _Line:
    """Text without a break: which pieces of the page it is made of, and which of them must stay."""

    places: list[int] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)

    def edit(self, pieces: list[str], pattern: re.Pattern[str]) -> None:
        """Make the edits that the pattern asks for, across the elements of the line."""
        text = "".join(pieces[place] for place in self.places)
        changed = _changed(text, pattern)
        begin = 0
        for place in self.places:
            piece = pieces[place]
            if place not in self.kept and changed:
                pieces[place] = "".join(changed.get(begin + i, character) for i, character in enumerate(piece))
            begin += len(piece)


def _changed(text: str, pattern: re.Pattern[str]) -> dict[int, str]:
    """What takes the place of single characters, by where they stand; a space goes with the Chinese beside it."""
    changed: dict[int, str] = {}
    for found in pattern.finditer(text):
        start, stop = found.span()
        if found.lastgroup == "none":
            changed |= dict.fromkeys(range(start, stop), "")
        elif found.lastgroup == "half":
            changed[start] = f'<span class="halt">{text[start]}</span>'
        elif re.match(HAN, text[start - 1]):
            changed[start - 1] = f"{changed.get(start - 1, text[start - 1])} "
        else:
            changed[start] = f" {text[start]}"
    return changed


def _lines(pieces: list[str]) -> Iterator[_Line]:
    """The lines of a page cut into tags and texts, which stand at its even places."""
    line, opened = _Line(), 0
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            line.places.append(place)
            line.kept |= {place} if opened else set()
            continue
        name = re.match(r"</?(\w*)", piece)[1]  # type: ignore[index]  # a tag begins so
        if name in _AS_IT_IS and not piece.endswith("/>"):
            opened += -1 if piece.startswith("</") else 1
        if name not in _INLINE and name not in _AS_IT_IS:
            yield line
            line = _Line()
    yield line
