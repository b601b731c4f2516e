"""One trial as one Parquet file whose bytes vouch for themselves.

The file's metadata holds a SHA-256 of the whole file, taken while 64 zeros stood in the digest's own place. A reader
checks it before any parser opens the file, so that damage is found and never decoded.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from collect import schema
from collect.errors import DamagedPartError, StoreError
from collect.store import footer, keys
from collect.store.outcome import CurvePoint, LayerProbe, Outcome

MAGIC = b"PAR1"
ZEROS = b"0" * 64
#: The digest's key as the Parquet footer stores it, and its value's length (Thrift compact: type, length, bytes).
DIGEST = b"\x06sha256\x18\x40"
#: A length has seven bits in a byte, and no more bytes than this.
LENGTH_BYTES = 5

#: How a trial that has a part ended.
STATUSES = ("completed", "diverged")

#: Every column of a part is one value or a short list: packed, it would be larger and slower to read. What the columns
#: mean is in datapackage.json.
PLAIN = {"compression": "none", "use_dictionary": False, "write_statistics": False, "store_schema": False}

NESTED = (("curve", schema.POINT), ("layer", schema.LAYER))


@functools.lru_cache
def part_schema(own: tuple[schema.Column, ...] = ()) -> pa.Schema:
    """The columns of a part of a trial whose network has these settings of its own."""
    nested = [pa.field(name, pa.list_(pa.struct(list(schema.arrow_schema(columns))))) for name, columns in NESTED]
    return pa.schema([*schema.arrow_schema(schema.trials(own)), *nested])


PART_SCHEMA = part_schema()


def encode(
    row: Mapping[str, Any],
    outcome: Outcome,
    attempt: str,
    environment: Mapping[str, Any],
    own: tuple[schema.Column, ...] = (),
) -> bytes:
    """The bytes of a part.

    Args:
        row: identity and settings of the trial.
        outcome: what was measured.
        attempt: unique label of this attempt.
        environment: versions and hardware it ran on.
        own: the columns of its network's own settings.

    Raises:
        TypeError: a column is left out or unknown.
    """
    nested = {"curve": [vars(point) for point in outcome.curve], "layer": [vars(layer) for layer in outcome.layer]}
    values = {**row, **vars(outcome.row), **nested}
    described = part_schema(own)
    if values.keys() != set(described.names):
        odd = ", ".join(sorted(values.keys() ^ set(described.names)))
        raise TypeError(f"the row of a trial and the columns of a part differ in {odd}")
    table = pa.Table.from_pylist([values], schema=described)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, described, **PLAIN) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(
            {
                "trial_id": row["trial_id"],
                "attempt": attempt,
                "status": outcome.row.status,
                "schema_version": str(schema.SCHEMA_VERSION),
                "environment": json.dumps(environment, sort_keys=True),
                "sha256": ZEROS.decode(),
            }
        )
    content: bytes = sink.getvalue().to_pybytes()
    start, stop = _digest_span(content)
    return content[:start] + hashlib.sha256(content).hexdigest().encode() + content[stop:]


def require_types(
    curve: Sequence[CurvePoint],
    layer: Sequence[LayerProbe],
    correct_bits: bytes | None,
    steps: int | None,
    reason: str | None,
) -> None:
    """Refuse what a part could not hold.

    Raises:
        pa.ArrowException, TypeError, ValueError, OverflowError: a value is not of its column's type.
    """
    nested = {"curve": [vars(point) for point in curve], "layer": [vars(probe) for probe in layer]}
    row = {**nested, "correct_bits": correct_bits, "steps": steps, "reason": reason}
    pa.Table.from_pylist([row], schema=PART_SCHEMA)


class Part(NamedTuple):
    """What a part says of itself: the digest of its bytes, how its trial ended and where it ran."""

    digest: str
    status: str
    environment: str


def check(content: bytes | None, where: str, trial_id: str) -> Part:
    """Verify a part without decoding it.

    Raises:
        DamagedPartError: the bytes are not those that were written, belong to another trial, or are no part at all.
        StoreError: a newer release wrote it.
    """
    if content is None:
        raise DamagedPartError(f"{where} is gone")
    digest = verify(content, where)
    try:
        said = {key: _metadata(content, key) for key in ("trial_id", "status", "schema_version", "environment")}
        version = int(said["schema_version"])
        sound = content[:4] == content[-4:] == MAGIC and said["status"] in STATUSES and _is_json(said["environment"])
    except (ValueError, IndexError):
        sound = False
    if not sound:
        raise DamagedPartError(f"{where} is no part of a study, though its digest is right")
    if version > schema.SCHEMA_VERSION:
        raise StoreError(
            f"{where} was written by a newer release (schema version {version}, this one knows "
            f"{schema.SCHEMA_VERSION}); install that release to read the study"
        )
    if said["trial_id"] != trial_id:
        raise DamagedPartError(f"{where} holds another trial than its name says")
    return Part(digest, said["status"], said["environment"])


def decode(contents: Sequence[bytes], most: int) -> list[pa.Table | None]:
    """Verified parts as tables of one row each; None for what is not one row of Parquet.

    Args:
        contents: their bytes.
        most: points of a curve, or probes of layers, that a part can hold.
    """
    half = len(contents) // 2
    with schema.bounded_memory(), ThreadPoolExecutor(2) as pool:  # more would wait for one another
        read = functools.partial(_read, most=most)
        return [table for share in pool.map(read, (contents[:half], contents[half:])) for table in share]


def joined(rows: Sequence[pa.Table], own: tuple[schema.Column, ...] = ()) -> pa.Table:
    """Decoded parts as one table with the columns of this release: they are only ever added, so one not there is null.

    Raises:
        pa.ArrowException: a value is not of its column's type.
    """
    described = part_schema(own)
    if all(table.schema == described for table in rows):
        return pa.concat_tables([described.empty_table(), *rows])
    every = pa.concat_tables([described.empty_table(), *rows], promote_options="permissive")
    return every.select(described.names).cast(described)


def _read(contents: Sequence[bytes], most: int) -> list[pa.Table | None]:
    return [_one_row(content, most) for content in contents]


def _one_row(content: bytes, most: int) -> pa.Table | None:
    try:
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            if file.metadata.num_rows != 1 or footer.longest(content) > most:  # no more are decoded
                return None
            # Arrow's threads may let go of the bytes when the interpreter is gone already, which aborts the process.
            return file.read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError):
        return None


def verify(content: bytes, where: str) -> str:
    """The digest of a part's bytes, checked.

    Raises:
        DamagedPartError: the bytes are not those that were written.
    """
    try:
        start, stop = _digest_span(content)
    except ValueError:
        raise DamagedPartError(f"{where} is not a whole part: it carries no digest") from None
    digest = content[start:stop].decode()
    if hashlib.sha256(content[:start] + ZEROS + content[stop:]).hexdigest() != digest:
        raise DamagedPartError(f"{where} is damaged: its bytes do not match their digest")
    return digest


@functools.lru_cache
def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _digest_span(content: bytes) -> tuple[int, int]:
    start = content.rindex(DIGEST) + len(DIGEST)
    stop = start + len(ZEROS)
    if not keys.DIGEST.fullmatch(content[start:stop].decode("latin-1")):
        raise ValueError("no digest")
    return start, stop


def _metadata(content: bytes, key: str) -> str:
    """A value of a verified part's metadata, found as the digest is: in a tenth of the time that a parser takes."""
    name = key.encode()
    start = content.rindex(b"\x18" + bytes([len(name)]) + name + b"\x18") + len(name) + 3
    length = 0
    for number, byte in enumerate(content[start : start + LENGTH_BYTES]):  # the lowest bits first
        length |= (byte & 0x7F) << 7 * number
        if byte < 0x80:  # the last one has its highest bit not set
            start += number + 1
            return content[start : start + length].decode()
    raise ValueError("no length")
