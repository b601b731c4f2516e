"""HTML -> one PDF that is PDF/UA-1 and PDF/A-3a at once, with its data attached.

WeasyPrint writes one conformance level; the finisher adds what the other asks for: PDF/UA's identifier in an
uncompressed metadata stream (ISO 19005-3, 6.6.2; ISO 14289-1, 5), a scope on every header cell (ISO 14289-1, 7.5) and
no interpolation of images (ISO 19005-3, 6.2.8).
"""

import base64
import io
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from analyze.errors import MissingFontError, MissingLibraryError
from analyze.report.figures.fonts import cjk_font

if TYPE_CHECKING:
    from weasyprint import Document

#: Packages with the system libraries that WeasyPrint loads.
SYSTEM_PACKAGES = (
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian) or brew install pango (macOS)"
)

#: The typefaces of the report, all brought by matplotlib: family, weight, style and file.
FACES = (
    ("STIXGeneral", "normal", "normal", "STIXGeneral.ttf"),
    ("STIXGeneral", "normal", "italic", "STIXGeneralItalic.ttf"),
    ("STIXGeneral", "bold", "normal", "STIXGeneralBol.ttf"),
    ("STIXGeneral", "bold", "italic", "STIXGeneralBolIta.ttf"),
    ("DejaVu Sans", "normal", "normal", "DejaVuSans.ttf"),
    ("DejaVu Sans", "bold", "normal", "DejaVuSans-Bold.ttf"),
    ("DejaVu Sans Mono", "normal", "normal", "DejaVuSansMono.ttf"),
)

#: The installed typeface of Chinese text, the name of what a document embeds of it, and the first character it is for.
CHINESE_FAMILY, PRINTED_FAMILY, FIRST_CHINESE = "Noto Sans CJK SC", "Printed Chinese", "\u2e80"

PDFUA_METADATA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>part of PDF/UA</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def made_at() -> datetime:
    """The document's date: SOURCE_DATE_EPOCH in seconds where it is set, else now; UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)


def require_libraries() -> None:
    """Refuse a PDF before anything is worked out for it.

    Raises:
        MissingLibraryError: a system library of WeasyPrint is not installed.
    """
    try:
        import weasyprint  # noqa: F401, PLC0415  only a PDF needs its system libraries
    except OSError as error:
        raise MissingLibraryError(
            f"a PDF needs the system libraries of Pango, which are not installed: {SYSTEM_PACKAGES}; "
            "--format html needs none of them"
        ) from error


def render(markup: str, *, attached: bytes, name: str, description: str, when: datetime) -> bytes:
    """The document as PDF bytes, with `attached` embedded under this name as the data behind the document.

    Raises:
        MissingLibraryError: a system library of WeasyPrint is not installed.
        MissingFontError: no installed font has some of the characters.
    """
    require_libraries()
    from weasyprint import CSS, Attachment  # noqa: PLC0415  only a PDF needs its system libraries
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415  likewise
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415  likewise

    from analyze.report.paper import Paper  # noqa: PLC0415  likewise

    fetcher = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    fonts = FontConfiguration()
    # A font in a data: URL would be read character by character, four million of them.
    faces = {f"face:{i}": face for i, face in enumerate([*latin_faces(), *chinese_faces(markup)])}
    style = CSS(
        string="\n".join(face.rule(url) for url, face in faces.items()),
        font_config=fonts,
        url_fetcher=lambda url: URLFetcherResponse(url, body=faces[url].font),
    )
    data = Attachment(
        string=attached,
        name=name,
        description=description,
        created=when,
        modified=when,
        relationship="Data",
        url_fetcher=fetcher,
    )
    with _complaints(), warnings.catch_warnings(action="ignore", category=ResourceWarning):
        # WeasyPrint leaves its colour profile for the garbage collector to close.
        return bytes(
            Paper(string=markup, url_fetcher=fetcher).write_pdf(
                stylesheets=[style],
                font_config=fonts,
                finisher=finish,
                pdf_variant="pdf/a-3a",
                attachments=[data],
            )
        )


@dataclass(frozen=True)
class Face:
    """A typeface that travels with the document, so that a machine without fonts prints the same."""

    family: str
    weight: str
    style: str
    font: bytes

    def rule(self, url: str) -> str:
        """The @font-face rule that fetches it from here."""
        return (
            f"@font-face {{ font-family: '{self.family}'; font-weight: {self.weight}; font-style: {self.style}; "
            f"src: url({url}) }}"
        )


def latin_faces() -> list[Face]:
    """The faces that every document brings along."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [Face(family, weight, style, (folder / file).read_bytes()) for family, weight, style, file in FACES]


def chinese_faces(markup: str) -> list[Face]:
    """Faces with the characters of this document alone, none without any or without their font.

    WeasyPrint would hold the whole of both installed files, forty megabytes, to print some hundred characters.
    """
    from fontTools import subset  # type: ignore[import-untyped]  # noqa: PLC0415  slow to import
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]  # noqa: PLC0415  likewise

    drawn = "".join(base64.b64decode(svg).decode() for svg in re.findall(r"image/svg\+xml;base64,([^\"]+)", markup))
    wanted = {*markup, *drawn, "\u00a0"}  # spaces and digits among Chinese characters are printed in their typeface
    regular = cjk_font()
    if max(wanted) < FIRST_CHINESE or regular is None or regular.suffix != ".ttc":
        return []
    kept = []
    for weight, path in (("normal", regular), ("bold", regular.with_name(regular.name.replace("Regular", "Bold")))):
        if not path.exists():
            continue
        with TTCollection(path, lazy=True) as faces:
            for font in [face for face in faces if face["name"].getBestFamilyName() == CHINESE_FAMILY]:
                keeper = subset.Subsetter(subset.Options(layout_features=["halt"], hinting=False))
                keeper.populate(text="".join(wanted))
                keeper.subset(font)
                small = io.BytesIO()
                font.save(small)
                kept.append(Face(PRINTED_FAMILY, weight, "normal", small.getvalue()))
    return kept


def finish(_document: "Document", pdf: Any) -> None:
    """Add to a PDF/A-3a what PDF/UA-1 asks for."""
    metadata = _referenced(pdf, pdf.catalog["Metadata"])
    metadata.stream = [part.replace(b"</rdf:RDF>", PDFUA_METADATA + b"</rdf:RDF>") for part in metadata.stream]
    metadata.compress = False
    for thing in pdf.objects:
        if "Interpolate" in getattr(thing, "extra", {}):
            thing.extra["Interpolate"] = "false"
        if getattr(thing, "compress", False) and thing.data.endswith(b"\r\nendstream"):
            thing.compress = False  # a stream that ends in a carriage return has a length that readers dispute
        if isinstance(thing, dict) and thing.get("S") == "/TR":
            _scope(pdf, thing)


def _scope(pdf: Any, row: dict[str, Any]) -> None:
    """Header cells of a row of headers head their columns; one before data cells heads its row."""
    cells = [_referenced(pdf, kid) for kid in row["K"]]
    alone = all(cell["S"] == "/TH" for cell in cells)
    for cell in cells:
        if cell["S"] == "/TH":
            cell["A"]["Scope"] = "/Column" if alone else "/Row"


def _referenced(pdf: Any, reference: Any) -> Any:
    """The object behind `12 0 R`."""
    return pdf.objects[int(reference.split()[0])]


@contextmanager
def _complaints() -> Iterator[None]:
    """Collect WeasyPrint's warnings and fail on characters that no font has.

    Raises:
        MissingFontError: no installed font has some of the characters.
    """
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    before = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before
    missing = [message for message in heard if ".notdef" in message]
    if missing:
        raise MissingFontError(
            f"no installed font can print {_characters(missing)}: install one (apt install fonts-noto-cjk "
            "fonts-noto-color-emoji on Debian), or use --format html"
        )


def _characters(messages: list[str]) -> str:
    """The characters that the messages name."""
    return (
        ", ".join(sorted({found for message in messages for found in re.findall(r'"(.+?)"', message)}))
        or "some characters"
    )
