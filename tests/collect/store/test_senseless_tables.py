"""Tables that cannot be understood: one finding each, and never the base of new ones."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collect import publishing
from collect.store import keys, tables
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from tests.collect.store.test_audit import found, relabel, saying, study, whole, with_column
from tests.collect.store.test_store import put
from tests.collect.store.test_tables import grown

__all__ = ["study", "whole"]


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with eleven of its trials finished and tabulated."""
    return grown(tmp_path_factory.mktemp("eleven"), [range(11)]).root


@pytest.fixture
def growing(eleven: Path, tmp_path: Path) -> FolderStore:
    """A copy of it, to which the other five have come."""
    store = FolderStore(Path(shutil.copytree(eleven, tmp_path / "growing")))
    plan = plans.read(store)
    put(store, plan, *list(plan.trials)[11:])
    return store


def grows_sound(store: FolderStore, whole: Path) -> None:
    """The tables are brought up to date, and are those of the whole study."""
    publishing.publish(store)
    assert found(store) == []
    for name in tables.NAMES:
        assert pq.read_table(store.root / keys.table(name)).equals(pq.read_table(whole / keys.table(name)))


def retabled(store: FolderStore, name: keys.TableName, change: Callable[[pa.Table], pa.Table]) -> None:
    """Put another table in the place of one, index and description to match."""
    pq.write_table(change(pq.read_table(store.root / keys.table(name))), store.root / keys.table(name))
    relabel(store)


def many_more(table: pa.Table) -> pa.Table:
    """A table of a hundred thousand rows, each with a long text."""
    some = table.take([0] * 100_000)
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * len(some), pa.int32()), ["x" * 50_000])
    return some.set_column(some.column_names.index("reason"), "reason", texts).replace_schema_metadata(
        table.schema.metadata
    )


#: Tables that cannot be understood, though their digests are right.
SENSELESS: dict[str, tuple[keys.TableName, Callable[[pa.Table], pa.Table]]] = {
    "trials without a status": ("trials", lambda table: table.drop_columns(["status"])),
    "trials without ids": ("trials", lambda table: table.drop_columns(["trial_id"])),
    "curves without ids": ("curves", lambda table: table.drop_columns(["trial_id"])),
    "a column twice": ("trials", lambda table: table.append_column("status", table["status"])),
    "a column of curves twice": ("curves", lambda table: table.append_column("loss", table["loss"])),
    "a column that is none of ours": ("layers", lambda table: table.append_column("x", table["step"])),
    "half precision": ("curves", with_column("loss", lambda column: column.combine_chunks().cast(pa.float16()))),
    "numbers for ids": ("trials", with_column("trial_id", lambda column: pa.array(range(len(column))))),
    "texts as codes": ("trials", with_column("status", lambda column: column.combine_chunks().dictionary_encode())),
    "other trials": ("trials", with_column("trial_id", lambda column: pa.array(["f" * 20] * len(column)))),
    "other trials' curves": ("curves", with_column("trial_id", lambda column: pa.array(["f" * 20] * len(column)))),
    "no row": ("trials", lambda table: table.slice(0, 0)),
    "one row more": ("curves", lambda table: pa.concat_tables([table, table.slice(0, 1)])),
    "one layer more": ("layers", lambda table: pa.concat_tables([table, table.slice(0, 1)])),
    "rows without an end": ("trials", many_more),
    "five thousand digits": ("trials", saying(planned="9" * 5000)),
    "no number": ("trials", saying(pending="some")),
    "bytes that are no text": ("trials", saying(study=b"\xff\xfe")),
}


@pytest.mark.parametrize("what", SENSELESS)
def test_a_table_that_cannot_be_understood_is_one_finding(study: FolderStore, what: str) -> None:
    """And no traceback, whatever its columns, types, rows and metadata."""
    name, change = SENSELESS[what]
    retabled(study, name, change)
    [problem] = found(study)
    assert f"{name}.parquet holds other rows or counts" in problem


#: Nothing but the parts tells that these are wrong.
PLAUSIBLE = ("other trials' curves", "one row more", "one layer more")


@pytest.mark.parametrize("what", [what for what in SENSELESS if what not in PLAUSIBLE])
def test_tables_that_cannot_be_understood_do_not_grow(growing: FolderStore, whole: Path, what: str) -> None:
    """New parts beside them: all three are built from the parts, and hold what they should."""
    name, change = SENSELESS[what]
    retabled(growing, name, change)
    grows_sound(growing, whole)


@pytest.mark.parametrize("content", [b"", b"no Parquet", b"PAR1PAR1"])
@pytest.mark.parametrize("name", tables.NAMES)
def test_tables_that_are_none_do_not_grow(
    growing: FolderStore, whole: Path, name: keys.TableName, content: bytes
) -> None:
    """Their digests are right, and yet verify names the table, and run builds them from the parts."""
    (growing.root / keys.table(name)).write_bytes(content)
    relabel(growing)
    [problem] = found(growing)
    assert f"{name}.parquet holds other rows or counts" in problem
    grows_sound(growing, whole)


@pytest.mark.parametrize("name", tables.NAMES)
def test_rot_in_a_table_does_not_stop_a_run(growing: FolderStore, whole: Path, name: keys.TableName) -> None:
    """One byte flipped, size and time as they were: the digest tells, before anything is merged."""
    path = growing.root / keys.table(name)
    stamp = path.stat()
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    grows_sound(growing, whole)


def test_another_table_does_not_grow(growing: FolderStore, whole: Path) -> None:
    """One that reads well, and is not the file that was written, though no larger."""
    path = growing.root / keys.table("trials")
    size, table = path.stat().st_size, pq.read_table(path)
    edited = with_column("test_accuracy", lambda column: pa.array([0.25] * len(column)))(table)
    pq.write_table(edited.cast(table.schema), path, compression="zstd", write_statistics=False)
    assert path.stat().st_size < size
    grows_sound(growing, whole)
