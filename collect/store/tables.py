"""The three tidy tables: a cache built from the parts, each replaced whole, in the plan's order.

They are written batch of trials by batch, a batch being one row group of each table, so that memory holds one batch
whatever the study's size. Tables that stand for some of the parts take up the others without reading those again.
The SHA-256 of each, taken while it is written, stands in the index and in datapackage.json.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect import schema
from collect.errors import UnreadableError
from collect.store import datapackage, index, keys, tidy
from collect.store.hashed_file import HashedFile
from collect.store.index import Index, Written
from collect.store.keys import TableName
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.store.tidy import Batch, Columns

#: In the order in which they are put in place; whoever sees trials sees the others too.
NAMES: tuple[TableName, ...] = ("curves", "layers", "trials")
#: Versions of the schema that tables may have, this release's last.
VERSIONS = range(1, schema.SCHEMA_VERSION + 1)
#: Bytes that are hashed at a time.
PIECE = 2**20


def current(store: Store, ledger: Ledger) -> bool:
    """Whether the tables in the store stand for these parts and are as they were written."""
    built = index.read(store, ledger.planned)
    return built.digest == ledger.digest and unchanged(store, built) is not None


def unchanged(store: Store, built: Index) -> Index | None:
    """The index, if the tables are those that it speaks of.

    They are known by their labels, or, where a study was copied, by their bytes; it then has the labels they have now.
    """
    labels = _versions(store)
    if set(built.tables) != set(NAMES) or set(labels) != set(NAMES):
        return None
    now = {name: written.model_copy(update={"version": labels[name]}) for name, written in built.tables.items()}
    if now != built.tables and not all(is_written(store, name, written) for name, written in built.tables.items()):
        return None
    return replace(built, tables=now) if _versions(store) == labels else None


def is_written(store: Store, name: TableName, written: Written) -> bool:
    """Whether a table is the file that was written; no more is read of it than was written."""
    try:
        with store.opened(keys.table(name), written.bytes) as file:
            return _holds(file, written)
    except (FileNotFoundError, UnreadableError):
        return False


def _holds(file: BinaryIO, written: Written) -> bool:
    """Whether a file that was just opened has these bytes; it is then at its beginning again."""
    left, digest = written.bytes, hashlib.sha256()
    while left and (piece := file.read(min(left, PIECE))):
        digest.update(piece)
        left -= len(piece)
    whole = not left and not file.read(1)
    file.seek(0)
    return whole and digest.hexdigest() == written.sha256


def build(store: Store, plan: Plan, ledger: Ledger, *, force: bool = False) -> bool:
    """Rebuild the tables unless they already stand for these parts; True if they were rebuilt.

    Args:
        store: where the study lies.
        plan: of the study.
        ledger: its state.
        force: whether to rebuild them from the parts whatever is there.

    Raises:
        DamagedPartsError: some parts do not hold what their trials gave; the tables are as they were.
        DamagedPartError: a part has changed while it was read.
    """
    built = index.read(store, ledger.planned)
    same = unchanged(store, built) if built.digest == ledger.digest and not force else None
    if same:
        _describe(store, plan, same)
        if same != built:
            index.write(store, replace(same, parts=ledger.finished))
        return False
    grows = not force and built.factors == plan.factors and _extends(built, ledger)
    written = _grown(store, plan, ledger, built) if grows else None
    if written is None:
        columns = datapackage.columns(plan.factors, plan.own_columns)
        written = _write(store, plan, ledger, tidy.read_parts(store, plan, ledger, list(ledger.finished), columns))
    said = Index(ledger.finished, ledger.digest, written, plan.factors)
    _describe(store, plan, said)
    index.write(store, said)
    return True


class _NotAsWrittenError(Exception):
    """The tables in the store are not what the index says, and of no use."""


def _grown(store: Store, plan: Plan, ledger: Ledger, built: Index) -> dict[TableName, Written] | None:
    """Write the tables from those that are there and the parts they lack; None where those cannot be used."""
    try:
        with ExitStack() as stack:
            return _write(store, plan, ledger, _merged(store, plan, ledger, built, _opened(store, built, stack)))
    except _NotAsWrittenError:
        return None


def _describe(store: Store, plan: Plan, said: Index) -> None:
    """Write datapackage.json, unless it says so already."""
    if not is_described(store, plan, said):
        store.replace(keys.DATAPACKAGE, package_of(plan, said))


def is_described(store: Store, plan: Plan, said: Index) -> bool:
    """Whether datapackage.json says of the tables what the index does, as this release or an earlier one puts it."""
    try:
        found = store.read(keys.DATAPACKAGE)
        forms = [(version, former) for version in VERSIONS for former in (False, True)]
        return any(found == package_of(plan, said, version, former=former) for version, former in forms)
    except UnreadableError:
        return False


def package_of(plan: Plan, said: Index, version: int = schema.SCHEMA_VERSION, *, former: bool = False) -> bytes:
    """What datapackage.json has to say of the tables of an index, or said before."""
    found = {name: (written.sha256, written.bytes) for name, written in said.tables.items()}
    own = plan.own_columns
    return datapackage.package(plan.name, said.factors, found, version, own=own, former=former).encode()


def _versions(store: Store) -> dict[TableName, str]:
    found = {entry.name: entry.version for entry in store.entries("") if entry.version}
    return {name: found[keys.table(name)] for name in NAMES if keys.table(name) in found}


def _extends(built: Index, ledger: Ledger) -> bool:
    """Whether the tables hold, in the order they are to have, parts that are still there, and most of those."""
    if len(built.parts) < len(ledger.finished) / 2:
        return False
    kept = [(i, part.digest) for i, part in ledger.finished.items() if i in built.parts]
    return kept == [(i, part.digest) for i, part in built.parts.items()]


def _opened(store: Store, built: Index, stack: ExitStack) -> dict[TableName, BinaryIO]:
    """The tables that the index speaks of, byte for byte.

    Raises:
        _NotAsWrittenError: others stand in their place, be it since a moment ago.
    """
    try:
        tables = built.tables.items()
        opened = {name: stack.enter_context(store.opened(keys.table(name), written.bytes)) for name, written in tables}
    except (FileNotFoundError, UnreadableError):
        raise _NotAsWrittenError from None
    if set(opened) != set(NAMES) or not all(_holds(file, built.tables[name]) for name, file in opened.items()):
        raise _NotAsWrittenError
    return opened


def _merged(
    store: Store, plan: Plan, ledger: Ledger, built: Index, files: Mapping[TableName, BinaryIO]
) -> Iterator[Batch]:
    """The batches of the tables as they stand, with new trials where they belong.

    Raises:
        _NotAsWrittenError: they do not hold the trials that the index says, though their digests are right.
    """
    columns = datapackage.columns(plan.factors, plan.own_columns)
    position = {trial_id: number for number, trial_id in enumerate(ledger.finished)}
    waiting = deque(trial_id for trial_id in ledger.finished if trial_id not in built.parts)
    for old in _batches(files, built, columns):
        last = position[old["trials"]["trial_id"][-1].as_py()]
        earlier = []
        while waiting and position[waiting[0]] < last:
            earlier.append(waiting.popleft())
        yield _in_order([old, *tidy.read_parts(store, plan, ledger, earlier, columns)], position) if earlier else old
    yield from tidy.read_parts(store, plan, ledger, list(waiting), columns)


def _batches(files: Mapping[TableName, BinaryIO], built: Index, columns: Columns) -> Iterator[Batch]:
    """The batches of the tables as they stand, those of failed trials left out."""
    expected = iter(built.parts)
    try:
        opened = {name: pq.ParquetFile(file, page_checksum_verification=True) for name, file in files.items()}
        groups = opened["curves"].num_row_groups
        if any(not file.schema_arrow.equals(schema.arrow_schema(columns[name])) for name, file in opened.items()):
            raise _NotAsWrittenError
        if groups != opened["layers"].num_row_groups or groups > opened["trials"].num_row_groups:
            raise _NotAsWrittenError
        with ThreadPoolExecutor(len(NAMES)) as pool:
            for group in range(groups):
                with schema.bounded_memory():
                    reading = {n: pool.submit(opened[n].read_row_group, group, use_threads=False) for n in NAMES}
                    batch = {name: future.result() for name, future in reading.items()}
                ids = batch["trials"]["trial_id"].to_pylist()
                if not ids or ids != list(islice(expected, len(ids))):
                    raise _NotAsWrittenError
                yield batch
    except (pa.ArrowException, OSError, ValueError):
        raise _NotAsWrittenError from None
    if next(expected, None):
        raise _NotAsWrittenError


def _in_order(batches: Sequence[Batch], position: Mapping[str, int]) -> Batch:
    joined = {name: pa.concat_tables([batch[name] for batch in batches]) for name in NAMES}
    ordered = pa.array(sorted(joined["trials"]["trial_id"].to_pylist(), key=position.__getitem__))
    return {
        name: table.take(pc.sort_indices(pc.index_in(table["trial_id"], value_set=ordered)))
        for name, table in joined.items()
    }


def _write(store: Store, plan: Plan, ledger: Ledger, batches: Iterator[Batch]) -> dict[TableName, Written]:
    """Write the tables; what was written of each."""
    columns = datapackage.columns(plan.factors, plan.own_columns)
    metadata = metadata_of(plan, ledger)
    with ExitStack() as stack, ThreadPoolExecutor(len(NAMES)) as pool:
        writers, drafts, hashed = {}, {}, {}
        for name in reversed(NAMES):  # what is opened last is put in place first
            drafts[name] = stack.enter_context(store.writing(keys.table(name)))
            described = schema.arrow_schema(columns[name]).with_metadata(metadata)
            labels = [field.name for field in described if not pa.types.is_floating(field.type)]
            hashed[name] = HashedFile(drafts[name].file)
            writer = pq.ParquetWriter(
                hashed[name], described, compression="zstd", use_dictionary=labels, write_page_checksum=True
            )
            writers[name] = stack.enter_context(writer)
        writing: list[Future[None]] = []
        for batch in batches:  # the next one is read while this one is written
            _finished(writing)
            writing = [pool.submit(_row_group, writers[name], batch[name]) for name in NAMES]
        _finished(writing)
        if ledger.failed:
            _row_group(writers["trials"], tidy.failed(plan, ledger))
    return {
        name: Written(version=draft.version, sha256=hashed[name].sha256.hexdigest(), bytes=hashed[name].bytes)
        for name, draft in drafts.items()
    }


def _finished(writing: Sequence[Future[None]]) -> None:
    """Wait, and raise what went wrong."""
    for future in writing:
        future.result()


def _row_group(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    """Write these rows as one row group, be there none."""
    writer.write_table(rows.cast(writer.schema), row_group_size=max(1, len(rows)))


def metadata_of(plan: Plan, ledger: Ledger) -> dict[str, str]:
    """What the tables say of the study (see collect.schema)."""
    environments = sorted({part.environment for part in ledger.finished.values()})
    return {
        "schema_version": str(schema.SCHEMA_VERSION),
        "recipe_version": str(plan.recipe_version),
        "study": json.dumps(plan.study),
        "planned": str(ledger.planned),
        "pending": str(ledger.counts["pending"]),
        "parts_digest": ledger.digest,
        "environments": "[" + ",".join(environments) + "]",
    }
