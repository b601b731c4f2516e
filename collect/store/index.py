"""What the tables were built from: a row a part, so that no part is read twice and the tables can grow."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from collect.store import keys
from collect.store.interface import Store

COLUMNS = pa.schema(
    [
        ("trial_id", pa.string()),
        ("version", pa.string()),
        ("digest", pa.string()),
        ("status", pa.dictionary(pa.int32(), pa.string())),
        ("environment", pa.dictionary(pa.int32(), pa.string())),
    ]
)


class Indexed(NamedTuple):
    """A part: the label its place gave it, the digest of its bytes, how its trial ended and where it ran."""

    version: str
    digest: str
    status: str
    environment: str


@dataclass(frozen=True)
class Index:
    """What the tables hold.

    Attributes:
        parts: every part in them, by trial id.
        digest: of the ledger they were built from; empty where there are none.
        tables: the label of each table's content, by name.
        factors: of the study, on which the tables' columns depend.
    """

    parts: dict[str, Indexed] = field(default_factory=dict)
    digest: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    factors: tuple[str, ...] = ()


def read(store: Store) -> Index:
    """The index of a study; an empty one where there is none or it cannot be read."""
    content = store.read(keys.INDEX)
    if content is None:
        return Index()
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        columns = [table[name].to_pylist() for name in COLUMNS.names]
        metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        versions = {name.removeprefix("table:"): text for name, text in metadata.items() if name.startswith("table:")}
        parts = {trial_id: Indexed(*rest) for trial_id, *rest in zip(*columns, strict=True)}
        return Index(parts, metadata["digest"], versions, tuple(json.loads(metadata["factors"])))
    except (pa.ArrowException, OSError, KeyError):
        return Index()


def write(store: Store, index: Index) -> None:
    """Put the index in place."""
    rows = [[trial_id, *part] for trial_id, part in index.parts.items()]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(list(column), column_type) for column, column_type in zip(columns, COLUMNS.types, strict=True)]
    metadata = {"digest": index.digest, "factors": json.dumps(index.factors)}
    metadata |= {f"table:{name}": version for name, version in index.tables.items()}
    table = pa.table(arrays, schema=COLUMNS).replace_schema_metadata(metadata)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    store.replace(keys.INDEX, sink.getvalue())
