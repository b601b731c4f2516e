"""The three tidy tables: a cache built from the parts, each replaced whole, in the plan's order.

They are written batch of trials by batch, a batch being one row group of each table, so that memory holds one batch
whatever the study's size. Tables that stand for some of the parts take up the others without reading those again.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect import datapackage, schema
from collect.errors import DamagedPartError
from collect.store import index, keys, parts
from collect.store.index import Index
from collect.store.interface import Store
from collect.store.ledger import Ledger
from collect.store.plan import Plan

#: In the order in which they are put in place; whoever sees trials sees the others too.
NAMES = ("curves", "layers", "trials")
BATCH = 1000

#: A table's rows of some trials, by the table's name.
Batch = dict[str, pa.Table]
#: The columns of each table, by its name.
Columns = Mapping[str, Sequence[schema.Column]]


def current(store: Store, ledger: Ledger) -> bool:
    """Whether the tables in the store stand for these parts."""
    built = index.read(store)
    return built.digest == ledger.digest and _versions(store) == built.tables


def build(store: Store, plan: Plan, ledger: Ledger, *, force: bool = False) -> bool:
    """Rebuild the tables unless they already stand for these parts; True if they were rebuilt.

    Args:
        store: where the study lies.
        plan: of the study.
        ledger: its state.
        force: whether to rebuild them from the parts whatever is there.
    """
    if not force and current(store, ledger):
        return False
    built = index.read(store)
    factors = tuple(plan.study["factors"])
    columns = datapackage.tables(factors)
    with ExitStack() as stack:
        grows = not force and built.factors == factors and _extends(built, ledger)
        files = _opened(store, built, stack) if grows else None
        if files:
            new = [trial_id for trial_id in ledger.finished if trial_id not in built.parts]
            batches = _merged(store, ledger, files, new, columns)
        else:
            batches = _read(store, ledger, list(ledger.finished), columns)
        written = _write(store, plan, ledger, batches)
    store.replace(keys.DATAPACKAGE, datapackage.package(plan.study["name"], factors).encode())
    index.write(store, Index(ledger.finished, ledger.digest, written, factors))
    return True


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
    if _versions(store) != built.tables:
        return None
    try:
        files = {name: pq.ParquetFile(stack.enter_context(store.opened(keys.table(name)))) for name in NAMES}
    except FileNotFoundError:
        return None
    return files if _versions(store) == built.tables else None


def _read(store: Store, ledger: Ledger, trial_ids: Sequence[str], columns: Columns) -> Iterator[Batch]:
    """Trials from their parts, batch by batch."""
    for start in range(0, len(trial_ids), BATCH):
        wanted = trial_ids[start : start + BATCH]
        contents = []
        for trial_id, content in zip(wanted, store.read_all([keys.part(i) for i in wanted]), strict=True):
            where = f"{store}/{keys.part(trial_id)}"
            if content is None or parts.verify(content, where) != ledger.finished[trial_id].digest:
                raise DamagedPartError(f"{where} has changed while it was read; try again")
            contents.append(content)
        yield _tidy(parts.decode(contents), columns)


def _tidy(nested: pa.Table, columns: Columns) -> Batch:
    """The rows of the three tables from one row a trial with curve and layers nested."""
    trials = schema.arrow_schema(columns["trials"])
    return {
        "curves": _unnest(nested, "curve", columns["curves"]),
        "layers": _unnest(nested, "layer", columns["layers"]),
        "trials": nested.select(trials.names).cast(trials),
    }


def _unnest(nested: pa.Table, name: str, columns: Sequence[schema.Column]) -> pa.Table:
    """One row for each element of a nested column, beside the identity of its trial."""
    lists = nested[name].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks)
    parents, elements = pc.list_parent_indices(lists), pc.list_flatten(lists)
    inside = {field.name for field in elements.type}
    arrays = [
        pc.struct_field(elements, column.name) if column.name in inside else nested[column.name].take(parents)
        for column in columns
    ]
    return pa.table(arrays, schema=schema.arrow_schema(columns))


def _merged(
    store: Store, ledger: Ledger, files: Mapping[str, pq.ParquetFile], new: Sequence[str], columns: Columns
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
            yield _in_order([old, *_read(store, ledger, earlier, columns)], position) if earlier else old
    yield from _read(store, ledger, list(waiting), columns)


def _in_order(batches: Sequence[Batch], position: Mapping[str, int]) -> Batch:
    joined = {name: pa.concat_tables([batch[name] for batch in batches]) for name in NAMES}
    ordered = pa.array(sorted(joined["trials"]["trial_id"].to_pylist(), key=position.__getitem__))
    return {
        name: table.take(pc.sort_indices(pc.index_in(table["trial_id"], value_set=ordered)))
        for name, table in joined.items()
    }


def _write(store: Store, plan: Plan, ledger: Ledger, batches: Iterator[Batch]) -> dict[str, str]:
    """Write the tables; the label of each one's content."""
    columns = datapackage.tables(list(plan.study["factors"]))
    metadata = _metadata(plan, ledger)
    failed: list[dict[str, Any]] = [
        {**plan.row(trial_id), "status": "failed", "reason": reason} for trial_id, reason in ledger.failed.items()
    ]
    with ExitStack() as stack, ThreadPoolExecutor(len(NAMES)) as pool:
        writers, drafts = {}, {}
        for name in reversed(NAMES):  # what is opened last is put in place first
            drafts[name] = stack.enter_context(store.writing(keys.table(name)))
            described = schema.arrow_schema(columns[name]).with_metadata(metadata)
            labels = [field.name for field in described if not pa.types.is_floating(field.type)]
            writer = pq.ParquetWriter(drafts[name].file, described, compression="zstd", use_dictionary=labels)
            writers[name] = stack.enter_context(writer)
        writing: list[Future[None]] = []
        for batch in batches:  # the next one is read while this one is written
            _finished(writing)
            writing = [pool.submit(_row_group, writers[name], batch[name]) for name in NAMES]
        _finished(writing)
        if failed:
            _row_group(writers["trials"], pa.Table.from_pylist(failed, schema=schema.arrow_schema(schema.TRIALS)))
    return {name: draft.version for name, draft in drafts.items()}


def _finished(writing: Sequence[Future[None]]) -> None:
    """Wait, and raise what went wrong."""
    for future in writing:
        future.result()


def _row_group(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    """Write these rows as one row group, be there none."""
    writer.write_table(rows.cast(writer.schema), row_group_size=max(1, len(rows)))


def _metadata(plan: Plan, ledger: Ledger) -> dict[str, str]:
    environments = sorted({part.environment for part in ledger.finished.values()})
    return {
        "schema_version": str(schema.SCHEMA_VERSION),
        "study": json.dumps(plan.study),
        "planned": str(ledger.planned),
        "pending": str(ledger.counts["pending"]),
        "parts_digest": ledger.digest,
        "environments": "[" + ",".join(environments) + "]",
    }
