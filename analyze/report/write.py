"""Findings -> a document: prose, tables and figures in seven parts, as PDF, HTML, Markdown or JSON.

The one module that knows all of them. It computes nothing: numbers come from Findings, their text from display.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import files, pdf, tables
from analyze.report.document import Document, compose
from analyze.report.downloads import downloads
from analyze.report.figures import NARROW, WIDE
from analyze.report.figures.hover import untitled
from analyze.report.figures.style import PAPER, within_tags
from analyze.report.formats import Format
from analyze.report.json_twin import to_json
from analyze.report.markdown import to_markdown
from analyze.report.on_screen import inline, with_shared_styles
from analyze.report.picture import pictures
from analyze.report.prose.verdicts import verdicts
from analyze.report.readable import readable
from analyze.report.subject import about
from analyze.report.visible import guarded
from analyze.report.words.catalogue import Catalogue, Language, catalogue
from analyze.report.words.chinese import spaced, typeset

#: The pages that figures of a format are drawn for; a narrow window shows others than a wide one.
WIDTHS: Mapping[Format, tuple[float, ...]] = {"pdf": (WIDE,), "html": (WIDE, NARROW), "md": (), "json": ()}

#: Parts for those who look something up, on a screen or in the data; on paper they would fill six pages.
NOT_ON_PAPER = ("tables", "dictionary")

#: Spaces as wide as what they stand for, a figure or a point.
SPACES = str.maketrans({"0": "\u2007", ".": "\u2008", ",": "\u2008"})

Tell = Callable[[str], None]


def require(places: Mapping[Format, Path]) -> None:
    """Refuse, before anything is worked out, what could not be written in the end.

    Raises:
        CannotWriteError: a file cannot be written.
        MissingLibraryError: a PDF needs a system library that is not installed.
    """
    for fmt, path in places.items():
        if path != files.STDOUT:
            files.require_writable(path)
            if fmt == "md":
                files.require_writable(figure_beside(path))
        if fmt == "pdf":
            pdf.require_libraries()


def write(
    findings: Findings, path: Path, *, fmt: Format, lang: Language, brief: bool = False, tell: Tell = lambda _: None
) -> None:
    """Write the report of these findings to `path`, whole or not at all; Markdown with its figure in a file beside it.

    Args:
        findings: what the report may say.
        path: the file; its folder is created.
        fmt: json is the same in both languages.
        lang: en or zh.
        brief: Markdown of what a pull request needs, not of everything.
        tell: called with the name of each stage before it begins.

    Raises:
        CannotWriteError: the file cannot be written.
        NoRoomError: the disk is full.
        MissingLibraryError: a PDF needs a system library that is not installed.
        MissingFontError: no installed font has some of the characters of a PDF.
    """
    figure = None
    if fmt == "md":
        drawn = pictures(readable(findings), catalogue(lang), tell)("headline")
        if drawn:
            beside = figure_beside(path)
            files.replace(beside, _on_paper(drawn.svg))
            alt, caption = to_markdown(Markup.escape(drawn.alt)), to_markdown(drawn.caption)
            figure = f"![{alt}]({quote(beside.name)})\n\n{caption}"
    files.replace(path, render(findings, fmt=fmt, lang=lang, brief=brief, figure=figure, tell=tell))


def figure_beside(path: Path) -> Path:
    """The file of the figure that a Markdown report shows."""
    return path.with_suffix(".headline.svg")


def render(
    findings: Findings,
    *,
    fmt: Format,
    lang: Language,
    brief: bool = False,
    figure: str | None = None,
    tell: Tell = lambda _: None,
) -> bytes:
    """The report as bytes; arguments and errors as for `write`; `figure` is the Markdown that shows one."""
    if fmt == "json":
        return to_json(findings)
    # Whatever somebody else wrote comes through here, and nothing else does.
    shown = readable(findings)
    words = about(shown, catalogue(lang))
    # Not in the words that speak of the first response: each other one has its own.
    document = compose(shown, catalogue(lang), widths=WIDTHS[fmt], attached=fmt == "pdf", tell=tell)
    tell("stage.layout")
    if fmt == "md":
        parts = {"cells": tables.decided_cells(shown, words), "claims": tables.judged_claims(shown, words)}
        template = "brief.md.jinja" if brief else "report.md.jinja"
        made = _fill(template, document, words, figure=figure, verdicts=verdicts(shown, words), **parts)
        return (re.sub(r"\n{3,}", "\n\n", made).strip() + "\n").encode()
    if fmt == "html":
        page = _fill("report.html.jinja", document, words, paged=False, downloads=downloads(findings))
        return with_shared_styles(page).encode()
    when = pdf.made_at()
    printed = replace(document, parts=tuple(part for part in document.parts if part.key not in NOT_ON_PAPER))
    markup = _fill("report.html.jinja", printed, words, paged=True, when=when.isoformat())
    markup = _for_paper(markup)
    description = words.text("methods.attached")
    return pdf.render(markup, attached=to_json(findings), name="report.json", description=description, when=when)


def _fill(template: str, document: Document, words: Catalogue, **extra: object) -> str:
    """The template with this document; an undefined name is a mistake, not an empty string."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("report_templates", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    chinese = document.lang == "zh"
    environment.filters |= {
        "md": _chinese_markdown if chinese else to_markdown,
        "data_url": _data_url,
        "inline": inline,
    }
    sheets = ("report.css", "paper.css") if extra.get("paged") else ("report.css",)
    style = "".join((resources.files("report_templates") / sheet).read_text("utf-8") for sheet in sheets)
    page = environment.get_template(template)
    made = page.render(document=document, words=words, style=Markup(style), **extra)  # noqa: S704  our own stylesheet
    return typeset(guarded(made)) if chinese and template.endswith(".html.jinja") else guarded(made)


def _chinese_markdown(markup: Markup, *, cell: bool = False) -> str:
    return to_markdown(Markup(spaced(markup)), cell=cell)  # noqa: S704  the same markup


def _for_paper(markup: str) -> str:
    """Without elements that paper has no use for: each would be a box to lay out, and there are thousands."""
    markup = re.sub(r"</?data\b[^>]*>", "", markup)
    markup = re.sub(r'<span class="cell">(.*?)</span>', r"\1", markup)
    return re.sub(r"<table\b.*?</table>", lambda table: _printed(table[0]), markup, flags=re.DOTALL)


def _printed(table: str) -> str:
    """A table whose names look like its other text, and whose pads are spaces as wide as a figure or a point."""
    table = re.sub(r"<code>(.*?)</code>", r"\1", table)
    return re.sub(r'<span class="pad" data-unseen="([0.,]+)"></span>', lambda pad: pad[1].translate(SPACES), table)


def _data_url(svg: bytes) -> str:
    """A figure as a data: URL, in the typefaces that the PDF brings along."""
    printed = within_tags(untitled(svg.decode()), {pdf.CHINESE_FAMILY: pdf.PRINTED_FAMILY}).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(printed).decode()


def _on_paper(svg: bytes) -> bytes:
    """A figure in a file of its own: on paper, for whatever shows it may be dark."""
    paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'.encode()
    return re.sub(rb"<svg[^>]*>", lambda found: found[0] + paper, svg, count=1)
