"""The page for WeasyPrint: fewer styles, the same pages."""

import re

import pytest
from weasyprint import HTML

from analyze.report.paper import Paper
from analyze.report.write import render
from tests.analyze.sample import rich

PAGE = """<html lang=en><title>A page</title><style>.footnote { float: footnote }</style>
<h1>Heads</h1><p>A claim<span class="footnote">Its note.</span> and another<span class="footnote">Another.</span>.</p>
<ol><li>first<li>second</ol><ul><li>third</ul><table><tr><th>a<td>1</table><p><q>said</q><br>done</p></html>"""


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")


def test_pages_are_those_of_the_whole_sheet() -> None:
    """Footnotes, lists, quotes and tables come out byte for byte as with WeasyPrint's own sheet."""
    assert Paper(string=PAGE).write_pdf(pdf_tags=True) == HTML(string=PAGE).write_pdf(pdf_tags=True)


def test_cells_have_no_styles_of_notes() -> None:
    """No style of a footnote or a note is left that would be kept for every element."""
    (sheet,) = Paper(string=PAGE)._ua_stylesheets()
    (whole,) = HTML(string=PAGE)._ua_stylesheets()
    kept, all_of_them = ([entry[3] for entry in css.matcher.other_selectors] for css in (sheet, whole))
    assert {"note-call", "footnote-call", "marker"} <= set(all_of_them)
    assert {name for name in kept if name} == {"marker"}


def test_what_is_printed_is_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every element that is left for paper ends as often as it begins."""
    given: list[str] = []
    monkeypatch.setattr("analyze.report.pdf.render", lambda markup, **_: given.append(markup) or b"")
    render(rich(), fmt="pdf", lang="en")
    [markup] = given
    for tag in ("code", "span", "td", "th", "abbr", "sup"):
        begun, ended = (len(re.findall(pattern, markup)) for pattern in (rf"<{tag}[ >]", f"</{tag}>"))
        assert begun == ended > 2, tag
