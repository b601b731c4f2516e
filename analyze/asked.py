"""What the words of a command line ask for: the study that they name, what is to be written, and where."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from analyze import said
from analyze.errors import UsageError
from analyze.options import Asked
from analyze.report import files
from analyze.report.files import STDOUT
from analyze.report.formats import Format, format_of

if TYPE_CHECKING:
    from analyze.study.load import StudyData


def formats_wanted(formats: list[Format], out: Path | None) -> list[Format]:
    """The formats to write, where --format and --out do not contradict each other.

    Raises:
        UsageError: they do.
        CannotWriteError: --out names a place that cannot be written.
    """
    if out is None:
        return formats or ["pdf"]
    if len(formats) > 1:
        names, number = " and ".join(formats), "two" if len(formats) == 2 else len(formats)
        raise UsageError(
            f"--out {out} names one file, but {names} are {number} formats; drop --out, or name one format"
        )
    if out == STDOUT:
        wanted = formats or ["pdf"]
        if wanted == ["pdf"] and sys.stdout.isatty():
            raise UsageError("a PDF is nothing for a terminal; write --out report.pdf, or choose --format md")
        return wanted
    asked = format_of(out)
    if formats not in ([], [asked]):
        raise UsageError(f"--out {out} says {asked} by its ending, and --format {formats[0]}; drop one of them")
    files.require_writable(out)
    return [asked]


def require_sense(wanted: list[Format], out: Path | None, *, full: bool, show: bool, as_json: bool) -> None:
    """Refuse options that ask for nothing here."""
    for name, given in (("--open", show), ("--json", as_json)):
        if given and out == STDOUT:
            raise UsageError(f"{name} needs a file, and --out - writes none; drop one of them")
    if full and "md" not in wanted:
        raise UsageError("--full is for Markdown, which is not written here; add --format md, or drop it")


def require_plannable(study: "StudyData") -> None:
    """Refuse a study whose power is not worked out: of levels that are not two, or of folds."""
    if not study.design.declared:
        raise UsageError(f"analyze power compares two levels of {study.design.factor}; add --contrast A B")
    if study.design.folds is not None:
        raise UsageError("analyze power counts independent seeds, and folds of the same data are none; drop --folds")


def study_of(asked: Asked) -> "StudyData":
    """The study at these places, or the newest; what is worth knowing of its tables is said."""
    from analyze.report.words.catalogue import catalogue  # noqa: PLC0415  # keeps --help fast
    from analyze.study.files import opened  # noqa: PLC0415
    from analyze.study.load import load  # noqa: PLC0415
    from analyze.study.remote import fetch  # noqa: PLC0415
    from analyze.study.stored import newest_study  # noqa: PLC0415

    places = [fetch(one) if "://" in one else Path(one) for one in asked.places] or [newest_study()]
    study = load(opened(*places), **asked.options)
    for note in study.notes:
        said.warn(f"{' '.join(map(str, places))}: {catalogue('en').text(f'note.{note.code}', **note.numbers)}")
    return study


def place_of(asked: Asked, study: "StudyData", name: str, ending: str = "") -> Path:
    """Where a result goes: into the study's folder, or beside a file, whose name it then begins with.

    The current folder stands in for one that cannot be written, or a bucket.
    """
    here = not any("://" in one for one in asked.places) and os.access(study.folder, os.W_OK)
    folder = study.folder if here else Path()
    return folder / (f"{study.file}.{name}{ending}" if study.file else f"{name}{ending}")
