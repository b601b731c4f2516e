"""Findings -> a document: prose, tables and figures in seven parts, as PDF, HTML, Markdown or JSON.

The one module that knows all of them. It computes nothing: numbers come from Findings, their text from display.
"""

import base64
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup
from pydantic import BaseModel

from analyze.findings import Findings
from analyze.report import files, pdf
from analyze.report.document import Document, compose
from analyze.report.figures.style import SCREEN_COLOURS, within_tags
from analyze.report.json_twin import to_json
from analyze.report.markdown import to_markdown
from analyze.report.visible import guarded, visible
from analyze.report.words.catalogue import Catalogue, Language, catalogue

Format = Literal["pdf", "html", "json", "md"]
Tell = Callable[[str], None]

#: What stands before an identifier in a figure.
REFERENCES = (' id="', "url(#", 'xlink:href="#')


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
    files.replace(path, render(findings, fmt=fmt, lang=lang, tell=tell))


def render(findings: Findings, *, fmt: Format, lang: Language, tell: Tell = lambda _: None) -> bytes:
    """The report as bytes; arguments and errors as for `write`."""
    if fmt == "json":
        return to_json(findings)
    words = catalogue(lang)
    # Whatever somebody else wrote comes through here, and nothing else does.
    document = compose(_readable(findings), words, figures=fmt != "md", tell=tell)
    tell("stage.layout")
    if fmt == "md":
        return _fill("report.md.jinja", document, words).encode()
    if fmt == "html":
        return _fill("report.html.jinja", document, words, paged=False).encode()
    when = pdf.made_at()
    markup = _fill("report.html.jinja", document, words, paged=True, when=when.isoformat())
    markup = _for_paper(markup)
    description = words.text("methods.attached")
    return pdf.render(markup, attached=to_json(findings), name="report.json", description=description, when=when)


def _readable(value: Any) -> Any:
    """A record, or any value in one, with every text in it visible; the keys of mappings too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _readable(one) for name, one in value})
    if isinstance(value, dict):
        return {_readable(key): _readable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_readable, value))
    return value


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
    made = page.render(document=document, words=words, style=Markup(style), **extra)  # noqa: S704  our own stylesheet
    return guarded(made)


def _for_paper(markup: str) -> str:
    """Without elements that paper has no use for: each would be a box to lay out, and there are thousands."""
    markup = re.sub(r"</?data\b[^>]*>", "", markup)
    markup = re.sub(r'<span class="cell">(.*?)</span>', r"\1", markup)
    return re.sub(r'(<td class="number">)<span class="stat">(.*?)</span>(</td>)', r"\1\2\3", markup)


def _data_url(svg: bytes) -> str:
    """A figure as a data: URL, in the typefaces that the PDF brings along."""
    printed = within_tags(svg.decode(), {pdf.CHINESE_FAMILY: pdf.PRINTED_FAMILY}).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(printed).decode()


def _inline(svg: bytes, key: str) -> Markup:
    """A figure as an element of an HTML page: identifiers of its own, colours of the page's palette."""
    replaced = {one: f"{one}{key}-" for one in REFERENCES}
    replaced |= {colour: f"var({variable})" for colour, variable in SCREEN_COLOURS.items()}
    drawn = within_tags(svg[svg.index(b"<svg") :].decode(), replaced)
    return Markup(drawn)  # noqa: S704  made by matplotlib, which escapes names
