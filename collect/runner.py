"""Runs a study: plan, data, executor, store. The one place that knows every stage."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from collect import images, publishing
from collect.errors import ImagesError, StudyError
from collect.execute import environment, failures, stopping
from collect.execute.executor import Executor
from collect.execute.progress import RunProgress
from collect.execute.worker import Task
from collect.images import Images
from collect.store import checkpoints, keys, ledger, plan_changes
from collect.store import plan as plans
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.study.stacks import LARGEST, Job
from collect.study.stages import stages_of
from collect.study.study import Study
from collect.study.trial import Precision

ATTEMPTS = 3
HELD_SECONDS = 2.0


def open_study(
    store: Store, study: Study, precision: Precision | None, image_root: Path, *, extend: bool, over: bool = False
) -> Plan:
    """The plan in the store, or a new one, for which every data set is read before anything is written.

    For a plan that is there, a data set is read only if its content is not known beforehand.

    Args:
        store: where the study is to lie.
        study: what is asked for.
        precision: arithmetic of the training steps; None is the plan's own, fp32 for a new one.
        image_root: where data sets are found.
        extend: whether a plan with more trials may take the old one's place.
        over: whether the study may be written over a study.toml that lies there without a plan.

    Raises:
        PlanChangedError: the study in the store was planned otherwise, and this is not a legal extension.
    """
    require_fitting(study, image_root)
    planned_before = store.read(keys.PLAN) is not None
    hashes = {
        name: (images.known_hash(name) if planned_before else None) or images.load(name, image_root)[1]
        for name in study.datasets()
    }
    store.prepare()
    if store.read(keys.PLAN) is None:
        plan_changes.create(store, study, Plan.of(study, hashes, precision or "fp32"), over=over)
    planned = plans.read(store)
    plan_changes.require_trainable(planned, str(store))
    if _replaceable(store, planned, study):  # nothing was trained by the source that was there
        plans.write(store, study, Plan.of(study, hashes, precision or planned.precision), over=True)
        planned = plans.read(store)
    if planned.network and study.network and planned.network.sha256 == study.network.sha256:
        study = study.with_network(planned.network)
    asked = Plan.of(study, hashes, precision or planned.precision, planned.data_hashes)
    if extend and planned.trials.keys() != asked.trials.keys():
        ledger.with_parts(store, ledger.read(store, planned.trials))
        plans.write(store, study, plan_changes.extended(planned, asked, str(store)), over=True)
        planned = publishing.publish(store)[0]  # another may have extended it too
    plan_changes.require_same(planned, asked, str(store))
    plan_changes.note_moved_images(store, study)
    return replace(planned, sources=asked.sources)


def _replaceable(store: Store, planned: Plan, study: Study) -> bool:
    """Whether the source of a network of one's own has changed before any trial ended or kept its state."""
    before, now = planned.network, study.network
    if not before or not now or before.sha256 == now.sha256:
        return False
    state = ledger.with_parts(store, ledger.read(store, planned.trials))
    return not state.finished and not store.entries(keys.CHECKPOINTS)


def require_fitting(study: Study, image_root: Path) -> None:
    """Refuse a study whose settings do not fit its data.

    Raises:
        StudyError: a batch is larger than the training set, or images are too small for their pools.
    """
    sizes = {name: images.size_of(name, image_root) for name in study.datasets()}
    for cell in study.cells():
        held_in = sizes[cell.dataset].n_train - round(cell.validation * sizes[cell.dataset].n_train)
        if cell.batch_size > held_in:
            raise StudyError(f"batch_size {cell.batch_size} exceeds the {held_in} training images of {cell.dataset}")
        shape = sizes[cell.dataset].image_shape
        if not study.network and (problem := stages_of(cell.channels, cell.pools).problem(*shape[1:])):
            raise StudyError(f"channels {cell.channels} with pools {cell.pools}: {problem}")


def run(
    store: Store,
    plan: Plan,
    executor: Executor,
    image_root: Path,
    chosen: Collection[str] | None = None,
    note: str | None = None,
    here: str | None = None,
) -> tuple[Ledger, int]:
    """Run what is pending or failed, then rebuild the tables.

    Args:
        store: where the study lies.
        plan: of the study.
        executor: runs the trials.
        image_root: where data sets are found.
        chosen: ids of the trials to run; None is all of them.
        note: what to say before the first trial is trained.
        here: the environment of this machine, where the trials train on it.

    Returns:
        The state of the study, and how many trials there were to run.

    Raises:
        StoreError: the tables hold rows of trials, and there is no part.
        InterruptedRunError: on Ctrl-C or what else stops a job, after the running trials have kept their state.
        NoRoomError: the disk is full.
    """
    chosen = plan.trials.keys() if chosen is None else chosen
    trained = 0
    for _ in range(ATTEMPTS):
        state = ledger.with_parts(store, ledger.read(store, plan.trials))
        publishing.set_aside(store, state.damaged)
        for key in checkpoints.unreadable(store):
            store.set_aside(key)
        unfinished = [trial_id for trial_id in plan.trials if trial_id in chosen and trial_id not in state.finished]
        if plan.network:  # what its code failed in comes last, so that it keeps no other trial from running
            unfinished.sort(key=lambda trial_id: trial_id in state.failed)
        before = [part.environment for part in state.finished.values()]
        notes = [note, environment.differences([here, *before]) if here else None]
        received = _train(store, plan, executor, image_root, unfinished, len(chosen), notes) if unfinished else []
        trained += len(unfinished)
        now, state = publishing.publish(store)
        if received:
            raise stopping.InterruptedRunError(received[0])
        if not state.damaged.keys() & set(chosen):
            break
    if not state.counts["pending"]:
        checkpoints.clear(store, now.trials.keys())
    return state, trained


def _train(
    store: Store,
    plan: Plan,
    executor: Executor,
    image_root: Path,
    unfinished: Sequence[str],
    total: int,
    notes: Sequence[str | None],
) -> list[int]:
    """Train trials, of so many altogether, after some notes; the signals that asked it to stop."""
    received: list[int] = []
    store.clear_scratch()
    with (
        executor.sharing(_data_sets(plan, unfinished, image_root), store.scratch()) as shared,
        stopping.draining(executor.drain, received),
        RunProgress(plan.name, total, total - len(unfinished)) as bar,
    ):
        for note in filter(None, notes):
            bar.say(note)
        trouble = store.unlockable(unfinished)
        if trouble:
            bar.say(
                f"{trouble[0]}{f', and {len(trouble) - 1} more' if trouble[1:] else ''}; such trials train unlocked"
            )
        analysis = plan.study["analysis"]
        task = Task(store, shared, (analysis["factor"], analysis["contrast"]))
        _run_all(plan, executor, task, unfinished, bar, received)
    return received


def _run_all(
    plan: Plan, executor: Executor, task: Task, unfinished: Sequence[str], bar: RunProgress, received: Sequence[int]
) -> None:
    """Run trials, failed ones again up to ATTEMPTS times, held ones until another collector has done them.

    A stack fails as a whole. It is tried again as it was, from its checkpoint, for what it died of may be gone; at last
    its trials are tried singly. Trials of a network of one's own that do not train side by side do so one at a time.
    """
    alone: list[list[str]] = []
    tries = dict.fromkeys(unfinished, 0)
    largest = LARGEST
    ended, shown = False, set[str]()
    while unfinished and not received:
        again: list[str] = []
        held: list[str] = []
        jobs = [Job(trial_id, plan.trials[trial_id], plan.row(trial_id)) for trial_id in unfinished]
        for report in executor.run(task, jobs, largest, alone + checkpoints.stacks(task.store)):
            if report.status == "apart":
                again.append(report.trial_id)
                alone.append([report.trial_id])
                failures.say_once(f"trials train one at a time, not side by side: {report.reason}", shown, bar)
                continue
            if report.status == "failed":
                tries[report.trial_id] += 1
                reason = failures.record(task.store, report)
                if not report.again:
                    bar.say(f"trial {report.trial_id} failed: {reason}")
                    bar.finished()
                    failures.show_once(report, shown, bar)
                    if not ended and not ledger.read(task.store, plan.trials).finished:
                        bar.say(
                            f"stopped at the first: no trial of {plan.network and plan.network.call} has ended yet; "
                            "mend it and run again, or run again to try the others"
                        )
                        return
                    continue
                if tries[report.trial_id] < ATTEMPTS:
                    again.append(report.trial_id)
                    bar.say(f"trial {report.trial_id} failed and will be tried again: {reason}")
                    continue
                bar.say(f"trial {report.trial_id} failed {ATTEMPTS} times: {reason}")
            elif report.status == "held" and task.store.read(keys.part(report.trial_id)) is None:
                held.append(report.trial_id)
                continue
            elif report.status == "diverged":
                bar.say(f"trial {report.trial_id} diverged: {report.reason}")
            ended = ended or report.status != "failed"
            bar.finished()
        unfinished = again + (held if again else _await_others(task.store, held, bar, received))
        largest = 1 if any(tries[trial_id] == ATTEMPTS - 1 for trial_id in unfinished) else LARGEST


def _await_others(store: Store, held: list[str], bar: RunProgress, received: Sequence[int]) -> list[str]:
    """Wait for another collector's trials; those still to be done once it has let go of one."""
    while held and not received:
        for trial_id in [trial_id for trial_id in held if store.read(keys.part(trial_id)) is not None]:
            held.remove(trial_id)
            bar.finished()
        if not all(store.claimed(trial_id) for trial_id in held):
            break
        time.sleep(HELD_SECONDS)
    return held


def _data_sets(plan: Plan, unfinished: Sequence[str], root: Path) -> dict[str, Images]:
    """The data sets that the trials need.

    Raises:
        ImagesError: a data set is not the one the study was planned with.
    """
    needed = {plan.trials[trial_id].settings.dataset: plan.trials[trial_id].data_hash for trial_id in unfinished}
    loaded = {name: images.load(plan.sources[name], root) for name in needed}
    for name, (_, digest) in loaded.items():
        if digest != needed[name]:
            raise ImagesError(f"data set {name!r} has changed since the study was planned; choose another --out")
    return {name: found for name, (found, _) in loaded.items()}
