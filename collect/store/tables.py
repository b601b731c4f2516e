"""The three tidy tables: a cache built from the parts, each replaced whole."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect import datapackage, schema
from collect.store import commit, parts
from collect.store.ledger import Ledger
from collect.store.paths import StudyPaths
from collect.store.plan import Plan


def build(paths: StudyPaths, plan: Plan, ledger: Ledger, *, force: bool = False) -> bool:
    """Rebuild the tables unless they already stand for these parts; True if they were rebuilt."""
    if not force and current(paths, ledger):
        return False
    finished = (
        pa.concat_tables(part.table for part in ledger.parts.values())
        if ledger.parts
        else parts.PART_SCHEMA.empty_table()
    )
    factors = list(plan.study["factors"])
    # trials comes last: whoever sees it, sees the others too.
    _write(paths, "curves", _unnest(finished, "curve", schema.curves(factors)))
    _write(paths, "layers", _unnest(finished, "layer", schema.layers(factors)))
    described = datapackage.package(plan.study["name"], factors)
    commit.replace(paths.datapackage, described.encode(), paths.tmp)
    _write(paths, "trials", _trials(plan, ledger, finished))
    return True


def current(paths: StudyPaths, ledger: Ledger) -> bool:
    """Whether the tables on disk stand for these parts."""
    return all(paths.table(name).is_file() for name in ("curves", "layers", "trials")) and (
        _digest_of(paths) == ledger.digest
    )


def _digest_of(paths: StudyPaths) -> str:
    try:
        metadata = pq.read_metadata(paths.table("trials")).metadata or {}
    except (OSError, pa.ArrowException):
        return ""
    return str(metadata.get(b"parts_digest", b"").decode())


def _write(paths: StudyPaths, name: str, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    commit.replace(paths.table(name), sink.getvalue().to_pybytes(), paths.tmp)


def _trials(plan: Plan, ledger: Ledger, finished: pa.Table) -> pa.Table:
    columns = schema.arrow_schema(schema.TRIALS)
    failed: list[dict[str, Any]] = [
        {**plan.row(trial_id), "status": "failed", "reason": reason} for trial_id, reason in ledger.failed.items()
    ]
    table = pa.concat_tables(
        [finished.select(columns.names).cast(columns), pa.Table.from_pylist(failed, schema=columns)]
    )
    environments = sorted({part.environment for part in ledger.parts.values()})
    return table.replace_schema_metadata(
        {
            "schema_version": str(schema.SCHEMA_VERSION),
            "study": json.dumps(plan.study),
            "planned": str(ledger.planned),
            "pending": str(ledger.counts["pending"]),
            "parts_digest": ledger.digest,
            "environments": "[" + ",".join(environments) + "]",
        }
    )


def _unnest(finished: pa.Table, nested: str, columns: tuple[schema.Column, ...]) -> pa.Table:
    """One row for each element of a nested column, beside the identity of its trial."""
    lists = finished[nested].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks)
    parents, elements = pc.list_parent_indices(lists), pc.list_flatten(lists)
    inside = {field.name for field in elements.type}
    arrays = [
        pc.struct_field(elements, column.name) if column.name in inside else finished[column.name].take(parents)
        for column in columns
    ]
    return pa.table(arrays, schema=schema.arrow_schema(columns))
