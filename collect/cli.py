"""collect: run, resume and look after a factorial study. One mistake costs one sentence, never data."""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from collect import said
from collect.errors import CollectError, StoreError
from collect.options import (
    IMAGE_ROOT,
    AddressOption,
    Backend,
    BackendOption,
    Device,
    DeviceOption,
    ExtendOption,
    FolderArgument,
    ImageRootOption,
    JobsOption,
    JsonOption,
    OutOption,
    PrecisionChoice,
    PrecisionOption,
    SetOption,
    ShardOption,
    StudyArgument,
)

if TYPE_CHECKING:
    from collect.execute.executor import Executor
    from collect.store.ledger import Ledger
    from collect.store.plan import Plan
    from collect.study.study import Study

# Commands import what they need themselves, so that --help answers at once.
# ruff: noqa: PLC0415

app = typer.Typer(
    help="Train a factorial study, one tidy row per trial. Begin with: collect run",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INCOMPLETE = 1
#: Findings that `verify` prints one by one.
MOST_SHOWN = 20


@app.command()
def run(
    study: StudyArgument = "quick",
    out: OutOption = None,
    jobs: JobsOption = "auto",
    device: DeviceOption = Device.AUTO,
    precision: PrecisionChoice = None,
    backend: BackendOption = Backend.LOCAL,
    address: AddressOption = None,
    shard: ShardOption = None,
    changes: SetOption = None,
    image_root: ImageRootOption = IMAGE_ROOT,
    extend: ExtendOption = False,  # noqa: FBT002  # a flag
) -> None:
    """Train every trial of a study that is not finished yet. Run it again to resume."""
    from collect import runner
    from collect.store import open_store
    from collect.study import shards

    index, number = shards.parse(shard) if shard else (1, 1)
    asked = _study(study, changes or ())
    resumed = "://" in study or Path(study).is_dir()
    store = open_store(out or (study if resumed else str(Path("data") / asked.name)))
    executor = _executor(backend, address, _workers(jobs), device)
    if backend is Backend.LOCAL and (device is Device.CUDA or precision is PrecisionOption.TF32):
        _require_gpu(device)
    plan = runner.open_study(store, asked, precision.value if precision else None, image_root, extend=extend)
    chosen = shards.chosen(plan.trials, index, number) if shard else None
    try:
        state, trained = runner.run(store, plan, executor, image_root, chosen)
    except (runner.InterruptedRunError, KeyboardInterrupt) as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # on the way out already; one more Ctrl-C changes nothing
        options: dict[str, object] = {
            "shard": shard,
            "backend": None if backend is Backend.LOCAL else backend,
            "address": address,
            "image-root": None if image_root == IMAGE_ROOT else image_root,
        }
        said.warn(f"interrupted; what is finished is kept. Go on with: {_resume(store, options)}")
        raise typer.Exit(getattr(error, "exit_code", 130)) from None
    said.tell(f"{store}: {'' if trained else 'nothing to do, '}{_counts(state)}")
    if state.counts["failed"]:
        raise typer.Exit(INCOMPLETE)


@app.command()
def plan(
    study: StudyArgument = "quick",
    changes: SetOption = None,
    jobs: JobsOption = "auto",
    image_root: ImageRootOption = IMAGE_ROOT,
) -> None:
    """Show a study's cells, trials, estimated time and power. Trains no trial: ten steps on noise are timed."""
    from collect import images, runner
    from collect.engine.estimate import study_seconds
    from collect.study import explain

    asked = _study(study, changes or ())
    workers = _workers(jobs) or len(os.sched_getaffinity(0))
    runner.require_fitting(asked, image_root)
    sizes = {name: images.size_of(name, image_root) for name in asked.datasets()}
    said.tell(explain.design(asked))
    said.tell(_power(asked))
    said.tell(explain.duration(*study_seconds(asked, sizes, workers), workers))
    said.tell(explain.keys(images.DATA_SETS))


@app.command()
def status(folder: FolderArgument = None, as_json: JsonOption = False) -> None:  # noqa: FBT002  # a flag
    """Say what became of every planned trial. Writes nothing."""
    from collect.store import ledger, open_store
    from collect.store import plan as plans

    store = open_store(folder or _newest())
    planned = plans.read(store)
    _say_version(store, planned)
    state = ledger.read(store, planned.trials)
    said.tell(json.dumps(state.counts) if as_json else f"{store}: {_counts(state)}")
    if state.damaged:
        said.warn(f"{len(state.damaged)} damaged parts count as pending; see {said.command('verify', store)}")


@app.command()
def verify(folder: FolderArgument = None) -> None:
    """Read and check every part and table against the plan. Writes nothing; exit code 1 means damage."""
    from collect.store import audit, keys, ledger, open_store, tables
    from collect.store import plan as plans

    store = open_store(folder or _newest())
    planned = plans.read(store)
    _say_version(store, planned)
    state = ledger.read(store, planned.trials, trust=False)
    found = 0
    for found, problem in enumerate(audit.findings(store, planned, state), 1):  # how many there are
        if found <= MOST_SHOWN:
            said.warn(problem)
    if found > MOST_SHOWN:
        said.warn(f"and {found - MOST_SHOWN} more like these: {found} findings")
    for name in state.foreign[:MOST_SHOWN]:
        said.warn(f"{store}/{keys.PARTS}/{name} belongs to no planned trial; it is never read")
    if not found and not tables.current(store, state):
        said.warn(
            "the tables do not stand for these parts, or carry no digests; "
            f"rebuild them with {said.command('compact', store)}"
        )
    said.tell(f"{store}: {len(state.finished)} parts are sound, {len(state.damaged)} damaged")
    if found:
        raise typer.Exit(INCOMPLETE)


@app.command()
def compact(folder: FolderArgument = None) -> None:
    """Rebuild the three tidy tables from the parts, setting damaged parts aside."""
    from collect import runner
    from collect.store import open_store

    store = open_store(folder or _newest())
    said.tell(f"{store}: {_counts(runner.compact(store))}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The `collect` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    given = list(arguments) if arguments is not None else None
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = command.main(args=given, prog_name="collect", standalone_mode=False)
    except CollectError as error:
        said.warn(f"collect: {error}")
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it, whatever package they come from
            raise
        said.warn(f"collect: {error.format_message()}")
        code = 2
    sys.exit(code or 0)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as the program ends by itself, so that what it wrote aside is removed."""
    raise SystemExit(128 + number)


def _say_version(store: object, planned: "Plan") -> None:
    """Say where a study is an earlier release's."""
    from collect.schema import RECIPE_VERSION

    if planned.recipe_version != RECIPE_VERSION:
        said.warn(
            f"{store} was planned by recipe version {planned.recipe_version}, this is version {RECIPE_VERSION}: "
            "it can be read, and trained on only by the release that planned it"
        )


def _counts(state: "Ledger") -> str:
    counts = state.counts
    rest = " + ".join(f"{counts[key]} {key}" for key in ("completed", "diverged", "failed", "pending"))
    return f"{counts['planned']} planned = {rest}"


def _study(source: str, changes: Sequence[str]) -> "Study":
    """The study that the user names: in a bucket, or as collect.study.study_file reads it."""
    from collect.store import keys, open_store
    from collect.study import study_file as studies

    if "://" not in source:
        return studies.read(source, changes)
    content = open_store(source).read(keys.STUDY)
    if content is None:
        start = said.command("run", "--out", source)
        raise StoreError(f"{source} holds no study: there is no study.toml; start one with {start}")
    return studies.parse(content.decode(), source, changes)


def _executor(backend: Backend, address: str | None, workers: int | None, device: Device) -> "Executor":
    if backend is Backend.RAY:
        from collect.execute.ray import RayExecutor

        return RayExecutor(address, workers, device.value)
    if address:
        raise typer.BadParameter("--address belongs to --backend ray")
    from collect.execute.local import LocalExecutor

    return LocalExecutor(workers, device.value)


def _resume(store: object, options: Mapping[str, object]) -> str:
    """The command that goes on with an interrupted run."""
    chosen = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    return said.command("run", store, *chosen)


def _workers(jobs: str) -> int | None:
    """The number asked for, or None for what the machine has."""
    if jobs == "auto":
        return None
    if not jobs.isdecimal() or int(jobs) < 1:
        raise typer.BadParameter(f"--jobs must be a positive number or auto, not {jobs!r}")
    return int(jobs)


def _require_gpu(device: Device) -> None:
    from collect.execute.local import count_gpus

    asked = (
        "--device cuda: {}; choose cpu or auto"
        if device is Device.CUDA
        else "--precision tf32: {}; choose fp32 or bf16"
    )
    if device is Device.CPU:
        raise typer.BadParameter(asked.format("it is an arithmetic of GPUs"))
    if not count_gpus():
        raise typer.BadParameter(asked.format("torch finds no CUDA device here that it can use"))


def _power(study: "Study") -> str:
    from analyze.inference import power
    from collect.study import explain

    seeds, sd, analysis = len(study.seeds), explain.ASSUMED_SD_PP, study.analysis
    if seeds < 2:
        return explain.power(study, None, 0.0, None)
    return explain.power(
        study,
        power.smallest_detectable(sd, seeds, analysis.alpha),
        power.tost_power(sd, seeds, analysis.margin_pp, analysis.alpha),
        power.seeds_for_margin(sd, analysis.margin_pp, analysis.alpha),
    )


def _newest() -> str:
    found = sorted(
        (path for path in Path("data").glob("*/plan.parquet") if path.is_file()), key=lambda path: path.stat().st_mtime
    )
    if not found:
        raise StoreError("there is no study under data/; start one with collect run, or name a study's folder")
    return str(found[-1].parent)
