"""Findings -> a document: prose, tables and figures in seven parts, as PDF, HTML, Markdown or JSON.

The one module that knows all of them. It computes nothing: numbers come from Findings, their text from display.
"""

import base64
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Literal

import jinja2
from markupsafe import Markup

from analyze import parts, pdf
from analyze.catalogue import Catalogue, Language, catalogue
from analyze.errors import CannotWriteError
from analyze.figures.style import SCREEN_COLOURS
from analyze.findings import Findings, to_json
from analyze.parts import Document

Format = Literal["pdf", "html", "json", "md"]
Tell = Callable[[str], None]


def write(findings: Findings, path: Path, *, fmt: Format, lang: Language, tell: Tell = lambda _: None) -> None:
    """Write the report of these findings to `path`, whole or not at all.

    Args:
        findings: what the report may say.
        path: the file; its folder is created.
        fmt: json is the same in both languages.
        lang: en or zh.
        tell: called with the name of each stage before it begins.

    Raises:
        CannotWriteError: the file cannot be written.
        MissingLibraryError: a PDF needs a system library that is not installed.
        MissingFontError: no installed font has some of the characters of a PDF.
    """
    content = render(findings, fmt=fmt, lang=lang, tell=tell)
    try:
        _replace(path, content)
    except OSError as error:
        raise CannotWriteError(f"{path} cannot be written: {error.strerror or error}") from error


def render(findings: Findings, *, fmt: Format, lang: Language, tell: Tell = lambda _: None) -> bytes:
    """The report as bytes; arguments and errors as for `write`."""
    if fmt == "json":
        return to_json(findings)
    words = catalogue(lang)
    document = parts.compose(findings, words, figures=fmt != "md", tell=tell)
    tell("stage.layout")
    if fmt == "md":
        return _fill("report.md.jinja", document, words).encode()
    if fmt == "html":
        return _fill("report.html.jinja", document, words, paged=False).encode()
    when = pdf.made_at()
    markup = _fill("report.html.jinja", document, words, paged=True, when=when.isoformat())
    markup = _for_paper(markup)
    return pdf.render(
        markup, attached=to_json(findings), name="report.json", description=words.text("methods.attached"), when=when
    )


def _fill(template: str, document: Document, words: Catalogue, **extra: object) -> str:
    """The template with this document; an undefined name is a mistake, not an empty string."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("report_templates", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"md": to_markdown, "data_url": _data_url, "inline": _inline}
    style = (resources.files("report_templates") / "report.css").read_text("utf-8")
    page = environment.get_template(template)
    return page.render(document=document, words=words, style=Markup(style), **extra)  # noqa: S704  our own stylesheet


def to_markdown(markup: Markup) -> str:
    r"""Markup as Markdown on one line: code and emphasis kept, everything else escaped.

    >>> to_markdown(Markup("<i>p</i> of <code>act_bn</code> *"))
    '*p* of `act_bn` \\*'
    """
    noted = re.sub(r'<span class="footnote">(.*?)</span>', r" (\1)", str(markup))
    pieces = re.split(r"(<[^>]*>)", noted)
    marks = {"<i>": "*", "</i>": "*", "<b>": "**", "</b>": "**", "<sup>": "^"}
    text, in_code = "", False
    for piece in pieces:
        if piece.startswith("<code") or piece == "</code>":
            in_code = piece != "</code>"
            text += "`"
        elif piece.startswith("<"):
            text += marks.get(piece, "")
        else:
            plain = " ".join(Markup(piece).unescape().replace("\u00a0", " ").split(" "))  # noqa: S704  escaped below
            text += plain.replace("`", "'") if in_code else re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", plain)
    return text.replace("|", "\\|") if "|" in text and in_code else text


def _for_paper(markup: str) -> str:
    """Without elements that paper has no use for: each would be a box to lay out, and there are thousands."""
    markup = re.sub(r"</?data\b[^>]*>", "", markup)
    markup = re.sub(r'<span class="cell">(.*?)</span>', r"\1", markup)
    return re.sub(r'(<td class="number">)<span class="stat">(.*?)</span>(</td>)', r"\1\2\3", markup)


def _data_url(svg: bytes) -> str:
    """A figure as a data: URL, in the typefaces that the PDF brings along."""
    printed = svg.replace(pdf.CHINESE_FAMILY.encode(), pdf.PRINTED_FAMILY.encode())
    return "data:image/svg+xml;base64," + base64.b64encode(printed).decode()


def _inline(svg: bytes, key: str) -> Markup:
    """A figure as an element of an HTML page: identifiers of its own, colours of the page's palette."""
    text = svg[svg.index(b"<svg") :].decode()
    text = re.sub(r'\bid="', f'id="{key}-', text)
    text = re.sub(r"url\(#", f"url(#{key}-", text)
    text = re.sub(r'xlink:href="#', f'xlink:href="#{key}-', text)
    for colour, variable in SCREEN_COLOURS.items():
        text = text.replace(colour, f"var({variable})")
    return Markup(text)  # noqa: S704  made by matplotlib, which escapes names


def _replace(path: Path, content: bytes) -> None:
    """Write aside, then rename: a reader never meets half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(aside).chmod(0o666 & ~umask)
        Path(aside).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(aside).unlink()
        raise
