"""The store: whole parts or nothing, first writer wins, damage is found."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collect import schema
from collect.errors import DamagedPartError, NoRoomError, PlanChangedError, StoreError
from collect.store import keys, ledger, parts, plan_changes, tables
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.study.study import Study
from collect.study.study_file import read
from tests.collect.outcomes import made_up

ENVIRONMENT = {"python": "3"}


def study(**changes: str) -> Study:
    """A small study of 16 trials."""
    return read("quick", [f"{key}={value}" for key, value in {"seeds": "2", **changes}.items()])


def planned(root: Path) -> tuple[FolderStore, plans.Plan]:
    """Its plan, written and read back."""
    root.mkdir(exist_ok=True)
    store, asked = FolderStore(root), plans.Plan.of(study(), {"digits": "d"}, "fp32")
    plans.write(store, study(), asked)
    return store, plans.read(store)


def part(plan: plans.Plan, trial_id: str, attempt: str = "a", **row: object) -> bytes:
    """The bytes of a trial's part with made-up results."""
    outcome = made_up(
        **{"test_accuracy": 0.5, "test_correct": 5, "test_n": 10, "precision": plan.precision, **row},
        curve=[{"step": s, "split": "test", "bn_mode": "running", "accuracy": 0.1 * s} for s in (1, 2)],
        layer=[{"step": 0, "layer": 1, "kind": "conv", "grad_norm": 1.5}],
    )
    return parts.encode(plan.row(trial_id), outcome, attempt, ENVIRONMENT)


def put(store: FolderStore, plan: plans.Plan, *trial_ids: str) -> None:
    """Commit such parts."""
    for trial_id in trial_ids:
        assert store.create(keys.part(trial_id), part(plan, trial_id))


def state_of(store: FolderStore, plan: plans.Plan) -> ledger.Ledger:
    """What became of the trials."""
    return ledger.read(store, plan.trials)


def test_the_first_writer_wins(tmp_path: Path) -> None:
    """A second writer of the same name changes nothing, is told so, and leaves nothing behind."""
    store = FolderStore(tmp_path)
    assert store.create("a/x", b"first")
    assert not store.create("a/x", b"second")
    assert store.read("a/x") == b"first"
    assert not list(store.tmp.iterdir())


def test_without_hard_links_a_rename_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that refuses links still gets whole files."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert FolderStore(tmp_path).create("x", b"whole")
    assert (tmp_path / "x").read_bytes() == b"whole"


def test_a_lost_reply_to_our_own_link_is_our_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the link was made and 'exists' was answered, the link count says that it was ours."""
    link = os.link

    def answer_exists(source: Path, target: Path) -> None:
        link(source, target)
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(os, "link", answer_exists)
    assert FolderStore(tmp_path).create("x", b"ours")


def test_a_full_disk_is_said_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC becomes its own error, and the temporary file is gone."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoomError, match="make room"):
        FolderStore(tmp_path).create("x", b"content")
    assert not list((tmp_path / "tmp").iterdir())
    assert not (tmp_path / "x").exists()


def test_a_file_that_vanishes_leaves_the_others_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another collector removes one between the listing and the look at it: the rest is there all the same."""
    store = FolderStore(tmp_path)
    for name in ("a", "b", "c"):
        store.create(f"parts/{name}", b"x")
    scandir = os.scandir

    def late(folder: Path) -> object:
        found = scandir(folder)
        (tmp_path / "parts" / "b").unlink()
        return found

    monkeypatch.setattr(os, "scandir", late)
    assert sorted(entry.name for entry in store.entries("parts")) == ["a", "c"]


def test_an_error_under_a_claim_is_not_the_locks(tmp_path: Path) -> None:
    """What goes wrong while a claim is held, or while another's is respected, comes out as it is."""
    store, error = FolderStore(tmp_path), TimeoutError("slow")

    def fail(*, expected: bool) -> None:
        with store.claim("a") as held:
            assert held == expected
            raise error

    with store.claim("a"), pytest.raises(TimeoutError, match="slow"):
        fail(expected=False)
    with pytest.raises(TimeoutError, match="slow"):
        fail(expected=True)
    assert not store.claimed("a")


def test_a_part_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Row, curve and layers survive, and the digest is in the file's own metadata."""
    _, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    content = part(plan, trial_id)
    found = parts.check(content, "x", trial_id)
    row = parts.joined(parts.decode([content], 100)).to_pylist()[0]
    assert (row["trial_id"], row["test_accuracy"], len(row["curve"])) == (trial_id, 0.5, 2)
    assert row["layer"][0]["grad_norm"] == 1.5
    assert pq.read_metadata(pa.BufferReader(content)).metadata[b"sha256"].decode() == found.digest


def test_reading_a_part_leaves_no_thread(tmp_path: Path) -> None:
    """A thread that held the bytes while the interpreter went down aborted finished runs: none is left."""
    _, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    path = tmp_path / f"{trial_id}.parquet"
    path.write_bytes(part(plan, trial_id))
    code = f"""
import os
import time
from pathlib import Path
from collect.store import parts
content = Path({str(path)!r}).read_bytes()
before = len(os.listdir("/proc/self/task"))
parts.check(content, "x", {trial_id!r})
parts.decode([content], 100)
deadline = time.monotonic() + 2  # one that was joined is gone in a moment
while (left := len(os.listdir("/proc/self/task")) - before) and time.monotonic() < deadline:
    time.sleep(0.01)
print(left)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


def test_no_flipped_byte_goes_unnoticed(tmp_path: Path) -> None:
    """Every byte of a part changed once: reading it never returns anything."""
    _, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    content = part(plan, trial_id)
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << (position % 8)
        with pytest.raises(DamagedPartError):
            parts.verify(bytes(damaged), "x")


def test_truncated_empty_foreign_and_misnamed_parts_are_refused(tmp_path: Path) -> None:
    """What is not this trial's whole part is never read as data."""
    _, plan = planned(tmp_path)
    first, second = list(plan.trials)[:2]
    content = part(plan, first)
    for wrong in (content, content[:-1], content[: len(content) // 2], b"", b"PAR1 foreign PAR1", None):
        with pytest.raises(DamagedPartError):
            parts.check(wrong, "x", second)


def test_the_tables_are_tidy_and_reconcile(tmp_path: Path) -> None:
    """One row a finished trial, curves and layers with their identity, a failed trial with its reason."""
    store, plan = planned(tmp_path)
    first, second, third = list(plan.trials)[:3]
    put(store, plan, first, second)
    store.create(keys.failure(third, 1), b'{"reason": "out of memory"}')
    state = state_of(store, plan)
    assert state.counts == {"planned": 16, "completed": 2, "diverged": 0, "failed": 1, "pending": 13}
    assert tables.build(store, plan, state)
    trials = pq.read_table(tmp_path / "trials.parquet")
    assert trials.column_names == [column.name for column in schema.TRIALS]
    assert trials.column("status").to_pylist() == ["completed", "completed", "failed"]
    assert trials.column("reason").to_pylist()[2] == "out of memory"
    curves = pq.read_table(tmp_path / "curves.parquet")
    assert curves.column("trial_id").to_pylist() == [first, first, second, second]
    assert curves.column("accuracy").to_pylist() == pytest.approx([0.1, 0.2] * 2)
    assert pq.read_table(tmp_path / "layers.parquet").column("grad_norm").to_pylist() == [1.5, 1.5]
    assert trials.schema.metadata[b"pending"] == b"13"
    assert not tables.build(store, plan, state_of(store, plan))


def test_a_damaged_part_is_pending_again(tmp_path: Path) -> None:
    """The ledger names it and does not count its trial as finished."""
    store, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    store.create(keys.part(trial_id), part(plan, trial_id)[:-9])
    state = state_of(store, plan)
    assert list(state.damaged) == [trial_id]
    assert state.counts["pending"] == 16


def test_ids_are_stable_and_come_from_the_plan(tmp_path: Path) -> None:
    """The id of a known trial never changes between releases of one recipe version, and the plan gives it back."""
    _, plan = planned(tmp_path)
    assert list(plan.trials) == [t.trial_id for t in plan.trials.values()]
    assert len(set(plan.trials)) == 16
    assert next(iter(plan.trials)) == "1c6edec7495fac6a7ad1"


def test_another_plan_is_refused_with_the_difference(tmp_path: Path) -> None:
    """The error names what changed, from what to what."""
    _, plan = planned(tmp_path)
    asked = plans.Plan.of(study(**{"recipe.epochs": "7"}), {"digits": "d"}, "fp32")
    with pytest.raises(PlanChangedError, match="epochs was 5, is 7"):
        plan_changes.require_same(plan, asked, "there")


def test_a_folder_without_a_plan_is_no_study(tmp_path: Path) -> None:
    """Reading it says how to start one."""
    with pytest.raises(StoreError, match="collect run"):
        plans.read(FolderStore(tmp_path))
