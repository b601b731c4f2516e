"""Runs a study: plan, data, executor, store. The one place that knows every stage."""

import json
import os
import signal
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from collect import images
from collect.anonymity import without_whereabouts
from collect.errors import DamagedPartsError, ImagesError, StudyError
from collect.execute.executor import Executor
from collect.execute.progress import RunProgress
from collect.execute.worker import Task
from collect.images import Images
from collect.store import checkpoints, keys, ledger, plan_changes, tables
from collect.store import plan as plans
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.study.stacks import LARGEST, Job
from collect.study.study import Study
from collect.study.trial import Precision

ATTEMPTS = 3
HELD_SECONDS = 2.0
#: Collectors that end together may overtake one another; so often the tables are built anew.
PUBLISHINGS = 3


class InterruptedRunError(Exception):
    """The run was asked to stop; everything finished is kept."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_code = 128 + signal_number


def open_study(store: Store, study: Study, precision: Precision | None, image_root: Path, *, extend: bool) -> Plan:
    """The plan in the store, or a new one; a data set is read only if its content is not known beforehand.

    Args:
        store: where the study is to lie.
        study: what is asked for.
        precision: arithmetic of the training steps; None is the plan's own, fp32 for a new one.
        image_root: where data sets are found.
        extend: whether a plan with more trials may take the old one's place.

    Raises:
        PlanChangedError: the study in the store was planned otherwise, and this is not a legal extension.
    """
    require_fitting(study, image_root)
    hashes = {name: images.known_hash(name) or images.load(name, image_root)[1] for name in study.datasets()}
    store.prepare()
    if store.read(keys.PLAN) is None:
        plans.write(store, study, Plan.of(study, hashes, precision or "fp32"))
    planned = plans.read(store)
    plan_changes.require_trainable(planned, str(store))
    asked = Plan.of(study, hashes, precision or planned.precision, planned.data_hashes)
    if extend and planned.trials.keys() != asked.trials.keys():
        planned = plan_changes.extended(planned, asked, str(store))
        plans.write(store, study, planned, over=True)
    plan_changes.require_same(planned, asked, str(store))
    return replace(planned, sources=asked.sources)


def require_fitting(study: Study, image_root: Path) -> None:
    """Refuse a study whose settings do not fit its data.

    Raises:
        StudyError: a batch is larger than the training set.
    """
    sizes = {name: images.size_of(name, image_root) for name in study.datasets()}
    for cell in study.cells():
        held_in = sizes[cell.dataset].n_train - round(cell.validation * sizes[cell.dataset].n_train)
        if cell.batch_size > held_in:
            raise StudyError(f"batch_size {cell.batch_size} exceeds the {held_in} training images of {cell.dataset}")


def run(
    store: Store, plan: Plan, executor: Executor, image_root: Path, chosen: Collection[str] | None = None
) -> tuple[Ledger, int]:
    """Run what is pending or failed, then rebuild the tables.

    Args:
        store: where the study lies.
        plan: of the study.
        executor: runs the trials.
        image_root: where data sets are found.
        chosen: ids of the trials to run; None is all of them.

    Returns:
        The state of the study, and how many trials there were to run.

    Raises:
        InterruptedRunError: on Ctrl-C or SIGTERM, after the running trials have finished.
        NoRoomError: the disk is full.
    """
    chosen = plan.trials.keys() if chosen is None else chosen
    trained = 0
    for _ in range(ATTEMPTS):
        state = ledger.read(store, plan.trials)
        _quarantine(store, state.damaged)
        for key in checkpoints.unreadable(store):
            store.set_aside(key)
        unfinished = [trial_id for trial_id in plan.trials if trial_id in chosen and trial_id not in state.finished]
        received = _train(store, plan, executor, image_root, unfinished, len(chosen)) if unfinished else []
        trained += len(unfinished)
        state = publish(store, plan)
        if received:
            raise InterruptedRunError(received[0])
        if not state.damaged.keys() & set(chosen):
            break
    if not state.counts["pending"]:
        checkpoints.clear(store, plan.trials.keys())
    return state, trained


def _train(
    store: Store, plan: Plan, executor: Executor, image_root: Path, unfinished: Sequence[str], total: int
) -> list[int]:
    """Train trials, of so many altogether; the signals that asked it to stop."""
    received: list[int] = []
    with (
        executor.sharing(_data_sets(plan, unfinished, image_root), store.scratch()) as shared,
        _stopping(executor, received),
        RunProgress(plan.name, total, total - len(unfinished)) as bar,
    ):
        trouble = store.unlockable(unfinished)
        if trouble:
            bar.say(
                f"{trouble[0]}{f', and {len(trouble) - 1} more' if trouble[1:] else ''}; such trials train unlocked"
            )
        _run_all(plan, executor, Task(store, shared), unfinished, bar, received)
    return received


def _run_all(
    plan: Plan, executor: Executor, task: Task, unfinished: Sequence[str], bar: RunProgress, received: Sequence[int]
) -> None:
    """Run trials, failed ones again up to ATTEMPTS times, held ones until another collector has done them.

    A stack fails as a whole. It is tried again as it was, from its checkpoint, for what it died of may be gone; at last
    its trials are tried singly.
    """
    tries = dict.fromkeys(unfinished, 0)
    largest = LARGEST
    while unfinished and not received:
        again: list[str] = []
        held: list[str] = []
        jobs = [Job(trial_id, plan.trials[trial_id], plan.row(trial_id)) for trial_id in unfinished]
        for report in executor.run(task, jobs, largest, checkpoints.stacks(task.store)):
            if report.status == "failed":
                tries[report.trial_id] += 1
                reason = without_whereabouts(str(report.reason))
                _record_failure(task.store, report.trial_id, reason)
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


def _record_failure(store: Store, trial_id: str, reason: str) -> None:
    record = {"trial_id": trial_id, "reason": reason, "time": datetime.now(UTC).isoformat()}
    content = json.dumps(record, indent=1).encode()
    attempt = 1
    while not store.create(keys.failure(trial_id, attempt), content):
        attempt += 1


def publish(store: Store, plan: Plan) -> Ledger:
    """Bring the tables up to date with the parts, those that other collectors add meanwhile included.

    Parts that turn out not to hold what they should are set aside, and stand among the damaged ones of the state.
    """
    aside: dict[str, str] = {}
    rebuilt = 0
    while rebuilt < PUBLISHINGS:
        state = ledger.read(store, plan.trials)
        try:
            if not tables.build(store, plan, state):
                break
            rebuilt += 1
        except DamagedPartsError as error:
            _quarantine(store, error.problems)
            aside |= error.problems
    state.damaged |= aside
    return state


def compact(store: Store) -> Ledger:
    """Set damaged parts aside and rebuild the three tables from the parts."""
    plan = plans.read(store)
    while True:
        state = ledger.read(store, plan.trials, trust=False)
        _quarantine(store, state.damaged)
        try:
            tables.build(store, plan, state, force=True)
        except DamagedPartsError as error:
            _quarantine(store, error.problems)
        else:
            return state


def _quarantine(store: Store, damaged: Iterable[str]) -> None:
    """Move damaged parts aside; their trials are pending and run again."""
    for trial_id in damaged:
        store.set_aside(keys.part(trial_id))


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


@contextmanager
def _stopping(executor: Executor, received: list[int]) -> Iterator[None]:
    """On the first Ctrl-C or SIGTERM let running trials finish, on the second stop at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        executor.drain()
        os.write(2, b"\nfinishing the running trials; press Ctrl-C again to stop at once\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
