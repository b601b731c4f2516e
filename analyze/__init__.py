"""Turns a study's Parquet tables, or anybody's trials, into findings, and findings into a report. Never imports torch.

    study = analyze.read("runs.csv", factor="optimizer")
    findings = analyze.analyse(study)
    print(findings.answer())
    analyze.write(findings, "report.pdf")

Everything slow is imported when it is called. A mistake raises `AnalyzeError`, whose message is one sentence.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from analyze.errors import AnalyzeError

if TYPE_CHECKING:
    from typing import Unpack

    from analyze.findings import Findings
    from analyze.study.frames import Frame
    from analyze.study.load import StudyData
    from analyze.study.options import Options

__all__ = ["AnalyzeError", "analyse", "read", "write"]


def read(source: "str | Path | Frame", **question: "Unpack[Options]") -> "StudyData":
    """Read and validate a study, with the question put to it.

    Args:
        source: a study's folder or URL, a file of trials (.csv, .tsv, .jsonl, .parquet, .feather), a folder of such
            parts, or a table in memory: of pandas (a named index is a column), polars, Arrow, or whatever else speaks
            Arrow's C stream.
        question: the options of `analyze report`: `factor`, `contrast` (two levels, first minus second), `moderators`,
            `ignore`, `margin` (in the unit of the response: percentage points of an accuracy, a ratio on the log
            scale), `targets` (shares), `trial_id` and `seed` (names of columns), `response` (a column), `better`
            ("higher", "lower" or "neither"), `unit` ("share", "percent" or any other), `scale` ("raw", "log" or
            "logit"), `paired` (whether runs of a seed are pairs), `threshold` (a number that all runs are compared
            with), `folds` (k, where each seed is one fold of k-fold cross-validation). What is left out is the study's
            own, or what the table shows.

    Raises:
        StudyNotFoundError: there are no trials.
        InvalidTableError: a column is missing, or holds values that mean nothing.
        UsageError: an option names no factor, level, margin or target.
    """
    from analyze.study import frames  # noqa: PLC0415  # keeps `import analyze` fast
    from analyze.study.load import load  # noqa: PLC0415
    from analyze.study.options import checked  # noqa: PLC0415
    from analyze.study.remote import fetch  # noqa: PLC0415

    question = checked(**question)
    if isinstance(source, str) and "://" in source:
        return load(fetch(source), **question)
    if isinstance(source, str | Path):
        return load(Path(source), **question)
    return frames.load(source, **question)


def analyse(study: "StudyData") -> "Findings":
    """Carry out the analysis plan: every test that the study supports, unrounded, with a reason for every gap."""
    from analyze import analysis  # noqa: PLC0415  # keeps `import analyze` fast

    return analysis.analyse(study)


def write(findings: "Findings", path: str | Path, *, lang: Literal["en", "zh"] = "en") -> None:
    """Write the report of these findings to a file, whole or not at all; its folder has to be there.

    Args:
        findings: what the report may say.
        path: its ending decides the format: .pdf, .html, .json, or .md, which is brief and has its figure beside it.
        lang: en or zh; json is the same in both.

    Raises:
        UsageError: the ending is no format.
        CannotWriteError: the file cannot be written.
        MissingLibraryError: a PDF needs a system library that is not installed.
        MissingFontError: no installed font has some of the characters of a PDF.
    """
    from analyze.report import libraries  # noqa: PLC0415  # keeps `import analyze` fast
    from analyze.report.formats import format_of  # noqa: PLC0415

    fmt = format_of(Path(path))
    libraries.keep_quiet()  # before they are imported
    from analyze.report import write as reports  # noqa: PLC0415

    reports.require({fmt: Path(path)})
    reports.write(findings, Path(path), fmt=fmt, lang=lang, brief=True)
