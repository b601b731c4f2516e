"""`collect verify` reads what parts and tables mean: each kind of damage below is found, and costs exit code 1."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collect import publishing, schema
from collect.store import audit, index, keys, ledger, parts, tables
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.study import study_file as studies
from tests.collect.commands import collect
from tests.collect.store.test_store import part, planned, put
from tests.collect.store.test_tables import grown


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of sixteen trials, finished and tabulated."""
    return grown(tmp_path_factory.mktemp("whole"), [range(16)]).root


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> FolderStore:
    """A copy of it."""
    return FolderStore(Path(shutil.copytree(whole, tmp_path / "study")))


def found(store: FolderStore) -> list[str]:
    """What is wrong with a study."""
    plan = plans.read(store)
    return list(audit.findings(store, plan, ledger.read(store, plan.trials, trust=False)))


def sealed(content: bytes) -> bytes:
    """Bytes of a part with a digest that is right for them."""
    start, stop = parts._digest_span(content)
    blank = content[:start] + parts.ZEROS + content[stop:]
    return content[:start] + hashlib.sha256(blank).hexdigest().encode() + content[stop:]


def altered(content: bytes, **values: object) -> bytes:
    """A part whose row has other values, sealed anew, its metadata as they were."""
    row = pq.read_table(pa.BufferReader(content)).to_pylist()[0] | values
    metadata = pq.read_metadata(pa.BufferReader(content)).metadata
    table = pa.Table.from_pylist([row], schema=parts.PART_SCHEMA)
    return sealed(written(table, {k.decode(): v.decode() for k, v in metadata.items() if k != b"ARROW:schema"}))


def written(table: pa.Table, metadata: dict[str, str]) -> bytes:
    """A table as a part's file."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, **parts.PLAIN) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({**metadata, "sha256": parts.ZEROS.decode()})
    return sink.getvalue().to_pybytes()


def test_a_sound_study_has_no_findings(study: FolderStore) -> None:
    """Also where it was copied, and where it was moved."""
    assert found(study) == []
    shutil.move(study.root, study.root.with_name("moved"))
    moved = FolderStore(study.root.with_name("moved"))
    assert found(moved) == []
    assert tables.current(moved, ledger.read(moved, plans.read(moved).trials))


def test_tables_of_another_plan_are_a_finding(study: FolderStore) -> None:
    """The plan was extended, and the tables still say that nothing is pending."""
    wider = studies.read("quick", ["seeds=3"])
    plans.write(study, wider, plans.Plan.of(wider, {"digits": "d"}, "fp32"), over=True)
    assert [line for line in found(study) if "trials.parquet was written for another plan" in line]
    publishing.publish(study)
    assert found(study) == []


def other_trial(content: bytes, plan: plans.Plan) -> bytes:
    """Another trial's row under this trial's metadata."""
    return altered(content, **plan.row(list(plan.trials)[1]))


MEANINGLESS: dict[str, Callable[[bytes, plans.Plan], bytes]] = {
    "another trial's row": other_trial,
    "status changed in the row": lambda content, _: altered(content, status="diverged"),
    "status changed in the metadata": lambda content, _: sealed(
        content.replace(b"\x06status\x18\x09completed", b"\x06status\x18\x09compleTed")
    ),
    "unknown status in both": lambda content, _: sealed(
        altered(content, status="finished!").replace(b"\x06status\x18\x09completed", b"\x06status\x18\x09finished!")
    ),
    "learning rate changed": lambda content, _: altered(content, learning_rate=0.5),
    "seed changed": lambda content, _: altered(content, seed=99),
    "no row": lambda content, _: sealed(written(parts.PART_SCHEMA.empty_table(), said(content))),
    "two rows": lambda content, _: sealed(
        written(pa.concat_tables([parts.joined(parts.decode([content], 100))] * 2), said(content))
    ),
    "no Parquet at all": lambda content, _: sealed(b"PAR1 nothing" + content[-900:-8] + b"\xff\xff\xff\x7fPAR1"),
    "bytes overwritten": lambda content, _: sealed(content[:40] + b"\x00" * 200 + content[240:]),
    "environment that is no JSON": lambda content, _: sealed(content.replace(b'{"python": "3"}', b"]]]]]]]]]]]]]]]")),
    "a key gone": lambda content, _: sealed(content.replace(b"\x0eschema_version", b"\x0eSchema_version")),
}


def said(content: bytes) -> dict[str, str]:
    """A part's metadata."""
    metadata = pq.read_metadata(pa.BufferReader(content)).metadata
    return {key.decode(): value.decode() for key, value in metadata.items() if key != b"ARROW:schema"}


@pytest.mark.parametrize("what", MEANINGLESS)
def test_a_part_that_means_something_else_is_found_and_run_again(study: FolderStore, what: str) -> None:
    """Its digest is right and its name too: verify says so, and who builds the tables sets it aside."""
    plan = plans.read(study)
    trial_id = next(iter(plan.trials))
    content = study.read(keys.part(trial_id))
    assert content
    damaged = MEANINGLESS[what](content, plan)
    assert damaged != content
    study.replace(keys.part(trial_id), damaged)
    assert any(trial_id in problem for problem in found(study))
    publishing.compact(study)
    assert ledger.read(study, plan.trials).counts["pending"] == 1
    assert found(study) == []
    assert [path.name for path in (study.root / keys.QUARANTINE).iterdir()] == [f"{trial_id}.parquet"]


def test_a_replayed_part_is_found(study: FolderStore) -> None:
    """An older attempt of the same trial, whole and sound, is not the one that the tables were built from."""
    plan = plans.read(study)
    trial_id = next(iter(plan.trials))
    study.replace(keys.part(trial_id), part(plan, trial_id, attempt="older", test_accuracy=0.9))
    [problem] = found(study)
    assert "is not the part of which the tables hold the rows" in problem


def test_a_part_that_is_gone_is_found(study: FolderStore) -> None:
    """Nothing is lost in silence."""
    study.delete(keys.part(next(iter(plans.read(study).trials))))
    [problem] = found(study)
    assert "is gone" in problem


def test_every_flipped_bit_of_the_tables_is_found(study: FolderStore) -> None:
    """Two hundred bits of each of two tables, one after the other: verify names the table every time."""
    draw = np.random.default_rng(11)
    built = index.read(study, 16)
    names: tuple[keys.TableName, ...] = ("trials", "curves")
    for name in names:
        path = study.root / keys.table(name)
        content = path.read_bytes()
        stamp = path.stat()
        for position in draw.integers(0, len(content), 200):
            damaged = bytearray(content)
            damaged[position] ^= 1 << int(draw.integers(8))
            path.write_bytes(damaged)
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            assert not tables.is_written(study, name, built.tables[name])
        path.write_bytes(content)
    assert found(study) == []


@pytest.mark.parametrize("name", tables.NAMES)
def test_a_table_whose_digest_was_changed_with_it_is_found(study: FolderStore, name: str) -> None:
    """Whoever edits a table and the digests too is found by the rows of the parts."""
    path = study.root / keys.table(name)
    table = pq.read_table(path)
    column = {"trials": "test_accuracy", "curves": "accuracy", "layers": "grad_norm"}[name]
    number = table.column_names.index(column)
    edited = pa.array([0.25, *table[column].to_pylist()[1:]], pa.float64())
    pq.write_table(table.set_column(number, table.schema.field(column), edited), path)
    relabel(study)
    [problem] = found(study)
    assert f"{name}.parquet holds other rows or counts than the parts do" in problem


@pytest.mark.parametrize("change", [{"planned": "17"}, {"pending": "1"}, {"parts_digest": "0" * 64}, {"study": "{}"}])
def test_tables_that_say_otherwise_of_the_study_are_found(study: FolderStore, change: dict[str, str]) -> None:
    """Planned, pending, the parts they stand for and the study itself are compared with the plan."""
    path = study.root / keys.table("trials")
    table = pq.read_table(path)
    metadata = {key: value for key, value in table.schema.metadata.items() if key.decode() not in change}
    pq.write_table(
        table.replace_schema_metadata({**metadata, **{k.encode(): v.encode() for k, v in change.items()}}), path
    )
    relabel(study)
    [problem] = found(study)
    assert "trials.parquet holds other rows or counts" in problem


def test_missing_rows_are_found(study: FolderStore) -> None:
    """Rows removed, metadata and digests to match."""
    for name in tables.NAMES:
        path = study.root / keys.table(name)
        table = pq.read_table(path)
        pq.write_table(table.slice(0, len(table) - 1), path)
    relabel(study)
    assert len(found(study)) == 3


def saying(**said: str | bytes) -> Callable[[pa.Table], pa.Table]:
    """A table with other metadata."""
    changed = {key.encode(): value for key, value in said.items()}
    return lambda table: table.replace_schema_metadata({**table.schema.metadata, **changed})


def with_column(name: str, change: Callable[[pa.ChunkedArray], pa.Array]) -> Callable[[pa.Table], pa.Table]:
    """A table with other values in a column."""
    return lambda table: table.set_column(table.column_names.index(name), name, change(table[name]))


@pytest.mark.parametrize("name", ["../../outside", "a\0b", "x" * 5000, "plan/../plan"])
def test_an_index_names_the_three_tables_alone(study: FolderStore, name: str) -> None:
    """One that names other files is none, and no such file is looked at."""
    table = pq.read_table(study.root / keys.INDEX)
    said = json.loads(table.schema.metadata[b"index"])
    said["tables"][name] = {"version": "1:1", "sha256": "0" * 64, "bytes": 1}
    pq.write_table(table.replace_schema_metadata({"index": json.dumps(said)}), study.root / keys.INDEX)
    assert index.read(study, 16) == index.Index()
    assert found(study) == []


@pytest.mark.parametrize("change", [{"status": "diverged"}, {"environment": '{"python": "2"}'}])
def test_an_index_that_says_otherwise_of_a_part_is_found(study: FolderStore, change: dict[str, str]) -> None:
    """How its trial ended and where it ran stand in both."""
    built = index.read(study, 16)
    first, *rest = built.parts.items()
    edited = dict([(first[0], first[1]._replace(**change)), *rest])
    index.write(study, index.Index(edited, built.digest, built.tables, built.factors))
    [problem] = found(study)
    assert "index.parquet says otherwise" in problem


def test_a_part_of_many_points_is_not_decoded(study: FolderStore) -> None:
    """No trial has a million points in its curve; some kilobytes can hold them, a column left out or not."""
    plan = plans.read(study)
    trial_id = next(iter(plan.trials))
    content = study.read(keys.part(trial_id))
    assert content
    table = parts.joined(parts.decode([content], 100))
    points = table["curve"].combine_chunks().values.take(pa.array([0] * 1_000_000))
    many = pa.ListArray.from_arrays(pa.array([0, len(points)], pa.int32()), points)
    for bomb in (table, table.drop_columns(["train_loss"])):
        longer = bomb.set_column(bomb.column_names.index("curve"), "curve", many)
        study.replace(keys.part(trial_id), sealed(written(longer, said(content))))
        assert any("cannot be decoded" in problem for problem in found(study))


def test_a_part_of_an_earlier_release_lacks_columns(study: FolderStore) -> None:
    """They are null; values of another type are no part's."""
    plan = plans.read(study)
    trial_id = next(iter(plan.trials))
    content = study.read(keys.part(trial_id))
    assert content
    [whole] = parts.decode([content], 100)
    assert whole
    inside = [field for field in parts.PART_SCHEMA.field("curve").type.value_type if field.name != "accuracy"]
    fewer = whole.drop_columns(["train_loss"])
    fewer = with_column("curve", lambda column: column.cast(pa.list_(pa.struct(inside))))(fewer)
    row, earlier = parts.joined([whole]).to_pylist()[0], parts.joined([whole, fewer])
    points = [{**point, "accuracy": None} for point in row["curve"]]
    assert earlier.to_pylist() == [row, {**row, "train_loss": None, "curve": points}]
    with pytest.raises(pa.ArrowException):
        parts.joined([with_column("seed", lambda _: pa.array(["1"]))(whole)])


def relabel(store: FolderStore) -> None:
    """Let index and description agree with the tables as they lie there."""
    plan = plans.read(store)
    built = index.read(store, len(plan.trials))
    labels = tables._versions(store)
    now = {}
    for name in tables.NAMES:
        content = (store.root / keys.table(name)).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        now[name] = index.Written(version=labels[name], sha256=digest, bytes=len(content))
    said = index.Index(built.parts, built.digest, now, built.factors)
    index.write(store, said)
    store.replace(keys.DATAPACKAGE, tables.package_of(plan, said))


@pytest.mark.parametrize("content", [b"", b"not Parquet", b"PAR1PAR1"])
def test_a_damaged_index_or_description_is_no_traceback(study: FolderStore, content: bytes) -> None:
    """The index is a cache; what it said is said by the parts. The description is compared."""
    study.replace(keys.DATAPACKAGE, content)
    [problem] = found(study)
    assert "datapackage.json does not describe the tables" in problem
    study.replace(keys.INDEX, content)
    assert found(study) == []
    plan = plans.read(study)
    assert not tables.current(study, ledger.read(study, plan.trials))
    publishing.publish(study)
    assert tables.current(study, ledger.read(study, plan.trials))
    assert found(study) == []


@pytest.mark.parametrize(
    "said", [b"", b"{}", b"[" * 100_000, b'{"digest": "x", "tables": {"trials": 3}, "factors": []}', b"\xff"]
)
def test_an_index_with_bad_metadata_counts_as_none(study: FolderStore, said: bytes) -> None:
    """It is written anew."""
    table = pq.read_table(study.root / keys.INDEX)
    pq.write_table(table.replace_schema_metadata({b"index": said}), study.root / keys.INDEX)
    assert index.read(study, 16) == index.Index()


def test_new_parts_beside_tables_that_lag_behind_are_no_damage(tmp_path: Path) -> None:
    """While a study runs its tables stand for what was there when they were built."""
    store = grown(tmp_path, [range(5)])
    plan = plans.read(store)
    put(store, plan, *list(plan.trials)[5:])
    assert found(store) == []


def test_failed_trials_are_compared_too(tmp_path: Path) -> None:
    """Their rows stand at the end of the table, and nowhere else."""
    store, plan = planned(tmp_path)
    ids = list(plan.trials)
    put(store, plan, *ids[:3])
    store.create(keys.failure(ids[5], 1), b'{"reason": "lost"}')
    publishing.publish(store)
    assert found(store) == []
    path = store.root / keys.table("trials")
    whole = pq.read_table(path)
    of_another = with_column("trial_id", lambda column: pa.array([*column.to_pylist()[:3], ids[6]]))(whole)
    counted = saying(pending="13")(whole.slice(0, 3))
    for wrong in (whole.slice(0, 3), of_another, with_column("reason", lambda column: pa.nulls(4, column.type))(whole)):
        pq.write_table(wrong, path)
        relabel(store)
        assert len(found(store)) == 1
    trained = with_column("status", lambda column: pa.array([*column.to_pylist()[:3], "completed"]))(whole)
    put(store, plan, ids[7])  # the tables lag behind, so that which trials had failed is not known
    for wrong, findings in (
        (whole, 0),
        (trained, 1),
        (whole.slice(0, 3), 1),
        (counted, 0),
        (pa.concat_tables([whole] * 5), 1),
    ):
        pq.write_table(wrong, path)
        relabel(store)
        assert len(found(store)) == findings


def test_an_older_failure_speaks_where_the_last_is_cut_short(tmp_path: Path) -> None:
    """Attempts count by number, past nine too, and a truncated record is passed over."""
    store, plan = planned(tmp_path)
    first, second, *_ = plan.trials
    for attempt in range(1, 13):
        store.create(keys.failure(first, attempt), json.dumps({"reason": f"attempt {attempt}"}).encode())
    store.replace(keys.failure(first, 12), b'{"reason": "att')
    store.create(keys.failure(second, 1), b"[" * 100_000)
    store.create(f"{keys.FAILURES}/notes.json", b"not a failure")
    failed = ledger.read(store, plan.trials).failed
    assert failed == {first: "attempt 11", second: ledger.UNREADABLE}


def test_a_part_of_a_newer_schema_is_refused_by_name(study: FolderStore, tmp_path: Path) -> None:
    """It is not damage: nothing is set aside, and no column is dropped."""
    trial_id = next(iter(plans.read(study).trials))
    content = study.read(keys.part(trial_id))
    assert content
    now = b"schema_version\x18\x01%d" % schema.SCHEMA_VERSION
    newer = sealed(content.replace(now, b"schema_version\x18\x019"))
    assert newer != content
    study.replace(keys.part(trial_id), newer)
    for command in ("status", "verify", "compact"):
        ran = collect(command, str(study.root), cwd=tmp_path)
        assert (ran.returncode, "written by a newer release" in ran.stderr) == (2, True), ran.stderr
    assert study.read(keys.part(trial_id)) == newer


def test_fifty_thousand_findings_are_twenty_and_a_count(tmp_path: Path) -> None:
    """The first twenty, a line each, and how many there are; exit code 1."""
    store, _ = planned(tmp_path)
    script = (
        "from collect.store import audit\n"
        "audit.findings = lambda *_: (f'finding {n}' for n in range(50_000))\n"
        "from collect.cli import main\n"
        f"main(['verify', {str(store.root)!r}])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    lines = ran.stderr.splitlines()
    assert (ran.returncode, len(lines), lines[19]) == (1, 21, "finding 19")
    assert "49980 more like these: 50000 findings" in lines[20]
