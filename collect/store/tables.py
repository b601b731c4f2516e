"""The three tidy tables: a cache built from the parts, each replaced whole, in the plan's order.

They are written batch of trials by batch, a batch being one row group of each table, so that memory holds one batch
whatever the study's size. Tables that stand for some of the parts take up the others without reading those again.
The SHA-256 of each, taken while it is written, stands in the index and in datapackage.json.
"""

import hashlib
import io
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect import schema
from collect.store import datapackage, index, keys, tidy
from collect.store.index import Index, Written
from collect.store.ledger import Ledger
from collect.store.outcome import Result
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.store.tidy import Batch, Columns

#: In the order in which they are put in place; whoever sees trials sees the others too.
NAMES = ("curves", "layers", "trials")


def current(store: Store, ledger: Ledger) -> bool:
    """Whether the tables in the store stand for these parts and are as they were written."""
    built = index.read(store)
    return built.digest == ledger.digest and unchanged(store, built) is not None


def unchanged(store: Store, built: Index) -> Index | None:
    """The index, if the tables are those that it speaks of.

    They are known by their labels, or, where a study was copied, by their bytes; it then has the labels they have now.
    """
    labels = _versions(store)
    if set(built.tables) != set(NAMES) or set(labels) != set(NAMES):
        return None
    now = {name: written.model_copy(update={"version": labels[name]}) for name, written in built.tables.items()}
    if now != built.tables and any(sums(store, name) != sums_of(built.tables[name]) for name in NAMES):
        return None
    return replace(built, tables=now) if _versions(store) == labels else None


def sums(store: Store, name: str) -> tuple[str, int] | None:
    """The SHA-256 of a table as it lies there, and its size in bytes; None where there is none."""
    try:
        with store.opened(keys.table(name)) as file:
            digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # a file that was opened to be read
            return digest.hexdigest(), file.tell()
    except FileNotFoundError:
        return None


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
    built = index.read(store)
    same = unchanged(store, built) if built.digest == ledger.digest and not force else None
    if same:
        _describe(store, plan, same)
        if same != built:
            index.write(store, replace(same, parts=ledger.finished))
        return False
    factors = tuple(plan.study["factors"])
    columns = datapackage.columns(factors)
    with ExitStack() as stack:
        grows = not force and built.factors == factors and _extends(built, ledger)
        files = _opened(store, built, stack) if grows else None
        if files:
            new = [trial_id for trial_id in ledger.finished if trial_id not in built.parts]
            batches = _merged(store, plan, ledger, files, new, columns)
        else:
            batches = tidy.read_parts(store, plan, ledger, list(ledger.finished), columns)
        written = _write(store, plan, ledger, batches)
    said = Index(ledger.finished, ledger.digest, written, factors)
    _describe(store, plan, said)
    index.write(store, said)
    return True


def _describe(store: Store, plan: Plan, said: Index) -> None:
    """Write datapackage.json, unless it says so already."""
    package = package_of(plan, said)
    if store.read(keys.DATAPACKAGE) != package:
        store.replace(keys.DATAPACKAGE, package)


def package_of(plan: Plan, said: Index) -> bytes:
    """What datapackage.json has to say of the tables of an index."""
    found = {name: sums_of(written) for name, written in said.tables.items()}
    return datapackage.package(plan.study["name"], said.factors, found).encode()


def sums_of(written: Written) -> tuple[str, int]:
    """The SHA-256 of a table as it was written, and its size in bytes."""
    return written.sha256, written.bytes


def _versions(store: Store) -> dict[str, str]:
    found = {entry.name: entry.version for entry in store.entries("")}
    return {name: found[keys.table(name)] for name in NAMES if keys.table(name) in found}


def _extends(built: Index, ledger: Ledger) -> bool:
    """Whether the tables hold, in the order they are to have, parts that are still there, and most of those."""
    if len(built.parts) < len(ledger.finished) / 2:
        return False
    kept = [(i, part.digest) for i, part in ledger.finished.items() if i in built.parts]
    return kept == [(i, part.digest) for i, part in built.parts.items()]


def _opened(store: Store, built: Index, stack: ExitStack) -> dict[str, pq.ParquetFile] | None:
    """The tables that the index speaks of, or None where others stand in their place, be it since a moment ago."""
    if unchanged(store, built) != built:
        return None
    try:
        opened = {name: stack.enter_context(store.opened(keys.table(name))) for name in NAMES}
    except FileNotFoundError:
        return None
    files = {name: pq.ParquetFile(file, page_checksum_verification=True) for name, file in opened.items()}
    return files if _versions(store) == {name: written.version for name, written in built.tables.items()} else None


def _merged(
    store: Store,
    plan: Plan,
    ledger: Ledger,
    files: Mapping[str, pq.ParquetFile],
    new: Sequence[str],
    columns: Columns,
) -> Iterator[Batch]:
    """The batches of the tables as they stand, with new trials where they belong."""
    position = {trial_id: number for number, trial_id in enumerate(ledger.finished)}
    waiting = deque(new)
    with ThreadPoolExecutor(len(NAMES)) as pool:
        for group in range(files["curves"].num_row_groups):
            reading = {name: pool.submit(files[name].read_row_group, group, use_threads=False) for name in NAMES}
            old = {name: future.result() for name, future in reading.items()}
            last = position[old["trials"]["trial_id"][-1].as_py()]
            earlier = []
            while waiting and position[waiting[0]] < last:
                earlier.append(waiting.popleft())
            yield (
                _in_order([old, *tidy.read_parts(store, plan, ledger, earlier, columns)], position) if earlier else old
            )
    yield from tidy.read_parts(store, plan, ledger, list(waiting), columns)


def _in_order(batches: Sequence[Batch], position: Mapping[str, int]) -> Batch:
    joined = {name: pa.concat_tables([batch[name] for batch in batches]) for name in NAMES}
    ordered = pa.array(sorted(joined["trials"]["trial_id"].to_pylist(), key=position.__getitem__))
    return {
        name: table.take(pc.sort_indices(pc.index_in(table["trial_id"], value_set=ordered)))
        for name, table in joined.items()
    }


def _write(store: Store, plan: Plan, ledger: Ledger, batches: Iterator[Batch]) -> dict[str, Written]:
    """Write the tables; what was written of each."""
    columns = datapackage.columns(list(plan.study["factors"]))
    metadata = metadata_of(plan, ledger)
    failed: list[dict[str, Any]] = [
        {**vars(Result.failed(reason)), **plan.row(trial_id)} for trial_id, reason in ledger.failed.items()
    ]
    with ExitStack() as stack, ThreadPoolExecutor(len(NAMES)) as pool:
        writers, drafts, hashed = {}, {}, {}
        for name in reversed(NAMES):  # what is opened last is put in place first
            drafts[name] = stack.enter_context(store.writing(keys.table(name)))
            described = schema.arrow_schema(columns[name]).with_metadata(metadata)
            labels = [field.name for field in described if not pa.types.is_floating(field.type)]
            hashed[name] = _HashedFile(drafts[name].file)
            writer = pq.ParquetWriter(
                hashed[name], described, compression="zstd", use_dictionary=labels, write_page_checksum=True
            )
            writers[name] = stack.enter_context(writer)
        writing: list[Future[None]] = []
        for batch in batches:  # the next one is read while this one is written
            _finished(writing)
            writing = [pool.submit(_row_group, writers[name], batch[name]) for name in NAMES]
        _finished(writing)
        if failed:
            _row_group(writers["trials"], pa.Table.from_pylist(failed, schema=schema.arrow_schema(schema.TRIALS)))
    return {
        name: Written(version=draft.version, sha256=hashed[name].sha256.hexdigest(), bytes=hashed[name].bytes)
        for name, draft in drafts.items()
    }


class _HashedFile(io.RawIOBase):
    """Passes on what is written, and keeps its SHA-256 and its length."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file, self.sha256, self.bytes = file, hashlib.sha256(), 0

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, content: Any, /) -> int:
        """Take the next bytes."""
        self.sha256.update(content)
        self.bytes += len(memoryview(content))
        return self.file.write(content)

    def tell(self) -> int:
        """How many there have been."""
        return self.bytes


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
