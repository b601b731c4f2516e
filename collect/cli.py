"""collect: run, resume and look after a factorial study. One mistake costs one sentence, never data."""

import json
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collect.errors import CollectError, StoreError

if TYPE_CHECKING:
    from collect.store.ledger import Ledger

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


@app.callback()
def _root() -> None:
    """Two or more commands follow; without this, typer would fold a single one away."""


@app.command()
def run(
    study: Annotated[
        str, typer.Argument(help="A preset (quick, article, confounds), a TOML file or a study's folder.")
    ] = "quick",
    out: Annotated[str | None, typer.Option(help="Folder of the study.  [default: data/<study name>]")] = None,
    jobs: Annotated[str, typer.Option(help="Worker processes: a number, or auto for one a core.")] = "auto",
    device: Annotated[Device, typer.Option(help="Where to train.")] = Device.AUTO,
    precision: Annotated[
        PrecisionOption, typer.Option(help="Arithmetic of the training steps.")
    ] = PrecisionOption.FP32,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change the study, e.g. --set seeds=5 --set 'factors.depth=[2,8]'.",
        ),
    ] = None,
    image_root: Annotated[Path, typer.Option(help="Where data sets are found or, if absent, downloaded.")] = Path(
        "data/images"
    ),
) -> None:
    """Train every trial of a study that is not finished yet. Run it again to resume."""
    from collect import runner  # noqa: PLC0415  # keeps --help fast
    from collect import study as studies  # noqa: PLC0415
    from collect.execute.local import LocalExecutor  # noqa: PLC0415
    from collect.store.paths import StudyPaths  # noqa: PLC0415

    asked = studies.read(study, changes or ())
    is_folder = Path(study).is_dir()
    paths = StudyPaths(Path(out) if out else Path(study) if is_folder else Path("data") / asked.name)
    workers = _workers(jobs)
    if device is Device.CUDA:
        _require_gpu()
    plan = runner.open_study(paths, asked, precision.value, image_root)
    try:
        state, trained = runner.run(paths, plan, LocalExecutor(workers), device.value, image_root)
    except (runner.InterruptedRunError, KeyboardInterrupt) as error:
        _say(f"interrupted; what is finished is kept. Go on with: collect run {paths.root}")
        raise typer.Exit(getattr(error, "exit_code", 130)) from None
    typer.echo(f"{paths.root}: {'' if trained else 'nothing to do, '}{_counts(state)}")
    if state.counts["failed"] or state.counts["pending"]:
        raise typer.Exit(INCOMPLETE)


@app.command()
def status(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A study's folder.  [default: the newest under data/]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Say what became of every planned trial. Writes nothing."""
    from collect.store import ledger  # noqa: PLC0415
    from collect.store import plan as plans  # noqa: PLC0415
    from collect.store.paths import StudyPaths  # noqa: PLC0415

    root = folder or _newest()
    paths = StudyPaths(root)
    state = ledger.read(paths, plans.read(paths))
    typer.echo(json.dumps(state.counts) if as_json else f"{root}: {_counts(state)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The `collect` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="collect",
            standalone_mode=False,
        )
    except CollectError as error:
        _say(f"collect: {error}")
        code = error.exit_code
    except typer.Abort:
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
    import torch  # noqa: PLC0415  # slow, and needed only to look for a GPU

    if not torch.cuda.is_available():
        raise typer.BadParameter("--device cuda: torch finds no CUDA device here; choose cpu or auto")


def _newest() -> Path:
    found = sorted(Path("data").glob("*/plan.parquet"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise StoreError("there is no study under data/; start one with collect run, or name a study's folder")
    return found[-1].parent
