"""What a page carries along for its reader: the JSON twin, and the result tables as CSV files in an archive."""

import base64
import gzip
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from analyze.findings import Findings
from analyze.report import result_tables
from analyze.report.json_twin import to_json

#: A larger JSON twin is compressed: a page has to stay below two megabytes.
LARGEST_JSON = 500_000

#: The year in which the time of ZIP files begins: an archive says nothing of when it was made.
NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Download:
    """A file by its name, within a link: the file itself as a data: URL, and its size in bytes."""

    name: str
    url: str
    size: int

    @property
    def kilobytes(self) -> int:
        """Its size as a reader is told it, in kB of 1000 bytes."""
        return max(1, round(self.size / 1000))


def downloads(findings: Findings) -> tuple[Download, ...]:
    """report.json, or report.json.gz, and tables.zip of these findings, the same bytes at every call."""
    twin, tables = to_json(findings), _archive(result_tables.files_of(findings, fmt="csv"))
    whole = len(twin) <= LARGEST_JSON
    return (
        _download("report.json", "application/json", twin)
        if whole
        else _download("report.json.gz", "application/gzip", gzip.compress(twin, mtime=0)),
        _download("tables.zip", "application/zip", tables),
    )


def _download(name: str, kind: str, content: bytes) -> Download:
    return Download(name, f"data:{kind};base64,{base64.b64encode(content).decode()}", len(content))


def _archive(files: Mapping[str, bytes]) -> bytes:
    """The files in one archive, without a time and without an owner."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
