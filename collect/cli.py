"""collect: run, resume and look after a factorial study. One mistake costs one sentence, never data."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collect.errors import CollectError, StoreError

if TYPE_CHECKING:
    from collect.store.ledger import Ledger
    from collect.study import Study

# Commands import what they need themselves, so that --help answers at once.
# ruff: noqa: PLC0415

app = typer.Typer(
    help="Train a factorial study, one tidy row per trial. Begin with: collect run",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INCOMPLETE = 1


class Device(StrEnum):
    """Where trials train."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class PrecisionOption(StrEnum):
    """Arithmetic of the training steps."""

    FP32 = "fp32"
    BF16 = "bf16"


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A preset (quick, article, confounds), a TOML file or a study's folder."),
]
FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="A study's folder.  [default: the newest under data/]")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the study: --set seeds=5 --set 'factors.depth=[2,8]'."),
]
JobsOption = Annotated[str, typer.Option(help="Worker processes: a number, or auto for one a core.")]
ImageRootOption = Annotated[Path, typer.Option(help="Where data sets are found or, if absent, downloaded.")]
OutOption = Annotated[Path | None, typer.Option(help="Folder of the study.  [default: data/<study name>]")]
DeviceOption = Annotated[Device, typer.Option(help="Where to train; auto takes a GPU where there is one.")]
PrecisionChoice = Annotated[
    PrecisionOption | None,
    typer.Option(help="Arithmetic of the training steps.  [default: fp32, or what the study was planned for]"),
]
ExtendOption = Annotated[
    bool, typer.Option("--extend", help="Accept a plan with more seeds or levels than the study on disk has.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object.")]

IMAGE_ROOT = Path("data/images")


@app.command()
def run(
    study: StudyArgument = "quick",
    out: OutOption = None,
    jobs: JobsOption = "auto",
    device: DeviceOption = Device.AUTO,
    precision: PrecisionChoice = None,
    changes: SetOption = None,
    image_root: ImageRootOption = IMAGE_ROOT,
    extend: ExtendOption = False,  # noqa: FBT002  # a flag
) -> None:
    """Train every trial of a study that is not finished yet. Run it again to resume."""
    from collect import runner
    from collect import study as studies
    from collect.execute.local import LocalExecutor
    from collect.store.paths import StudyPaths

    asked = studies.read(study, changes or ())
    paths = StudyPaths(out or (Path(study) if Path(study).is_dir() else Path("data") / asked.name))
    executor = LocalExecutor(_workers(jobs))
    if device is Device.CUDA:
        _require_gpu()
    plan = runner.open_study(paths, asked, precision.value if precision else None, image_root, extend=extend)
    try:
        state, trained = runner.run(paths, plan, executor, device.value, image_root)
    except (runner.InterruptedRunError, KeyboardInterrupt) as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # on the way out already; one more Ctrl-C changes nothing
        _say(f"interrupted; what is finished is kept. Go on with: collect run {paths.root}")
        raise typer.Exit(getattr(error, "exit_code", 130)) from None
    typer.echo(f"{paths.root}: {'' if trained else 'nothing to do, '}{_counts(state)}")
    if state.counts["failed"] or state.counts["pending"]:
        raise typer.Exit(INCOMPLETE)


@app.command()
def plan(
    study: StudyArgument = "quick",
    changes: SetOption = None,
    jobs: JobsOption = "auto",
    image_root: ImageRootOption = IMAGE_ROOT,
) -> None:
    """Show a study's cells, trials, estimated time and power. Trains no trial: ten steps on noise are timed."""
    from collect import images, runner, sketch
    from collect import study as studies
    from collect.estimate import study_seconds

    asked = studies.read(study, changes or ())
    workers = _workers(jobs)
    runner.require_fitting(asked, image_root)
    sizes = {name: images.size_of(name, image_root) for name in asked.datasets()}
    typer.echo(sketch.design(asked))
    typer.echo(_power(asked))
    typer.echo(sketch.duration(*study_seconds(asked, sizes, workers), workers))
    typer.echo(sketch.keys())


@app.command()
def status(folder: FolderArgument = None, as_json: JsonOption = False) -> None:  # noqa: FBT002  # a flag
    """Say what became of every planned trial. Writes nothing."""
    from collect.store import ledger
    from collect.store import plan as plans
    from collect.store.paths import StudyPaths

    root = folder or _newest()
    paths = StudyPaths(root)
    state = ledger.read(paths, plans.read(paths))
    typer.echo(json.dumps(state.counts) if as_json else f"{root}: {_counts(state)}")
    if state.damaged:
        _say(f"{len(state.damaged)} damaged parts count as pending; see collect verify {root}")


@app.command()
def verify(folder: FolderArgument = None) -> None:
    """Read and check every part. Writes nothing; exit code 1 means damage."""
    from collect.store import ledger, tables
    from collect.store import plan as plans
    from collect.store.paths import StudyPaths

    root = folder or _newest()
    paths = StudyPaths(root)
    state = ledger.read(paths, plans.read(paths))
    for problem in state.damaged.values():
        _say(f"{problem}; collect run sets it aside and runs its trial again")
    for name in state.foreign:
        _say(f"{paths.parts / name} belongs to no planned trial; it is never read")
    if not tables.current(paths, state):
        _say(f"the tables do not stand for these parts; rebuild them with collect compact {root}")
    typer.echo(f"{root}: {len(state.parts)} parts are sound, {len(state.damaged)} damaged")
    if state.damaged:
        raise typer.Exit(INCOMPLETE)


@app.command()
def compact(folder: FolderArgument = None) -> None:
    """Rebuild the three tidy tables from the parts, setting damaged parts aside."""
    from collect import runner
    from collect.store.paths import StudyPaths

    root = folder or _newest()
    typer.echo(f"{root}: {_counts(runner.compact(StudyPaths(root)))}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The `collect` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    given = list(arguments) if arguments is not None else None
    try:
        code = command.main(args=given, prog_name="collect", standalone_mode=False)
    except CollectError as error:
        _say(f"collect: {error}")
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it, whatever package they come from
            raise
        _say(f"collect: {error.format_message()}")
        code = 2
    sys.exit(code or 0)


def _say(text: str) -> None:
    print(" ".join(text.split()), file=sys.stderr)  # noqa: T201  # the one line a user reads


def _counts(state: "Ledger") -> str:
    counts = state.counts
    rest = " + ".join(f"{counts[key]} {key}" for key in ("completed", "diverged", "failed", "pending"))
    return f"{counts['planned']} planned = {rest}"


def _workers(jobs: str) -> int:
    cores = len(os.sched_getaffinity(0))
    if jobs == "auto":
        return cores
    if not jobs.isdecimal() or int(jobs) < 1:
        raise typer.BadParameter(f"--jobs must be a positive number or auto, not {jobs!r}")
    return int(jobs)


def _require_gpu() -> None:
    import torch

    if not torch.cuda.is_available():
        raise typer.BadParameter("--device cuda: torch finds no CUDA device here; choose cpu or auto")


def _power(study: "Study") -> str:
    from analyze import power
    from collect import sketch

    seeds, sd, analysis = len(study.seeds), sketch.ASSUMED_SD_PP, study.analysis
    if seeds < 2:
        return sketch.power(study, None, 0.0, None)
    return sketch.power(
        study,
        power.smallest_detectable(sd, seeds, analysis.alpha),
        power.tost_power(sd, seeds, analysis.margin_pp, analysis.alpha),
        power.seeds_for_margin(sd, analysis.margin_pp, analysis.alpha),
    )


def _newest() -> Path:
    found = sorted(Path("data").glob("*/plan.parquet"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise StoreError("there is no study under data/; start one with collect run, or name a study's folder")
    return found[-1].parent
