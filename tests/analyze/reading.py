"""A report's text read back into statements that are the same in both languages.

It knows the sentences of sentences.toml and nothing of the code that chose or wrote them. A paragraph has to be read to
its end: a sentence that no pattern knows, new or reworded, is an error.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from analyze.report.document import Document
from analyze.report.tables import Table
from analyze.report.words.catalogue import Language, catalogue
from tests.analyze.written import KINDS, KNOWN, Cell, UnreadError, numbers_of

__all__ = ["Cell", "Lines", "Report", "Said", "UnreadError", "numbers_of", "paragraphs", "read", "text"]

Values = dict[str, Any]
#: Of what is said of any response and of accuracy in words of its own, the latter is tried first.
SENTENCES: dict[str, dict[Language, str]] = {
    name: said
    for kind, any_said in KNOWN["any"].items()
    for name, said in ((kind, KNOWN["sentence"].get(kind)), (f"any.{kind}", any_said))
    if said
}
SENTENCES |= KNOWN["sentence"] | {f"folds.{kind}": said for kind, said in KNOWN["folds"].items()}


def bare(kind: str) -> str:
    """A kind without what its pattern is about."""
    return kind.rpartition(".")[2]


@dataclass(frozen=True)
class Said:
    """A statement: its kind, its values as text, and the paragraph in which it stands."""

    kind: str
    values: Values
    paragraph: int


@dataclass(frozen=True)
class Lines:
    """A table: its headings, its rows as text, and the numbers that its caption gives of every row, by heading."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    throughout: dict[str, str]

    def records(self) -> list[dict[str, str]]:
        """Its rows by heading, without those of one cell, which head the others."""
        return [self.throughout | dict(zip(self.heads, row, strict=True)) for row in self.rows if len(row) > 1]


@dataclass(frozen=True)
class Report:
    """What a document says: its statements in order, its tables by key, and why each claim has its verdict."""

    said: tuple[Said, ...]
    tables: dict[str, Lines]
    why: tuple[tuple[str, Said], ...]

    def all(self, *kinds: str) -> list[Said]:
        """The statements of these kinds."""
        return [one for one in self.said if one.kind in kinds]


def read(document: Document) -> Report:
    """Every paragraph and every table of a document, wherever it stands.

    Raises:
        UnreadError: a sentence that no pattern knows.
    """
    lang, tables, why = document.lang, dict[str, Lines](), list[tuple[str, Said]]()
    said = [*_clauses(text(document.finding, lang), lang)]
    for number, block in enumerate(_blocks(document)):
        if isinstance(block, Table):
            lines = Lines(
                tuple(text(one, lang) for one in block.heads),
                tuple(tuple(text(cell, lang) for cell in row) for row in block.rows),
                _throughout(text(block.caption, lang)),
            )
            tables[block.key] = lines
            if block.key == "claims":
                why += _reasons(lines, lang)
        else:
            said += _sentences(text(block, lang), lang, number, OF_RESULTS)
    return Report(tuple(said), tables, tuple(why))


def _clauses(title: str, lang: Language) -> Iterator[Said]:
    """The clauses of a title, each up to a semicolon or the end; a clause after another may leave out its verb."""
    rest = title
    while rest:
        found = next(((kind, hit) for kind in OF_TITLES if (hit := _clause(kind, lang).match(rest))), None)
        if found is None:
            raise UnreadError(f"no pattern knows the {lang} title: {rest!r} of {title!r}")
        kind, hit = found
        values = {name: KINDS[name].value(value) for name, value in hit.groupdict().items()}
        kind = bare(kind)
        yield Said("t_in_ahead" if kind == "t_in_likewise" else kind, values, -1)
        rest = rest[hit.end() :]


def _throughout(caption: str) -> dict[str, str]:
    """The numbers of a caption that are the same in every row."""
    said = re.search(r"(?:Throughout: |各行相同：)(.*)[.。]$", caption)
    return dict(re.findall(r"([^;；]+?) = ([^;；]+)", re.sub(r"[;；] ?", ";", said[1]))) if said else {}


def paragraphs(document: Document) -> list[str]:
    """The text of every paragraph."""
    return [text(block, document.lang) for block in _blocks(document) if not isinstance(block, Table)]


#: Why a claim has its verdict, the clauses of a title, and everything else.
OF_CLAIMS = tuple(kind for kind in SENTENCES if kind.startswith("why_"))
OF_TITLES = tuple(kind for kind in SENTENCES if bare(kind).startswith("t_"))
OF_RESULTS = tuple(kind for kind in SENTENCES if kind not in OF_CLAIMS + OF_TITLES)

#: Fields that are read as no sentences: titles, captions, and what names no result.
UNREAD = ("title", "heading", "caption", "note", "factor", "coverage", "question", "setting", "imprint", "untested")
UNREAD += ("finding",)

#: Parts whose text is about no result, and that of further responses, whose own reports are read.
SILENT = ("references", "dictionary", "methods", "further")


def _blocks(document: Any) -> Iterator[Markup | Table]:
    """Markup and tables of a dataclass, in the order of its fields and of their items; titles and captions are none."""
    if isinstance(document, Table):
        yield document
    elif is_dataclass(document):
        if getattr(document, "key", None) in SILENT:
            return
        for field in fields(document):
            if field.name not in UNREAD:
                yield from _blocks(getattr(document, field.name))
    elif isinstance(document, tuple):
        for one in document:
            yield from _blocks(one)
    elif isinstance(document, Markup):
        yield document


#: The link at the end of every reason.
EVIDENCE: dict[Language, str] = {"en": "Evidence", "zh": "依据"}


def _reasons(claims: Lines, lang: Language) -> Iterator[tuple[str, Said]]:
    """The verdict of each claim and why, where it was tested at all."""
    for verdict, _, why in claims.rows:
        (one,) = _sentences(why.removesuffix(EVIDENCE[lang]).strip(), lang, -1, OF_CLAIMS)
        yield KNOWN["verdict"][verdict], one


def text(markup: str, lang: Language) -> str:
    """What a reader sees, without footnotes; the units of both languages are the same, and folds are read as seeds."""
    seen = re.sub(r'<span class="footnote">.*?</span>', "", markup, flags=re.DOTALL)
    seen = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<sup>(.*?)</sup>", r"^\1", seen)))
    seen = " ".join(seen.replace("\u00a0", " ").split())
    seen = _as_seeds(seen, lang)
    for own, common in UNITS.items() if lang == "zh" else ():
        seen = seen.replace(own, common)
    return seen


def _as_seeds(said: str, lang: Language) -> str:
    """What is said of folds as it is said of seeds."""
    if lang == "en":
        return re.sub(r"\bfold(?=s?\b)", "seed", said)
    return re.sub("折(?:数(?=太少|这样少|这么少|较少))?", "种子", said)


UNITS = {" 个百分点": " pp", " 奈特": " nats", " 个种子": " seeds"}


def _sentences(paragraph: str, lang: Language, number: int, known: tuple[str, ...]) -> Iterator[Said]:
    """The statements of a paragraph, in order."""
    rest = paragraph.strip()
    while rest:
        found = next(((kind, hit) for kind in known if (hit := _pattern(kind, lang).match(rest))), None)
        if found is None:
            hit = next((hit for one in _without_result(lang) if (hit := one.match(rest))), None)
            if hit is None:
                raise UnreadError(f"no pattern knows the {lang} sentence: {rest[:300]!r}")
        else:
            kind, hit = found
            values = {name: KINDS[name].value(value) for name, value in hit.groupdict().items()}
            yield Said(bare(kind), values, number)
        rest = rest[hit.end() :].strip()


@cache
def _pattern(kind: str, lang: Language) -> re.Pattern[str]:
    return re.compile(_expression(kind, lang), re.IGNORECASE if bare(kind).startswith("c_") else re.NOFLAG)


@cache
def _clause(kind: str, lang: Language) -> re.Pattern[str]:
    return re.compile(rf"{_expression(kind, lang)}(?:$|; but |; |；但|；)", re.IGNORECASE)


def _expression(kind: str, lang: Language) -> str:
    pattern = re.escape(_as_seeds(SENTENCES[kind][lang], lang)).replace(r"\ \?", " ?").replace(r"\ ", " ")
    first, *others = re.split(r"\\\{(\w+)\\\}", pattern)
    parts, seen = [first], set[str]()
    for name, text in zip(others[::2], others[1::2], strict=True):
        # What is named twice is the same both times.
        parts += [f"(?P={name})" if name in seen else f"(?P<{name}>{KINDS[name].pattern[lang == 'zh']})", text]
        seen.add(name)
    return "".join(parts)


@cache
def _without_result(lang: Language) -> list[re.Pattern[str]]:
    messages = [text(catalogue(lang).messages[key], lang) for key in KNOWN["catalogue"]["no_result"]]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".*?", re.escape(one))) for one in messages if one]
