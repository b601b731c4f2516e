"""What the tables were built from: a row a part, so that no part is read twice and the tables can grow."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collect import schema
from collect.errors import UnreadableError
from collect.store import keys
from collect.store.keys import TableName
from collect.store.place.interface import Store

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


class Written(BaseModel):
    """A table as it was written: the label its place gave it, the SHA-256 of its bytes, and how many there are."""

    model_config = ConfigDict(frozen=True, strict=True)

    version: str
    sha256: str = Field(pattern=f"^{keys.DIGEST.pattern}$")
    bytes: int = Field(ge=0)


class _Metadata(BaseModel):
    """What index.parquet says in its metadata."""

    model_config = ConfigDict(frozen=True, strict=True)

    digest: str
    tables: dict[TableName, Written]
    factors: list[str]


@dataclass(frozen=True)
class Index:
    """What the tables hold.

    Attributes:
        parts: every part in them, by trial id.
        digest: of the ledger they were built from; empty where there are none.
        tables: what was written of each, by name.
        factors: of the study, on which the tables' columns depend.
    """

    parts: dict[str, Indexed] = field(default_factory=dict)
    digest: str = ""
    tables: Mapping[TableName, Written] = field(default_factory=dict)
    factors: tuple[str, ...] = ()


def read(store: Store, planned: int) -> Index:
    """The index of a study of so many trials; an empty one where there is none that can be read by this release."""
    try:
        content = store.read(keys.INDEX)
    except UnreadableError:
        return Index()
    if content is None:
        return Index()
    try:
        found = schema.read_table(pa.BufferReader(content), COLUMNS.names, most_rows=planned)
        said = _Metadata.model_validate_json((found.schema.metadata or {})[b"index"])
        table = found.cast(COLUMNS)
        columns = [table[name].to_pylist() for name in COLUMNS.names]
        parts = {trial_id: Indexed(*rest) for trial_id, *rest in zip(*columns, strict=True)}
        for environment in {part.environment for part in parts.values()}:
            json.loads(environment)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return Index()
    return Index(parts, said.digest, said.tables, tuple(said.factors))


def write(store: Store, index: Index) -> None:
    """Put the index in place."""
    rows = [[trial_id, *part] for trial_id, part in index.parts.items()]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(list(column), column_type) for column, column_type in zip(columns, COLUMNS.types, strict=True)]
    said = _Metadata(digest=index.digest, tables=dict(index.tables), factors=list(index.factors))
    table = pa.table(arrays, schema=COLUMNS).replace_schema_metadata({"index": said.model_dump_json()})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    store.replace(keys.INDEX, sink.getvalue())
