"""collect: run, resume and look after a factorial study. One mistake costs one sentence, never data."""

import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from types import FrameType

import typer

from collect import machine, overview, said
from collect.asked import asked, resume, right_form
from collect.errors import CollectError
from collect.execute import stopping
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
    SettingsOption,
    ShardOption,
    StopAfterOption,
    StudyArgument,
    UntilDecidedOption,
    VersionOption,
    WatchOption,
    WordsArgument,
)

# Commands import what they need themselves, so that --help answers at once.
# ruff: noqa: PLC0415

app = typer.Typer(
    help="Train a factorial study, one tidy row per trial. Begin with: collect run",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INCOMPLETE = 1
#: Findings that `verify` prints one by one.
MOST_SHOWN = 20


@app.callback()
def _root(version: VersionOption = False) -> None:  # noqa: FBT002  # a flag
    """What every command shares."""


@app.command()
def run(
    study: StudyArgument = None,
    words: WordsArgument = None,
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
    until_decided: UntilDecidedOption = False,  # noqa: FBT002  # a flag
    stop_after: StopAfterOption = None,
    as_json: JsonOption = False,  # noqa: FBT002  # a flag
) -> None:
    """Train every trial of a study that is not finished yet. Run it again to resume."""
    from collect import power, runner, sequential
    from collect.execute import environment
    from collect.store import open_store
    from collect.study import explain, shards

    if stop_after:
        signal.alarm(stopping.seconds(stop_after))
    index, number = shards.parse(shard) if shard else (1, 1)
    found = asked(study, words, changes)
    found.require_consent()
    store = open_store(out or found.where)
    executor = machine.executor(backend, address, machine.workers(jobs), device)
    if backend is Backend.LOCAL and (device is Device.CUDA or precision is PrecisionOption.TF32):
        machine.require_gpu(device)
    over = bool(found.place) and not out
    plan = runner.open_study(
        store, found.study, precision.value if precision else None, image_root, extend=extend, over=over
    )
    chosen = shards.chosen(plan.trials, index, number) if shard else None
    lacking = power.seeds_lacking(found.study)
    note = explain.too_few_seeds(found.study, lacking) if lacking else None
    here = environment.here() if backend is Backend.LOCAL else None
    try:
        if until_decided:
            state, trained = sequential.run_until_decided(
                store, plan, executor, image_root, (index, number), note, here, said.warn
            )
        else:
            state, trained = runner.run(store, plan, executor, image_root, chosen, note, here)
    except stopping.InterruptedRunError as error:
        for sent in stopping.SIGNALS:
            signal.signal(sent, signal.SIG_IGN)  # on the way out already; one more Ctrl-C changes nothing
        options: dict[str, object] = {
            "jobs": None if jobs == "auto" else jobs,
            "device": None if device is Device.AUTO else device,
            "shard": shard,
            "stop-after": stop_after,
            "backend": None if backend is Backend.LOCAL else backend,
            "address": address,
            "image-root": None if image_root == IMAGE_ROOT else image_root,
        }
        going_on = resume(store, found.network_word, options, until_decided=until_decided)
        said.warn(f"interrupted; what is finished is kept. Go on with: {going_on}")
        raise typer.Exit(int(error.code or 0)) from None
    if as_json:
        said.tell(json.dumps({"study": str(store), "trained": trained, **state.counts}))
    else:
        said.tell(f"{store}: {'' if trained else 'nothing to do, '}{overview.in_words(state.counts)}")
    differing = environment.differences(part.environment for part in state.finished.values())
    if differing:
        said.warn(differing)
    said.warn(f"next: {overview.next_command(store, pending=state.counts['pending'])}")
    if state.counts["failed"]:
        raise typer.Exit(INCOMPLETE)


@app.command()
def plan(
    study: StudyArgument = None,
    words: WordsArgument = None,
    changes: SetOption = None,
    jobs: JobsOption = "auto",
    image_root: ImageRootOption = IMAGE_ROOT,
    as_json: JsonOption = False,  # noqa: FBT002  # a flag
) -> None:
    """Show a study's cells, trials, power, estimated time and path. Trains no trial: ten steps on noise are timed."""
    from pathlib import Path

    from collect import images, power, runner, sequential
    from collect.engine.estimate import study_seconds
    from collect.execute import cores
    from collect.execute.training_path import path_of
    from collect.study import explain

    found = asked(study, words, changes)
    found.require_consent()
    design = found.study
    workers = machine.workers(jobs) or cores.usable()
    runner.require_fitting(design, image_root)
    sizes = {name: images.size_of(name, image_root) for name in design.datasets()}
    lacking = power.seeds_lacking(design)
    can_find = None if lacking else power.power_of(design, Path(found.where))
    if as_json:
        seconds, _ = study_seconds(design, sizes, workers, said.warn)
        of_study = {"study": design.to_dict(), "trials": design.number_of_trials, "seeds_lacking": lacking}
        time = {"seconds": seconds, "workers": workers, "path": asdict(path_of(design, sizes))}
        said.tell(json.dumps({**of_study, "power": can_find and asdict(can_find), **time}))
        return
    if lacking:
        said.tell(f"{explain.too_few_seeds(design, lacking)}\n")
    said.tell("\n".join([explain.design(design), *([] if lacking else [explain.power(design, can_find)])]))
    if design.analysis.sequential:
        said.tell(sequential.expected_in_words(design, sequential.expected_seeds(design)))
    said.tell(explain.duration(*study_seconds(design, sizes, workers, said.warn), workers))
    said.tell(path_of(design, sizes).in_words())


@app.command("list")
def list_studies(as_json: JsonOption = False) -> None:  # noqa: FBT002  # a flag
    """List the presets and the studies under data/."""
    presets, kept = overview.presets(), overview.kept()
    if as_json:
        said.tell(json.dumps({"presets": [p._asdict() for p in presets], "studies": [k._asdict() for k in kept]}))
        return
    for preset in presets:
        said.tell(f"{preset.name:<12} {preset.trials:>4} trials  {preset.about}")
    for study in kept:
        said.tell(f"{study.folder}: {study.trouble or overview.in_words(study.counts)}")


@app.command()
def show(
    study: StudyArgument = None,
    words: WordsArgument = None,
    changes: SetOption = None,
    settings: SettingsOption = False,  # noqa: FBT002  # a flag
    as_json: JsonOption = False,  # noqa: FBT002  # a flag
) -> None:
    """Show a study with every setting's value, as a study file."""
    from collect import images
    from collect.study import explain

    if settings:
        own = asked(study, words, changes).study.network if study else None
        rows = [row._asdict() for row in explain.settings(images.DATA_SETS, own)]
        said.tell(json.dumps(rows) if as_json else explain.settings_table(images.DATA_SETS, own))
        return
    found = asked(study, words, changes).study
    said.tell(json.dumps(found.to_dict()) if as_json else explain.resolved(found))


@app.command()
def status(folder: FolderArgument = None, as_json: JsonOption = False, watch: WatchOption = False) -> None:  # noqa: FBT002  # flags
    """Say what became of every planned trial. Writes nothing."""
    from collect import sequential
    from collect.store import ledger, open_store
    from collect.store import plan as plans

    store = open_store(overview.place(folder))
    planned = plans.read(store)
    overview.say_version(store, planned)
    say = said.update if watch else said.tell
    for state in overview.changes(str(store)) if watch else [ledger.read(store, planned.trials)]:
        looked = sequential.settled_by(planned, store)
        counts = {**state.counts, **({"sequential": sequential.as_json(looked)} if looked else {})}
        text = f"{store}: {overview.in_words(state.counts)}" + (f"\n{sequential.in_lines(looked)}" if looked else "")
        say(json.dumps(counts) if as_json else text)
    if watch and sys.stdout.isatty():
        said.tell("")
    for trouble in overview.troubles(store, state):
        said.warn(trouble)


@app.command()
def verify(folder: FolderArgument = None, as_json: JsonOption = False) -> None:  # noqa: FBT002  # a flag
    """Read and check every part and table against the plan. Writes nothing; exit code 1 means damage."""
    from collect.store import audit, keys, ledger, open_store, tables
    from collect.store import plan as plans

    store = open_store(overview.place(folder))
    planned = plans.read(store)
    overview.say_version(store, planned)
    state = ledger.read(store, planned.trials, trust=False)
    found = 0
    problems = []
    for found, problem in enumerate(audit.findings(store, planned, state), 1):  # how many there are
        if found <= MOST_SHOWN:
            said.warn(problem)
            problems.append(problem)
    if found > MOST_SHOWN:
        said.warn(f"and {found - MOST_SHOWN} more like these: {found} findings")
    for name in state.foreign[:MOST_SHOWN]:
        said.warn(f"{store}/{keys.PARTS}/{name} belongs to no planned trial; it is never read")
    if not found and not tables.current(store, state):
        rebuild = said.command("compact", store)
        said.warn(f"the tables do not stand for these parts, or carry no digests; rebuild them with {rebuild}")
    counts = {"sound": len(state.finished), "damaged": len(state.damaged)}
    if as_json:
        said.tell(json.dumps({"study": str(store), **counts, "findings": found, "first": problems}))
    else:
        said.tell(f"{store}: {counts['sound']} parts are sound, {counts['damaged']} damaged")
    if found:
        raise typer.Exit(INCOMPLETE)


@app.command()
def compact(folder: FolderArgument = None, as_json: JsonOption = False) -> None:  # noqa: FBT002  # a flag
    """Rebuild the three tidy tables from the parts. Damaged parts are set aside."""
    from collect import publishing
    from collect.store import open_store

    store = open_store(overview.place(folder))
    counts = publishing.compact(store).counts
    said.tell(json.dumps({"study": str(store), **counts}) if as_json else f"{store}: {overview.in_words(counts)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The `collect` command: a user's mistake is one line on stderr and exit code 2."""
    command = typer.main.get_command(app)
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    stopping.handled(_stop)
    said.steady()
    try:
        code = command.main(args=given, prog_name="collect", standalone_mode=False)
        sys.stdout.flush()
    except CollectError as error:
        said.warn(f"collect: {error}")
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it, whatever package they come from
            raise
        said.warn(f"collect: {right_form(error, given)}")
        code = 2
    sys.exit(code or 0)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as the program ends by itself, so that what it wrote aside is removed."""
    raise stopping.InterruptedRunError(number)
