"""Whatever lies in a study's folder, and however large it says it is: no more is read than can be ours."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collect import cli
from collect.errors import DamagedPartError, StoreError, UnreadableError
from collect.store import audit, checkpoints, index, keys, ledger, parts, tidy
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from tests.collect.outcomes import made_up
from tests.collect.store.test_audit import found
from tests.collect.store.test_store import part, planned, put
from tests.collect.store.test_tables import grown
from tests.collect.victims import untouched

TERABYTES = 3 * 10**12


def said_by(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, list[str]]:
    """The exit code of a command, and its lines on stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    return int(ended.value.code or 0), capsys.readouterr().err.splitlines()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of sixteen trials, of which eleven are finished and tabulated and one has failed."""
    store = grown(tmp_path_factory.mktemp("made"), [range(11)])
    store.create(keys.failure(list(plans.read(store).trials)[15], 1), b'{"reason": "lost"}')
    return store.root


@pytest.fixture
def store(made: Path, tmp_path: Path) -> FolderStore:
    """A copy of it."""
    return FolderStore(Path(shutil.copytree(made, tmp_path / "study")))


@pytest.mark.parametrize("scheme", ["file", "memory", "http", "https", "ftp", ""])
def test_only_a_bucket_has_a_url(store: FolderStore, scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder behind file:// was opened without a look at where its subfolders lead."""
    with untouched(store.root.parent / "victim") as victim:
        (store.root / keys.QUARANTINE).symlink_to(victim)
        min((store.root / keys.PARTS).iterdir()).write_bytes(b"damaged")
        for command in ("compact", "run"):
            code, [line] = said_by(capsys, command, f"{scheme}://{store.root}")
            assert (code, "s3://bucket/prefix" in line) == (2, True)


def pipe(path: Path) -> None:
    """A named pipe, which nobody writes to."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def folder(path: Path) -> None:
    """A folder with something in it."""
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    (path / "photo.jpg").write_bytes(b"precious")


def sparse(path: Path) -> None:
    """A file of terabytes that takes no room."""
    path.unlink(missing_ok=True)
    path.touch()
    os.truncate(path, TERABYTES)


def endless(path: Path) -> None:
    """A file of the system's that has no bytes, and never ends."""
    path.unlink(missing_ok=True)
    path.symlink_to("/proc/self/pagemap")


ODD = [pipe, folder, sparse, endless]
Odd = Callable[[Path], None]


@pytest.mark.parametrize("odd", ODD)
def test_a_plan_that_is_none(store: FolderStore, odd: Odd, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence from every command."""
    odd(store.root / keys.PLAN)
    for command in ("status", "verify", "compact"):
        code, [line] = said_by(capsys, command, str(store))
        assert (code, keys.PLAN in line) == (2, True)


@pytest.mark.parametrize("odd", ODD)
def test_a_part_that_is_none(store: FolderStore, odd: Odd) -> None:
    """It is damaged, neither finished nor gone; set aside, it makes room for its trial's."""
    plan = plans.read(store)
    trial_id = next(iter(plan.trials))
    odd(store.root / keys.part(trial_id))
    state = ledger.read(store, plan.trials)
    assert (list(state.damaged), state.counts["completed"]) == ([trial_id], 10)
    [problem] = found(store)
    assert f"{trial_id}.parquet is" in problem
    assert "gone" not in problem
    store.set_aside(keys.part(trial_id))
    assert store.create(keys.part(trial_id), part(plan, trial_id))
    assert found(store) == []


@pytest.mark.parametrize("odd", ODD)
def test_a_failure_s_record_that_is_none(store: FolderStore, odd: Odd) -> None:
    """It is passed over, as is an older one of a trial that has a readable one."""
    plan = plans.read(store)
    *_, before, failed = plan.trials
    odd(store.root / keys.failure(failed, 2))
    odd(store.root / keys.failure(before, 1))
    assert ledger.read(store, plan.trials).failed in ({failed: "lost"}, {failed: "lost", before: ledger.UNREADABLE})


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["trials.parquet", "curves.parquet", keys.DATAPACKAGE])
def test_a_table_that_is_none(store: FolderStore, odd: Odd, name: str) -> None:
    """It is not the file that was written, which is said without reading it."""
    odd(store.root / name)
    started = time.process_time()
    [problem] = found(store)
    assert name in problem
    assert time.process_time() - started < 10


@pytest.mark.parametrize("odd", ODD)
def test_an_index_that_is_none(store: FolderStore, odd: Odd) -> None:
    """The index is a cache: what it said is said by the parts."""
    odd(store.root / keys.INDEX)
    plan = plans.read(store)
    assert index.read(store, 16) == index.Index()
    assert ledger.read(store, plan.trials).counts["completed"] == 11


@pytest.mark.parametrize("odd", ODD)
def test_a_checkpoint_that_is_none(store: FolderStore, odd: Odd) -> None:
    """It names no stack; what would keep its stack from writing one is set aside by run."""
    key = keys.checkpoint("a" * 20)
    (store.root / keys.CHECKPOINTS).mkdir()
    odd(store.root / key)
    odd(store.root / keys.state("b" * 64))
    assert checkpoints.read(store, key) is None
    assert checkpoints.stacks(store) == []
    for lying in checkpoints.unreadable(store):
        store.set_aside(lying)
    store.replace(key, b"ours")
    checkpoints.clear(store, plans.read(store).trials)


def test_what_is_read_is_bounded(tmp_path: Path) -> None:
    """By what is asked for, or by what an object of this name can have."""
    store = FolderStore(tmp_path)
    store.create("x", b"four")
    assert store.read("x", 4) == b"four"
    for read in (lambda: store.read("x", 3), lambda: store.opened("x", 3)):
        with pytest.raises(UnreadableError, match="has 4 bytes; more than 3"):
            read()
    assert keys.most_bytes(keys.part("a" * 20)) < keys.most_bytes(keys.PLAN) < keys.most_bytes("curves.parquet")


def test_an_index_of_more_rows_than_trials_is_none(store: FolderStore) -> None:
    """Forty million empty rows take four hundred kilobytes and minutes."""
    table = pq.read_table(store.root / keys.INDEX)
    six = table.take([0] * 6).set_column(0, "trial_id", pa.array(list("abcdef")))
    more = pa.concat_tables([table, six]).replace_schema_metadata(table.schema.metadata)
    pq.write_table(more, store.root / keys.INDEX)
    assert index.read(store, 17).parts
    assert index.read(store, 16) == index.Index()


def test_a_plan_of_more_rows_than_a_study_is_refused(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they are read."""
    monkeypatch.setattr(plans, "MOST_TRIALS", 15)
    with pytest.raises(StoreError, match="16 rows, more than 15"):
        plans.read(store)


@pytest.mark.parametrize("digits", [6, 1_000_000])
def test_a_length_that_has_no_end_is_damage(digits: int) -> None:
    """A length of a million bytes became a number of seven million bits, byte by byte."""
    content = b"PAR1\x18\x08trial_id\x18" + b"\xff" * digits + b"\x01" + parts.DIGEST + parts.ZEROS + b"PAR1"
    digest = hashlib.sha256(content).hexdigest().encode()
    started = time.process_time()
    with pytest.raises(DamagedPartError, match="no part of a study"):
        parts.check(content.replace(parts.ZEROS, digest), "x", "a" * 20)
    assert time.process_time() - started < 2


def test_a_damaged_batch_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches end after so many bytes; verify names every part that does not decode, whichever batch it is in."""
    monkeypatch.setattr(tidy, "BATCH_BYTES", 1)
    store, plan = planned(tmp_path)
    put(store, plan, *list(plan.trials)[:8])
    wrong = list(plan.trials)[2:5]
    for trial_id in wrong:
        row = plan.row(trial_id) | {"learning_rate": 0.5}
        store.replace(keys.part(trial_id), parts.encode(row, made_up(precision="fp32"), "a", {}))
    state = ledger.read(store, plan.trials, trust=False)
    assert len(list(audit.findings(store, plan, state))) == 3
    assert list(state.damaged) == wrong
