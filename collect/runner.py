"""Runs a study: plan, data, executor, store. The one place that knows every stage."""

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from collect import images
from collect.errors import ImagesError, StudyError
from collect.execute import Executor, Job
from collect.progress import RunProgress
from collect.shared import SharedImages
from collect.store import commit, ledger, tables
from collect.store import plan as plans
from collect.store.ledger import Ledger
from collect.store.paths import StudyPaths
from collect.store.plan import Plan
from collect.study import Study
from collect.task import Report, Task
from collect.trial import Precision

ATTEMPTS = 3
HELD_SECONDS = 2.0


class InterruptedRunError(Exception):
    """The run was asked to stop; everything finished is kept."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_code = 128 + signal_number


def open_study(paths: StudyPaths, study: Study, precision: Precision | None, image_root: Path, *, extend: bool) -> Plan:
    """The plan on disk, or a new one; a data set is read only if its content is not known beforehand.

    Args:
        paths: the study's folder.
        study: what is asked for.
        precision: arithmetic of the training steps; None is the plan's own, fp32 for a new one.
        image_root: where data sets are found.
        extend: whether a plan with more trials may take the old one's place.

    Raises:
        PlanChangedError: the study on disk was planned otherwise, and this is not a legal extension.
    """
    require_fitting(study, image_root)
    hashes = {name: images.known_hash(name) or images.load(name, image_root)[1] for name in study.datasets()}
    if not paths.plan.is_file():
        plans.write(paths, study, Plan.of(study, hashes, precision or "fp32"))
    planned = plans.read(paths)
    asked = Plan.of(study, hashes, precision or planned.precision)
    if extend and planned.trials.keys() != asked.trials.keys():
        planned = plans.extended(planned, asked, str(paths.root))
        plans.write(paths, study, planned, over=True)
    plans.require_same(planned, asked, str(paths.root))
    return planned


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


def run(paths: StudyPaths, plan: Plan, executor: Executor, device: str, image_root: Path) -> tuple[Ledger, int]:
    """Run what is pending or failed, then rebuild the tables.

    Returns:
        The state of the study, and how many trials there were to run.

    Raises:
        InterruptedRunError: on Ctrl-C or SIGTERM, after the running trials have finished.
        NoRoomError: the disk is full.
    """
    state = ledger.read(paths, plan)
    _quarantine(paths, state)
    unfinished = [trial_id for trial_id in plan.trials if trial_id not in state.parts]
    received: list[int] = []
    if unfinished:
        with (
            _shared_images(paths, plan, unfinished, image_root) as shared,
            _stopping(executor, received),
            RunProgress(plan.study["name"], len(plan.trials), len(state.parts)) as bar,
        ):
            _run_all(plan, executor, Task(paths, shared, device), unfinished, bar, received)
        state = ledger.read(paths, plan)
    tables.build(paths, plan, state)
    if received:
        raise InterruptedRunError(received[0])
    return state, len(unfinished)


def _run_all(
    plan: Plan, executor: Executor, task: Task, unfinished: Sequence[str], bar: RunProgress, received: Sequence[int]
) -> None:
    """Run trials, failed ones again up to ATTEMPTS times, held ones until another collector has done them."""
    tries = dict.fromkeys(unfinished, 0)
    while unfinished and not received:
        again: list[str] = []
        held: list[str] = []
        jobs: list[Job] = [(trial_id, plan.trials[trial_id], plan.row(trial_id)) for trial_id in unfinished]
        for report in executor.run(task, jobs):
            if report.status == "failed":
                tries[report.trial_id] += 1
                _record_failure(task.paths, report)
                if tries[report.trial_id] < ATTEMPTS:
                    again.append(report.trial_id)
                    bar.say(f"trial {report.trial_id} failed and will be tried again: {report.reason}")
                    continue
                bar.say(f"trial {report.trial_id} failed {ATTEMPTS} times: {report.reason}")
            elif report.status == "held" and not task.paths.part(report.trial_id).is_file():
                held.append(report.trial_id)
                continue
            elif report.status == "diverged":
                bar.say(f"trial {report.trial_id} diverged: {report.reason}")
            bar.finished()
        unfinished = again + (held if again else _await_others(task.paths, held, bar, received))


def _await_others(paths: StudyPaths, held: list[str], bar: RunProgress, received: Sequence[int]) -> list[str]:
    """Wait for another collector's trials; those still to be done once it has let go of one."""
    while held and not received:
        for trial_id in [trial_id for trial_id in held if paths.part(trial_id).is_file()]:
            held.remove(trial_id)
            bar.finished()
        if not all(_is_locked(paths, trial_id) for trial_id in held):
            break
        time.sleep(HELD_SECONDS)
    return held


def _is_locked(paths: StudyPaths, trial_id: str) -> bool:
    try:
        with FileLock(paths.lock(trial_id), timeout=0):
            return False
    except Timeout:
        return True


def _record_failure(paths: StudyPaths, report: Report) -> None:
    record = {"trial_id": report.trial_id, "reason": report.reason, "time": datetime.now(UTC).isoformat()}
    content = json.dumps(record, indent=1).encode()
    attempt = 1
    while not commit.create(paths.failure(report.trial_id, attempt), content, paths.tmp):
        attempt += 1


def compact(paths: StudyPaths) -> Ledger:
    """Set damaged parts aside and rebuild the three tables."""
    plan = plans.read(paths)
    state = ledger.read(paths, plan)
    _quarantine(paths, state)
    tables.build(paths, plan, state, force=True)
    return state


def _quarantine(paths: StudyPaths, state: Ledger) -> None:
    """Move damaged parts aside; their trials are pending and run again."""
    for name in state.damaged:
        paths.quarantine.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another collector was faster
            (paths.parts / name).replace(paths.quarantine / name)


@contextmanager
def _shared_images(
    paths: StudyPaths, plan: Plan, unfinished: Sequence[str], root: Path
) -> Iterator[dict[str, SharedImages]]:
    """Write the data sets that the trials need where workers can map them, and remove them in the end.

    Raises:
        ImagesError: a data set is not the one the study was planned with.
    """
    needed = {plan.trials[trial_id].settings.dataset: plan.trials[trial_id].data_hash for trial_id in unfinished}
    shared: dict[str, SharedImages] = {}
    paths.tmp.mkdir(parents=True, exist_ok=True)
    try:
        for name, expected in needed.items():
            loaded, digest = images.load(name, root)
            if digest != expected:
                raise ImagesError(f"data set {name!r} has changed since the study was planned; choose another --out")
            path = paths.tmp / f"{uuid.uuid4().hex}.images"
            with commit.disk_errors(path):
                shared[name] = SharedImages.write(loaded, path)
        yield shared
    finally:
        for one in shared.values():
            one.path.unlink(missing_ok=True)


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
