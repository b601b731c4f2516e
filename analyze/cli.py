"""analyze: test a study and write the report. Stdout carries results only; a mistake costs one sentence."""

import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyze.errors import AnalyzeError, UsageError
from analyze.report.visible import visible

if TYPE_CHECKING:
    from analyze.study.load import StudyData

app = typer.Typer(
    help="Test a factorial study properly and print the report. Begin with: analyze report",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[
    str | None,
    typer.Argument(metavar="DIR", help="A study's folder or URL.  [default: the newest study under data/]"),
]
Margin = Annotated[
    float | None, typer.Option(metavar="PP", help="Equivalence margin in percentage points, instead of the study's.")
]
Target = Annotated[
    list[float] | None,
    typer.Option(metavar="ACC", help="Target accuracy between 0 and 1, instead of the study's. Repeatable."),
]
Factor = Annotated[str | None, typer.Option(metavar="NAME", help="Another primary factor.")]
Contrast = Annotated[
    tuple[str, str] | None, typer.Option(metavar="A B", help="Two levels of the primary factor: A minus B.")
]

#: A message of more characters is cut: a name may have any length.
MOST_SAID = 2000


class Format(StrEnum):
    """What a report can be written as."""

    PDF = "pdf"
    HTML = "html"
    JSON = "json"
    MD = "md"


class TableFormat(StrEnum):
    """What result tables can be written as."""

    CSV = "csv"
    PARQUET = "parquet"


class Language(StrEnum):
    """Languages of the report."""

    EN = "en"
    ZH = "zh"


@app.callback()
def _root() -> None:
    """Keep `report` a command of its own, whatever the number of commands."""


@app.command()
def report(
    folder: Folder = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", help="Repeatable.  [default: pdf]", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.  [default: report.<format> in the study]")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the report.")] = Language.EN,
    show: Annotated[bool, typer.Option("--open", help="Open the report when it is written.")] = False,  # noqa: FBT002  # a flag
    margin: Margin = None,
    target: Target = None,
    factor: Factor = None,
    contrast: Contrast = None,
) -> None:
    """Carry out the analysis plan on a study and write the report."""
    wanted = list(dict.fromkeys(formats or [Format.PDF]))
    if out and len(wanted) > 1:
        names = " and ".join(one.value for one in wanted)
        raise UsageError(f"--out {out} names one file, but {names} are two formats; drop --out or one --format")
    study = _study(folder, margin, target, factor, contrast)

    from analyze import analysis  # noqa: PLC0415  # keeps --help fast
    from analyze.progress import stages  # noqa: PLC0415
    from analyze.report import write as reports  # noqa: PLC0415
    from analyze.report.words.catalogue import catalogue  # noqa: PLC0415

    with stages(catalogue(_literal_language(lang))) as tell:
        tell("stage.analysis")
        findings = analysis.analyse(study)
        for one in wanted:
            name = f"report.{one.value}" if lang is Language.EN else f"report.{lang.value}.{one.value}"
            path = out or _place(folder, study) / name
            reports.write(findings, path, fmt=_literal_format(one), lang=_literal_language(lang), tell=tell)
            _print_path(path)
            if show:
                typer.launch(str(path.resolve()))


@app.command()
def tables(
    folder: Folder = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="[default: tables/ in the study]")] = None,
    ending: Annotated[TableFormat, typer.Option("--format", help="Format of the files.")] = TableFormat.CSV,
    margin: Margin = None,
    target: Target = None,
    factor: Factor = None,
    contrast: Contrast = None,
) -> None:
    """Write every result table, with a data dictionary."""
    study = _study(folder, margin, target, factor, contrast)

    from analyze import analysis  # noqa: PLC0415  # keeps --help fast
    from analyze.report import result_tables as results  # noqa: PLC0415

    for path in results.write(analysis.analyse(study), out or _place(folder, study) / "tables", fmt=ending.value):
        _print_path(path)


@app.command()
def check(
    folder: Folder = None,
    margin: Margin = None,
    target: Target = None,
    factor: Factor = None,
    contrast: Contrast = None,
) -> None:
    """Say whether the design can answer, and what is missing. Exit code 1: it cannot."""
    study = _study(folder, margin, target, factor, contrast)

    from analyze import check as checks  # noqa: PLC0415  # keeps --help fast

    found = checks.examine(study)
    for one in found:
        typer.echo(f"{one.state:<6} {one.topic:<11} {visible(one.says)}")
    if not checks.able(found):
        raise typer.Exit(1)


@app.command()
def power(folder: Folder = None, margin: Margin = None, factor: Factor = None, contrast: Contrast = None) -> None:
    """Smallest detectable gap, and the seeds that equivalence within the margin needs (power 80 %)."""
    study = _study(folder, margin, None, factor, contrast)

    from analyze.measures import response  # noqa: PLC0415
    from analyze.report.words.display import fixed  # noqa: PLC0415
    from analyze.sections import precision  # noqa: PLC0415
    from analyze.study import pairing  # noqa: PLC0415  # keeps --help fast

    paired = pairing.arms(study.trials, response.percent(study, "running"), study.design)
    lines: list[tuple[str, ...]] = [("cell", "sd of gap, pp", "smallest detectable gap, pp", "seeds for the margin")]
    for row, _ in precision.rows(paired, study.design.margin_pp, study.design.alpha):
        cell = ", ".join(f"{name}={level}" for name, level in row.cell.items()) or "mean over cells"
        numbers = ["–" if number is None else fixed(number, 3) for number in (row.sd, row.smallest_detectable_pp)]
        lines.append((visible(cell), *numbers, "–" if row.seeds_for_margin is None else str(row.seeds_for_margin)))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    for line in lines:
        first, *rest = (text.rjust(width) for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join([first.strip().ljust(widths[0]), *rest]))


def _literal_format(one: Format) -> Literal["pdf", "html", "json", "md"]:
    return one.value


def _literal_language(one: Language) -> Literal["en", "zh"]:
    return one.value


def _study(
    folder: str | None,
    margin: float | None,
    target: Sequence[float] | None,
    factor: str | None,
    contrast: tuple[str, str] | None,
) -> "StudyData":
    from analyze.report.words.catalogue import catalogue  # noqa: PLC0415  # keeps --help fast
    from analyze.study.load import load, newest_study  # noqa: PLC0415
    from analyze.study.remote import fetch  # noqa: PLC0415

    place = newest_study() if folder is None else fetch(folder) if "://" in folder else Path(folder)
    study = load(place, factor=factor, contrast=contrast, margin_pp=margin, targets=tuple(target or ()))
    for note in study.notes:
        _warn(f"{place}: {catalogue('en').text(f'note.{note.code}', **note.numbers)}")
    return study


def _place(folder: str | None, study: "StudyData") -> Path:
    """Where results go: the study's folder, or here where that cannot be written or is a bucket."""
    return study.folder if "://" not in (folder or "") and os.access(study.folder, os.W_OK) else Path()


def main(arguments: Sequence[str] | None = None) -> None:
    """The `analyze` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    given = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = command.main(args=given, prog_name="analyze", standalone_mode=False)
    except AnalyzeError as error:
        code = _refuse(str(error))
    except typer.Abort:
        code = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it, whatever package they come from
            raise
        code = _refuse(error.format_message())
    sys.exit(code or 0)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as the program ends by itself, so that what it wrote aside is removed."""
    raise SystemExit(128 + number)


def _refuse(message: str) -> int:
    _warn(message)
    return 2


def _warn(message: str) -> None:
    said = message if len(message) <= MOST_SAID else f"{message[:MOST_SAID]} …"
    print("analyze:", visible(said), file=sys.stderr)  # noqa: T201  # the one line a user reads


def _print_path(path: Path) -> None:
    """A result's path: as it is for a program, as it can be read on a terminal."""
    print(visible(str(path)) if sys.stdout.isatty() else path)  # noqa: T201  # echo would cut colours out of a path
