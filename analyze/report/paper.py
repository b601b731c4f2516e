"""An HTML page for WeasyPrint, without styles that it would keep for every element and that none of them has.

Its own style sheet names six boxes beside each element: a list's marker, two of footnotes and three of notes. With
thousands of cells in tables they were a tenth of the memory of a report.
"""

import re
from importlib import resources

from weasyprint import CSS, HTML

_OF_NOTES = re.compile(r"^::note-\S+ \{[^}]*\}$", re.MULTILINE)
_OF_FOOTNOTES = re.compile(r"^(?=::footnote-\S+ \{)", re.MULTILINE)


class Paper(HTML):  # type: ignore[misc]  # WeasyPrint brings no types
    """HTML whose footnotes are of class `footnote`, and that has no other notes.

    The overridden method is the one by which WeasyPrint's own tests replace the sheet; were it gone, the whole sheet
    would be back, and the page the same.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002, FBT001, FBT002  WeasyPrint's signature
        sheet = (resources.files("weasyprint.css") / "html5_ua.css").read_text("utf-8")
        return [CSS(string=_OF_FOOTNOTES.sub(".footnote", _OF_NOTES.sub("", sheet)))]
