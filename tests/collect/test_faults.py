"""What may happen to a study, and that nothing is lost or counted twice."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from collect import images, runner
from collect.errors import NoRoomError, PlanChangedError, StoreError
from collect.execute.local import LocalExecutor
from collect.execute.worker import Report, Task
from collect.store import checkpoints, keys, ledger, parts, plan_changes
from collect.store import plan as plans
from collect.store.place import leftovers
from collect.store.place.folder import FolderStore
from collect.study import study_file as studies
from collect.study.stacks import Job
from tests.collect.commands import collect, start, tables, wait_for_parts
from tests.collect.outcomes import made_up

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from collect.store.place import folder
step, store = sys.argv[1], folder.FolderStore(Path(sys.argv[2]))
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
store.scratch()
if step == "open": os.open = die
elif step == "write": os.fdopen = die
elif step == "fsync": os.fsync = die
elif step == "link": os.link = die
elif step == "flush": folder._flush_folder = die
elif step == "unlink": Path.unlink = die
store.create("part", b"whole" * 1000)
"""


@pytest.fixture
def done(finished: Path, tmp_path: Path) -> Path:
    """A copy of the tiny study, finished."""
    return Path(shutil.copytree(finished, tmp_path / "data" / "tiny"))


class Failing(LocalExecutor):
    """An executor in which every trial crashes."""

    def __init__(self) -> None:
        super().__init__(1, "cpu")

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Report every job as failed."""
        assert task
        assert largest
        assert not together
        yield from (Report(job.trial_id, "failed", "MemoryError: cannot allocate") for job in jobs)


class Full(Failing):
    """An executor that meets a full disk."""

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Report one trial, then find no room."""
        yield from list(super().run(task, jobs, largest, together))[:1]
        raise NoRoomError("no room left on the disk")


@pytest.mark.parametrize("step", ["open", "write", "fsync", "link", "flush", "unlink"])
def test_killed_at_any_step_of_a_commit(tmp_path: Path, step: str) -> None:
    """SIGKILL at each step leaves no file or the whole one, and the next commit works."""
    died = subprocess.run([sys.executable, "-c", KILLED_AT, step, str(tmp_path)], check=False)
    assert died.returncode == -signal.SIGKILL
    target = tmp_path / "part"
    assert not target.exists() or target.read_bytes() == b"whole" * 1000
    assert FolderStore(tmp_path).create("part", b"whole" * 1000) == (step not in ("flush", "unlink"))
    assert target.read_bytes() == b"whole" * 1000


@pytest.mark.parametrize("function", ["open", "fdopen", "fsync", "link"])
def test_no_room_at_any_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """ENOSPC wherever it strikes: its own error, no part, nothing left in tmp."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, function, full)
    with pytest.raises(NoRoomError):
        FolderStore(tmp_path).create("part", b"x")
    monkeypatch.undo()
    assert not (tmp_path / "part").exists()
    assert not list((tmp_path / "tmp").glob("*"))


def test_a_full_disk_has_its_own_exit_code(study_file: Path) -> None:
    """On a file system of 128 kB the run ends with exit code 3 and one sentence, and what is there is sound."""
    if not shutil.which("unshare") and not os.environ.get("CI"):
        pytest.skip("mounting a small file system takes unshare")
    small = study_file.parent / "small"
    small.mkdir()
    run = f"{sys.executable} -c 'from collect.cli import main; main()' run {study_file} --out {small}/tiny"
    inside = f"mount -t tmpfs -o size=128k tmpfs {small} && {run}; code=$?; ls {small}/tiny/tmp; exit $code"
    ran = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", inside],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 3, ran.stderr
    assert "no room left" in ran.stderr
    assert "Traceback" not in ran.stderr
    # A worker that is stopped leaves the empty file of a lock that the system has released.
    assert not [name for name in ran.stdout.split() if not name.endswith(".lock")], "temporary files were left"


def test_damaged_parts_are_found_set_aside_and_run_again(done: Path) -> None:
    """Bit-flipped, truncated, empty and misnamed parts: verify writes nothing, run mends, the rows are the same."""
    before = tables(done)
    flipped, truncated, empty, source, target = sorted(done.glob("parts/*.parquet"))[:5]
    content = bytearray(flipped.read_bytes())
    content[len(content) // 3] ^= 4
    flipped.write_bytes(content)
    truncated.write_bytes(truncated.read_bytes()[:-200])
    empty.write_bytes(b"")
    shutil.copy(source, target)
    (done / "parts" / "foreign.parquet").write_bytes(b"not ours")
    listing = {path: path.stat().st_mtime_ns for path in done.rglob("*")}
    checked = collect("verify", str(done), cwd=done)
    assert checked.returncode == 1
    assert checked.stdout.endswith("4 parts are sound, 4 damaged\n")
    assert "foreign.parquet belongs to no planned trial" in checked.stderr
    assert {path: path.stat().st_mtime_ns for path in done.rglob("*")} == listing
    assert json.loads(collect("status", "--json", str(done), cwd=done).stdout)["pending"] == 4
    again = collect("run", str(done), cwd=done)
    assert again.returncode == 0, again.stderr
    assert len(list((done / "quarantine").iterdir())) == 4
    for ours, theirs in zip(tables(done), before, strict=True):
        assert ours.equals(theirs)
    assert collect("verify", str(done), cwd=done).returncode == 0


@pytest.mark.parametrize("damage", ["trials absent", "curves absent", "trials truncated"])
def test_the_tables_are_a_cache(done: Path, damage: str) -> None:
    """Lost or damaged tables are rebuilt from the parts."""
    name, _, what = damage.partition(" ")
    path, before = done / f"{name}.parquet", (done / f"{name}.parquet").read_bytes()
    if what == "absent":
        path.unlink()
    else:
        path.write_bytes(before[:-10])
    assert collect("run", str(done), cwd=done).returncode == 0
    assert path.read_bytes() == before


def test_compact_rebuilds_the_tables(done: Path) -> None:
    """It needs the parts alone."""
    before = tables(done)
    for name in ("trials", "curves", "layers"):
        (done / f"{name}.parquet").unlink()
    assert collect("compact", str(done), cwd=done).returncode == 0
    for ours, theirs in zip(tables(done), before, strict=True):
        assert ours.equals(theirs)


def test_two_collectors_share_one_study(study_file: Path) -> None:
    """Both end well, and every trial counts once."""
    folder = study_file.parent / "data" / "tiny"
    runs = [start(study_file, study_file.parent) for _ in range(2)]
    for run in runs:
        _, told = run.communicate(timeout=120)
        assert run.returncode == 0, told
    assert len(list(folder.glob("parts/*.parquet"))) == 8
    assert json.loads(collect("status", "--json", str(folder), cwd=folder).stdout)["completed"] == 8


def test_two_shards_one_of_them_killed(study_file: Path, finished: Path) -> None:
    """Both at once on one store, one killed and run again: complete, no duplicates, the rows of an undivided run."""
    folder = study_file.parent / "data" / "tiny"
    shards = [start(study_file, study_file.parent, "--shard", f"{number}/2") for number in (1, 2)]
    wait_for_parts(folder, 3)
    os.killpg(shards[0].pid, signal.SIGKILL)
    shards[0].communicate()
    told, errors = shards[1].communicate(timeout=120)
    assert shards[1].returncode == 0, errors
    assert "8 planned" in told
    again = collect("run", str(study_file), "--shard", "1/2", cwd=study_file.parent)
    assert again.returncode == 0, again.stderr
    assert "8 completed" in again.stdout
    for ours, theirs in zip(tables(folder), tables(finished), strict=True):
        assert ours.equals(theirs)


def test_a_shard_runs_its_part_alone(study_file: Path) -> None:
    """Half of the trials are pending afterwards, which is no failure; the tables hold what is there."""
    half = collect("run", str(study_file), "--shard", "2/2", cwd=study_file.parent)
    assert half.returncode == 0, half.stderr
    assert "4 completed + 0 diverged + 0 failed + 4 pending" in half.stdout
    assert "tiny: 4 of 4 trials" in half.stderr
    assert pq.read_table(study_file.parent / "data" / "tiny" / "trials.parquet").num_rows == 4


def test_a_held_trial_is_waited_for_and_then_run(study_file: Path) -> None:
    """A trial whose lock another process holds is left alone; once it lets go without a part, it is run here."""
    folder = study_file.parent / "data" / "tiny"
    study = studies.read(str(study_file))
    store = FolderStore(folder)
    plan = runner.open_study(store, study, None, study_file.parent, extend=False)
    with store.claim(next(iter(plan.trials))):
        run = start(study_file, study_file.parent)
        wait_for_parts(folder, 7)
        time.sleep(3)
        assert run.poll() is None
    _, told = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert len(list(folder.glob("parts/*.parquet"))) == 8


def kill_a_worker_at_its_trial(run: "subprocess.Popen[str]", folder: Path) -> None:
    """One killed between two trials costs nothing: then the next one."""
    while run.poll() is None and not list(folder.glob("failures/*.json")):
        for child in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="utf-8").split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)
        deadline = time.monotonic() + 10  # a new worker is not to be killed as it starts
        while run.poll() is None and not list(folder.glob("failures/*.json")) and time.monotonic() < deadline:
            time.sleep(0.1)


def test_a_killed_worker_costs_one_attempt(study_file: Path) -> None:
    """Its trial is recorded as failed, tried again, and the study is complete; what has not begun has no exit code."""
    death = r"worker killed \(SIGKILL\)|worker died as it was given its trials"
    folder = study_file.parent / "data" / "tiny"
    run = start(study_file, study_file.parent)
    wait_for_parts(folder, 1)
    kill_a_worker_at_its_trial(run, folder)
    _, told = run.communicate(timeout=120)
    assert run.returncode == 0, told
    assert re.search(death, told)
    [failure] = folder.glob("failures/*.1.json")
    assert re.match(death, json.loads(failure.read_text(encoding="utf-8"))["reason"])
    assert len(list(folder.glob("parts/*.parquet"))) == 8


def test_a_second_interrupt_stops_at_once(study_file: Path) -> None:
    """Ctrl-C twice: exit code 130, how to resume is said, no traceback, and the study can go on."""
    run = start(study_file, study_file.parent)
    wait_for_parts(study_file.parent / "data" / "tiny", 1)
    run.send_signal(signal.SIGINT)
    time.sleep(0.2)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Go on with: collect run" in told
    assert "Traceback" not in told


def planned(tmp_path: Path) -> tuple[FolderStore, plans.Plan]:
    """A small study on the digits, planned and not run."""
    study = studies.read("quick", ["seeds=1", "factors.depth=[2]", "factors.activation=['relu']"])
    store = FolderStore(tmp_path / "study")
    return store, runner.open_study(store, study, "fp32", tmp_path, extend=False)


def test_failures_are_retried_a_bounded_number_of_times(tmp_path: Path) -> None:
    """Three attempts each, all recorded; the trials count as failed, with null metrics and the last reason."""
    store, plan = planned(tmp_path)
    state, _ = runner.run(store, plan, Failing(), tmp_path)
    assert state.counts == {"planned": 2, "completed": 0, "diverged": 0, "failed": 2, "pending": 0}
    assert len(list(store.root.glob("failures/*.json"))) == 2 * runner.ATTEMPTS
    rows = pq.read_table(store.root / "trials.parquet").to_pylist()
    assert [(r["status"], r["test_accuracy"], r["reason"]) for r in rows] == [
        ("failed", None, "MemoryError: cannot allocate")
    ] * 2


class Stacking(Failing):
    """An executor that trains all it is given as one stack, if it may; one of the trials kills its stack."""

    def __init__(self, poison: str) -> None:
        super().__init__()
        self.poison, self.stacks = poison, list[list[str]]()

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Commit a stack's trials, or none."""
        del together
        for stack in [jobs] if largest >= len(jobs) else [[job] for job in jobs]:
            ids = [job.trial_id for job in stack]
            self.stacks.append(ids)
            for job in stack:
                if self.poison in ids:
                    yield Report(job.trial_id, "failed", "worker killed")
                    continue
                content = parts.encode(job.row, made_up(test_accuracy=0.5, precision="fp32"), "a", {})
                task.store.create(keys.part(job.trial_id), content)
                yield Report(job.trial_id, "completed")


def test_a_stack_is_tried_again_as_it_was_and_then_singly(tmp_path: Path) -> None:
    """What killed it may be gone, and its checkpoint is of the whole; one that kills it twice costs no other trial."""
    store, plan = planned(tmp_path)
    first, second = plan.trials
    executor = Stacking(first)
    state, _ = runner.run(store, plan, executor, tmp_path)
    assert executor.stacks == [[first, second], [first, second], [first], [second]]
    assert state.counts == {"planned": 2, "completed": 1, "diverged": 0, "failed": 1, "pending": 0}


def test_a_study_that_was_moved_away_is_not_begun_anew_in_its_place(tmp_path: Path) -> None:
    """The run ends in one sentence, nothing is written where the study was, and it goes on where it is."""
    store, plan = planned(tmp_path)
    moved = FolderStore(tmp_path / "moved")

    class Moving(Stacking):
        def run(self, task: Task, *rest: Any) -> Iterator[Report]:  # type: ignore[override]  # passed on
            """Train one trial, after which somebody moves the study."""
            reports = super().run(task, *rest)
            yield next(reports)
            store.root.rename(moved.root)
            yield from reports

    with pytest.raises(StoreError, match="cannot be written: No such file or directory"):
        runner.run(store, plan, Moving("none"), tmp_path)
    assert not store.root.exists()
    state, trained = runner.run(moved, plan, Stacking("none"), tmp_path)
    assert (trained, state.counts["completed"]) == (1, 2)


class Tracing(Failing):
    """An executor in which every trial crashes with a traceback, for a reason of many words."""

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Report every job as failed."""
        trace = 'Traceback (most recent call last):\n  File "/home/alice/x.py", line 1\nValueError: no'
        yield from (r._replace(reason="no" * 10**6, trace=trace) for r in super().run(task, jobs, largest, together))


def test_a_failure_keeps_its_traceback(tmp_path: Path) -> None:
    """Without folders of the machine; the tenth attempt counts as the last, and one cut short leaves the one before."""
    store, plan = planned(tmp_path)
    for _ in range(4):
        state, _ = runner.run(store, plan, Tracing(), tmp_path)
    first = next(iter(plan.trials))
    record = json.loads((store.root / keys.failure(first, 12)).read_text())
    assert record["traceback"] == ["Traceback (most recent call last):", '  File "…/x.py", line 1', "ValueError: no"]
    assert state.failed[first] == record["reason"] == "no" * 1000
    record["reason"] = "the tenth"
    (store.root / keys.failure(first, 10)).write_text(json.dumps(record))
    for attempt in (11, 12):
        (store.root / keys.failure(first, attempt)).write_bytes(b'{"trial_id": "')
    assert ledger.read(store, plan.trials).failed[first] == "the tenth"


def test_what_a_killed_run_left_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts and copies of data sets that nobody touches any more; what lives, and what is not ours, stays."""
    monkeypatch.setattr(leftovers, "TOUCH_SECONDS", 0.01)
    store, _ = planned(tmp_path)
    draft, old = store.scratch() / f"trials.parquet.{'a' * 32}", store.tmp / "images-old"
    foreign, links = store.tmp / "notes.txt", store.tmp / "images-linked"
    with LocalExecutor(1, "cpu").sharing({"x": images.load("digits", tmp_path)[0]}, store.tmp) as shared:
        live = shared["x"].path.parent  # type: ignore[attr-defined]  # a file
        old.mkdir()
        (old / "0").write_bytes(b"pixels")
        for path in (draft, foreign):
            path.write_text("x")
        links.symlink_to(tmp_path)
        new = store.tmp / f"curves.parquet.{'b' * 32}"
        new.write_text("on its way")
        for path in (draft, foreign, old, live):
            os.utime(path, (0, 0))
        time.sleep(0.2)
        store.clear_scratch()
        assert set(store.tmp.iterdir()) == {foreign, links, live, new}
    assert set(store.tmp.iterdir()) == {foreign, links, new}


def test_no_room_ends_the_run_and_keeps_what_is_there(tmp_path: Path) -> None:
    """The error passes through, and no image file is left in tmp."""
    store, plan = planned(tmp_path)
    with pytest.raises(NoRoomError):
        runner.run(store, plan, Full(), tmp_path)
    assert not list(store.tmp.iterdir())


def test_a_study_may_be_extended_and_says_so(done: Path, study_file: Path) -> None:
    """More seeds: refused without --extend, accepted with it, old parts untouched, marked in the tables."""
    before = {path.name: path.read_bytes() for path in done.glob("parts/*")}
    more = ["run", str(study_file), "--set", "seeds=3", "--out", str(done)]
    refused = collect(*more, cwd=done)
    assert refused.returncode == 2
    assert "--extend" in refused.stderr
    extended = collect(*more, "--extend", cwd=done)
    assert extended.returncode == 0, extended.stderr
    assert "12 planned = 12 completed" in extended.stdout
    assert {name: (done / "parts" / name).read_bytes() for name in before} == before
    assert json.loads(pq.read_metadata(done / "trials.parquet").metadata[b"study"])["extended"] is True
    assert collect("run", str(done), cwd=done).stdout.startswith(f"{done}: nothing to do")


def extended(store: FolderStore, tmp_path: Path, seeds: int) -> plans.Plan:
    """The small study with more seeds."""
    asked = studies.read("quick", [f"seeds={seeds}", "factors.depth=[2]", "factors.activation=['relu']"])
    return runner.open_study(store, asked, "fp32", tmp_path, extend=True)


def counted(store: FolderStore) -> tuple[int, int]:
    """Trials that were planned and are pending, as the tables say."""
    metadata = pq.read_metadata(store.root / "trials.parquet").metadata
    return int(metadata[b"planned"]), int(metadata[b"pending"])


def test_the_tables_are_of_the_extended_plan_at_once(tmp_path: Path) -> None:
    """They say what is pending before any new trial ends."""
    store, plan = planned(tmp_path)
    runner.run(store, plan, Stacking("none"), tmp_path)
    assert counted(store) == (2, 0)
    assert len(extended(store, tmp_path, 3).trials) == 6
    assert counted(store) == (6, 4)


def test_a_run_of_the_plan_before_an_extension_leaves_the_new_one_alone(tmp_path: Path) -> None:
    """A shard that ends after the study was extended: the tables are of the new plan, and the other's states stay."""
    store, plan = planned(tmp_path)

    class Meanwhile(Stacking):
        def run(self, task: Task, *rest: Any) -> Iterator[Report]:  # type: ignore[override]  # passed on
            """Train, then let somebody extend the study and keep a state."""
            yield from super().run(task, *rest)
            more = extended(store, tmp_path, 3)
            new = next(trial_id for trial_id in more.trials if trial_id not in plan.trials)
            store.replace(keys.checkpoint(checkpoints.name_of([new])), b"being written")
            store.replace(keys.state("a" * 64), b"state")

    state, _ = runner.run(store, plan, Meanwhile("none"), tmp_path)
    assert state.counts["pending"] == 4
    assert counted(store) == (6, 4)
    assert store.read(keys.state("a" * 64)) == b"state"


def test_a_study_file_without_a_plan_is_written_over_or_refused(study_file: Path) -> None:
    """Changes to the folder's own study are meant, and it then resumes; another study is not put in its place."""
    cwd = study_file.parent
    folder = cwd / "mine"
    folder.mkdir()
    shutil.copy(study_file, folder / "study.toml")
    before = (folder / "study.toml").read_bytes()
    other = collect("run", str(study_file), "--set", "seeds=3", "--out", "mine", cwd=cwd)
    assert other.returncode == 2
    assert "mine holds a study.toml that asks for another study: seeds was 2, is 3" in other.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == {"study.toml": before}
    assert collect("run", "mine", "--set", "seeds=1", cwd=cwd).returncode == 0
    assert "nothing to do" in collect("run", "mine", cwd=cwd).stdout


def test_an_extension_names_every_difference(tmp_path: Path) -> None:
    """Study, arithmetic and images."""
    data = tmp_path / "data"
    data.mkdir()
    pixels, labels = np.zeros((8, 8, 8), np.uint8), np.arange(8) % 2
    for step, precision in enumerate(("fp32", "bf16")):
        np.savez(data / "images.npz", x_train=pixels + step, y_train=labels, x_test=pixels, y_test=labels)
        asked = studies.read("quick", [f"dataset={data}", f"seeds={2 + step}", "recipe.batch_size=4"])
        store = FolderStore(tmp_path / "study")
        if not step:
            runner.open_study(store, asked, precision, tmp_path, extend=False)
            continue
        for extend in (True, False):
            with pytest.raises(PlanChangedError) as refused:
                runner.open_study(store, asked, precision, tmp_path, extend=extend)
            for difference in ("seeds was 2, is 3", "precision was fp32, is bf16", "the images of data have changed"):
                assert difference in str(refused.value)


def test_an_extension_must_be_a_superset(tmp_path: Path) -> None:
    """Fewer levels, or another margin, are no extension."""
    store, plan = planned(tmp_path)
    for change in ("factors.ordering=['none', 'bn_act']", "analysis.margin_pp=0.5"):
        asked = studies.read("quick", ["seeds=2", "factors.depth=[2]", "factors.activation=['relu']", change])
        with pytest.raises(PlanChangedError):
            runner.open_study(store, asked, "fp32", tmp_path, extend=True)
    assert plans.read(store) == plan


def test_a_plan_of_another_recipe_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that names both versions."""
    store, _ = planned(tmp_path)
    monkeypatch.setattr(plans, "RECIPE_VERSION", 99)
    monkeypatch.setattr(plan_changes, "RECIPE_VERSION", 99)
    with pytest.raises(PlanChangedError, match="recipe version 3, this is version 99"):
        plan_changes.require_trainable(plans.read(store), "there")


def test_parts_of_an_older_schema_are_read(tmp_path: Path) -> None:
    """A part that lacks a column added since gives null there, and an unknown column is left out."""
    from tests.collect.store.test_audit import sealed, written
    from tests.collect.store.test_store import part

    _, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    content = part(plan, trial_id)
    table, said = (read(parts.pa.BufferReader(content)) for read in (parts.pq.read_table, parts.pq.read_metadata))
    older = table.drop_columns(["validation_n", "reason"]).append_column("new", parts.pa.array([1]))
    metadata = {key.decode(): value.decode() for key, value in said.metadata.items() if key != b"ARROW:schema"}
    content = sealed(written(older, metadata))
    assert parts.check(content, "x", trial_id).status == "completed"
    [row] = parts.joined(parts.decode([content], 100)).to_pylist()
    assert row["validation_n"] is None
    assert row["test_accuracy"] == 0.5
    assert "new" not in row


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """One sentence with the path."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="file"):
        FolderStore(tmp_path).create("file/part", b"x")


def test_a_read_only_study_is_said_and_can_still_be_read(done: Path) -> None:
    """On a read-only mount `run` ends in one sentence, and `status` and `verify` work."""
    damaged = min(done.glob("parts/*.parquet"))
    damaged.unlink()
    command = f"{sys.executable} -c 'from collect.cli import main; main()'"
    inside = (
        f"mount --bind {done} {done} && mount -o remount,ro,bind {done} && {command} status {done} && "
        f"{command} verify {done}; {command} run {done}"
    )
    ran = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", inside],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 2, ran.stderr
    assert "7 completed" in ran.stdout
    assert "7 parts are sound" in ran.stdout
    assert "cannot be written: Read-only file system" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_ten_thousand_trials_are_planned_in_seconds(tmp_path: Path) -> None:
    """Planning, writing and reading back 10 000 trials keeps every id."""
    study = studies.read("quick", ["seeds=1250"])
    store = FolderStore(tmp_path / "study")
    started = time.perf_counter()
    plan = runner.open_study(store, study, "fp32", tmp_path, extend=False)
    assert len(plan.trials) == 10_000
    assert ledger.read(store, plan.trials).counts["pending"] == 10_000
    assert time.perf_counter() - started < 30
