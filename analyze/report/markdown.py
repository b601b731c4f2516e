"""Markup -> Markdown on one line, which CommonMark reads back as the same text."""

import re
from html.parser import HTMLParser

from markupsafe import Markup

from analyze.report.words.chinese import HAN

#: Every character that may begin something within a line, tables, strike-through and formulas of GitHub included.
SPECIAL = re.compile(r"[\\`*_\[\]<>|~#$@]|&(?=[#\w]|$)|:(?=//)|(?<=www)\.")

#: What begins a list, rules a line or underlines a heading, at the beginning of a line.
LEADING = re.compile(r"^(\d{0,9})([-+=.)])(?=[\s=-]|$)")

EMPHASIS = {"i": "*", "em": "*", "b": "**", "strong": "**"}


def to_markdown(markup: Markup, *, cell: bool = False) -> str:
    r"""Markup as a paragraph, a heading or a cell of a table: code and emphasis kept, everything else escaped.

    >>> to_markdown(Markup("<i>p</i> of <code>act_bn</code> *"))
    '*p* of `act_bn` \\*'
    """
    writer = _Writer(cell=cell)
    writer.feed(str(markup))
    writer.close()
    text = "".join(writer.open[0][1]).strip()
    return text if cell else LEADING.sub(r"\1\\\2", text)


class _Writer(HTMLParser):
    """Collects the text of every open element, and wraps it when the element ends."""

    def __init__(self, *, cell: bool) -> None:
        super().__init__()
        self.bar = r"\|" if cell else "|"  # a bar ends a cell even within code
        self.open: list[tuple[str, list[str]]] = [("", [])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.open.append(("footnote" if ("class", "footnote") in attrs else tag, []))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  markup is ours, and closes in order
        """An element ends."""
        kind, pieces = self.open.pop()
        self.open[-1][1].append(_wrapped(kind, "".join(pieces), after="".join(self.open[-1][1][-1:])))

    def handle_data(self, data: str) -> None:
        """Text, one space for any white space; code holds it as it is."""
        text = re.sub(r"\s+", " ", data)
        code = self.open[-1][0] == "code"
        self.open[-1][1].append(text.replace("|", self.bar) if code else SPECIAL.sub(r"\\\g<0>", text))


def _wrapped(kind: str, text: str, after: str) -> str:
    """The text of an element between its marks."""
    if kind == "code" and text:
        # A run of backticks closes only one as long; two pieces of code that touch would make one run.
        fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
        pad = " " if text[0] in "` " or text[-1] in "` " else ""
        return f"{' ' * after.endswith('`')}{fence}{pad}{text}{pad}{fence}"
    if kind in EMPHASIS and text[:1].isalnum() and text[-1:].isalnum():  # elsewhere a mark might stay a star
        return f"{EMPHASIS[kind]}{text}{EMPHASIS[kind]}"
    note = f"（{text}）" if re.search(HAN, text) else f" ({text})"
    return {"footnote": note, "sup": f"^{text}", "sub": rf"\_{text}"}.get(kind, text)
