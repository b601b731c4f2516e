"""analyze: test a study and write the report. Stdout carries results only; a mistake costs one sentence."""

import json
import shutil
import signal
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import typer

from analyze import said
from analyze.asked import formats_wanted, place_of, require_plannable, require_sense, study_of
from analyze.errors import AnalyzeError, UsageError
from analyze.options import Asked, Expect, Formats, Full, Json, Language, Out, TableFormat, Version, asking
from analyze.report import files, libraries
from analyze.report.files import STDOUT
from analyze.report.formats import formats_of
from analyze.report.visible import guarded_json, visible

app = typer.Typer(
    help="Test a factorial study properly and print the report. Begin with: analyze report",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(version: Version = False) -> None:  # noqa: FBT002  # a flag
    """What every command shares."""


@app.command()
@asking
def report(
    asked: Asked,
    formats: Formats = None,
    out: Out = None,
    lang: Annotated[Language, typer.Option(help="Language of the report.")] = Language.EN,
    full: Full = False,  # noqa: FBT002  # a flag
    show: Annotated[bool, typer.Option("--open", help="Open the report when it is written.")] = False,  # noqa: FBT002  # a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer and the files as JSON.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Carry out the analysis plan on a study and write the report."""
    wanted = formats_wanted(formats_of(formats or ()), out)
    require_sense(wanted, out, full=full, show=show, as_json=as_json)
    study = study_of(asked)

    from analyze import analysis  # noqa: PLC0415  # keeps --help fast
    from analyze.progress import stages  # noqa: PLC0415
    from analyze.report import write as reports  # noqa: PLC0415
    from analyze.report.terminal import sentence, summary  # noqa: PLC0415
    from analyze.report.words.catalogue import catalogue  # noqa: PLC0415

    language: Literal["en", "zh"] = lang.value
    ending = "" if lang is Language.EN else f".{lang.value}"
    places = {one: out or place_of(asked, study, "report", f"{ending}.{one}") for one in wanted}
    reports.require(places)
    with stages(catalogue(language)) as tell:
        tell("stage.analysis")
        findings = analysis.analyse(study)
        if out == STDOUT:
            files.pour(reports.render(findings, fmt=wanted[0], lang=language, brief=not full, tell=tell))
            return
        if not as_json:
            width = shutil.get_terminal_size().columns
            shown = summary(findings, catalogue(language), width=width, bold=said.has_colours())
            files.pour(f"{shown}\n\n".encode(sys.stdout.encoding, "replace"))
        for one, path in places.items():
            reports.write(findings, path, fmt=one, lang=language, brief=not full, tell=tell)
            if not as_json:
                said.print_path(path)
            if show and typer.launch(str(path.resolve())):
                said.warn(f"nothing on this machine opens {path}")
        if as_json:
            answer = sentence(findings, catalogue(language))
            typer.echo(json.dumps({"answer": answer, "files": list(map(str, places.values()))}))


@app.command()
@asking
def tables(
    asked: Asked,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="[default: tables/ in the study, <name>.tables/ beside a file]")
    ] = None,
    ending: Annotated[TableFormat, typer.Option("--format", help="Format of the files.")] = TableFormat.CSV,
    as_json: Json = False,  # noqa: FBT002  # a flag
) -> None:
    """Write every result table, with a data dictionary."""
    study = study_of(asked)

    from analyze import analysis  # noqa: PLC0415  # keeps --help fast
    from analyze.report import result_tables as results  # noqa: PLC0415

    paths = results.write(analysis.analyse(study), out or place_of(asked, study, "tables"), fmt=ending.value)
    if as_json:
        typer.echo(json.dumps({"files": list(map(str, paths))}))
    for path in paths if not as_json else ():
        said.print_path(path)


@app.command()
@asking
def check(
    asked: Asked,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: topic, state and what it says.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Say whether the design can answer, and what is missing.

    One line for each thing looked at. ok: nothing is wanting. note: worth knowing. lacks: a part of the answer is
    missing or weak. fatal: the design cannot answer. Exit code 1 where a line is fatal, else 0.
    """
    study = study_of(asked)

    from analyze import check as checks  # noqa: PLC0415  # keeps --help fast
    from analyze.report.json_twin import in_english  # noqa: PLC0415

    found, folds = checks.examine(study), study.design.folds is not None
    lines = [one.says + (f" ({in_english(one.reason, folds=folds)})" if one.reason else "") for one in found]
    if as_json:
        typer.echo(
            json.dumps([{"topic": a.topic, "state": a.state, "says": b} for a, b in zip(found, lines, strict=True)])
        )
    for one, says in zip(found, lines, strict=True) if not as_json else ():
        wrapped = textwrap.fill(
            visible(says), 80, initial_indent=f"{one.state:<6} {one.topic:<11} ", subsequent_indent=" " * 19
        )
        typer.secho(wrapped, fg="red" if one.state == "fatal" else None)  # in colour on a terminal alone
    if not checks.able(found):
        raise typer.Exit(1)


@app.command()
@asking
def power(asked: Asked, as_json: Json = False) -> None:  # noqa: FBT002  # a flag
    """Smallest detectable gap, and the seeds that equivalence within the margin needs (power 80 %)."""
    study = study_of(asked)

    from analyze import power as powers  # noqa: PLC0415  # keeps --help fast

    require_plannable(study)
    found = powers.examine(study)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row, _ in found]))
    for line in () if as_json else powers.lines(study, found):
        typer.echo(line)


@app.command()
@asking
def decide(
    asked: Asked,
    expect: Annotated[
        Expect | None, typer.Option(help="End with 0 if this holds, 1 if not, 4 if it cannot be said.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with everything that it rests on.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Say in one line what is decided.

    For a CI job, or a search that keeps what is better. Said of the first level against the second, averaged over
    cells, as the report has it: better, worse, equivalent, identical, undecided or not decidable. Exit code 4 where
    it is undecided or not decidable, else 0, unless --expect says what is expected. not-worse: worse by less than the
    margin at most. It may be asked after each new seed: the interval that decides holds at every look. What as many
    seeds fixed beforehand would decide is said where it is another.
    """
    study = study_of(asked)

    from analyze import analysis  # noqa: PLC0415  # keeps --help fast
    from analyze import decide as decisions  # noqa: PLC0415

    found = decisions.decide(analysis.analyse(study), None if expect is None else expect.value)
    typer.echo(guarded_json(found.model_dump_json(indent=1)) if as_json else visible(decisions.line(found)))
    raise typer.Exit(found.exit_code)


@app.command()
@asking
def compare(
    asked: Asked,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: topic, what, and both values.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Say what changed from A to B.

    In trials, settings, the answer, cells and verdicts. A and B are each what `analyze report` takes, or a report.json
    that it wrote: so a study is compared with itself before it was extended. The options are put to both.
    """
    if len(asked.places) != 2:
        raise UsageError(f"analyze compare takes two studies, A and B, not {len(asked.places)}")

    from analyze import analysis, twin  # noqa: PLC0415  # keeps --help fast
    from analyze import compare as comparisons  # noqa: PLC0415

    a, b = [
        twin.read(Path(place))
        if place.lower().endswith(".json") and "://" not in place
        else twin.of_findings(analysis.analyse(study_of(replace(asked, places=(place,)))))
        for place in asked.places
    ]
    found = comparisons.compare(a, b, (asked.places[0], asked.places[1]))
    typer.echo(guarded_json(found.model_dump_json(indent=1)) if as_json else comparisons.table(found, a, b))


@app.command("import")
def import_runs(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="What MLflow, TensorBoard, Optuna, Weights & Biases, Lightning, Hydra, lm-evaluation-harness or "
            "inspect wrote: a folder, a file, or the address of a storage.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The study's folder, which is created.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: each column's name, role and why.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Make a study of another tool's runs.

    Each column is told with what became of it. factor: a setting with two levels or more, which may be the primary
    factor or a moderator. shared: a setting that is the same in all runs. metric: what may be the response. Importing
    again replaces what an import wrote, nothing else.
    """
    from analyze.study.imports import formats, tables  # noqa: PLC0415  # keeps --help fast

    source = formats.located(source)
    kept = formats.format_of(source)
    found = tables.imported(formats.runs_of(kept, source), source)
    written = tables.write(found, out, kept.NAME)
    if as_json:
        typer.echo(guarded_json(json.dumps([asdict(one) for one in found.columns], indent=1)))
        return
    count = len(found.trials)
    typer.echo(f"{kept.NAME}: {count} run{'' if count == 1 else 's'}")
    for one in found.columns:
        head = f"  {one.role:<8} {visible(one.name)}: "
        typer.echo(textwrap.fill(f"{head}{visible(one.why)}", 80, subsequent_indent=" " * 13))
    for path in written:
        said.print_path(path)
    if advice := tables.advice(found):
        said.warn(advice)


def main(arguments: Sequence[str] | None = None) -> None:
    """The `analyze` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    libraries.keep_quiet()
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = command.main(args=given, prog_name="analyze", standalone_mode=False)
    except AnalyzeError as error:
        said.warn(str(error))
        code = error.exit_code
    except typer.Abort:
        code = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it, whatever package they come from
            raise
        said.warn(error.format_message().replace("Value error, ", ""))
        code = 2
    sys.exit(code or 0)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as the program ends by itself, so that what it wrote aside is removed."""
    raise SystemExit(128 + number)
