"""Names that somebody else might give to levels, and what a reader of a document finds of them."""

from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

HEBREW, ARABIC = "שלום", "مرحبا"

#: Each as it is, and as it can be read.
NASTY = {
    "adam\u202e": r"adam\u202e",
    "\x1b]0;x\x07": r"\u001b]0;x\u0007",
    "\x9b31m\u2028": r"\u009b31m\u2028",
    "p\n\n<script>a()</script>": r"p\n\n<script>a()</script>",
    '"><img src=x onerror=a()>': '"><img src=x onerror=a()>',
    "</style>{{7*7}}%s": "</style>{{7*7}}%s",
    "#0a4f8a": "#0a4f8a",
    'url(#x) id="x" d="1.234"': 'url(#x) id="x" d="1.234"',
    "_a|b`c\\|": "_a|b`c\\|",
    "$\\frac{1}{2}$": "$\\frac{1}{2}$",
    "=1+1\t": r"=1+1\t",
    "a b": "a b",
    "a  b": r"a \u0020b",
    "a\u00a0b": r"a\u00a0b",
    "ab": "ab",
    "a\u200bb": r"a\u200bb",
    HEBREW: HEBREW,
    ARABIC: ARABIC,
}


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of its tables by table, row and cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.tables: list[list[list[str]]] = []
        self._in_cell = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell; powers and indices are written as in Markdown."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"th", "td"}:
            self.tables[-1][-1].append("")
            self._in_cell = True
        elif tag in {"sup", "sub"} and self._in_cell:
            self.handle_data("^" if tag == "sup" else "_")

    def handle_endtag(self, tag: str) -> None:
        """The end of a cell."""
        self._in_cell = self._in_cell and tag not in {"th", "td"}

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def tokens(markdown: str) -> list[Token]:
    """The blocks of a Markdown document with raw HTML allowed, as a pull request shows it."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)


def markdown_tables(blocks: list[Token]) -> Iterator[list[list[str]]]:
    """The text of every table by row and cell."""
    for token in blocks:
        if token.type == "table_open":
            rows: list[list[str]] = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level > 3:
            rows[-1].append("".join(child.content for child in token.children or ()))
        elif token.type == "table_close":
            yield rows


def words_of(tables: list[list[list[str]]]) -> list[list[list[str]]]:
    """The same without white space, which Chinese pages set anew; a row of one name is that name alone."""
    rows = [[["".join(cell.split()) for cell in row] for row in table] for table in tables]
    return [[row if any(row[1:]) else row[:1] for row in table] for table in rows]
