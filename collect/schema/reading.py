"""A Parquet file, no matter whose, read within bounds. May import nothing of ours."""

import resource
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: A file that unfolds to more bytes of values than this is refused.
MOST_BYTES = 4 * 2**30
#: Values that are unfolded at a time.
PIECE = 2**24


def read_table(
    source: Any,
    columns: Sequence[str] | None = None,
    *,
    coded: Collection[str] = (),
    threads: bool = False,
    most_rows: int = MOST_BYTES,
) -> pa.Table:
    """A Parquet file, no matter whose: its page checksums are verified, and what it unfolds to is bounded.

    A few bytes of file can stand for any number of rows and any length of text, and what its footer says of itself may
    be untrue. So it is read in pieces, text as codes, until there is more of it than is read.

    Args:
        source: a file, or a buffer of its bytes.
        columns: those to read that are there; None is all.
        coded: columns of text that stay codes.
        threads: whether Arrow may read with threads of its own, which may outlive a short program.
        most_rows: that are read.

    Raises:
        pa.ArrowException, OSError, ValueError: it is no Parquet file, is damaged, or holds more rows or MOST_BYTES.
    """
    with pq.ParquetFile(source) as file:
        found = file.schema_arrow
    if len(set(found.names)) < len(found.names):
        raise pa.ArrowInvalid("two of its columns have the same name")
    wanted = [name for name in found.names if columns is None or name in columns]
    text = [field.name for field in found if _is_text(field.type)]
    with bounded_memory(), pq.ParquetFile(source, read_dictionary=text, page_checksum_verification=True) as file:
        if file.metadata.num_rows > most_rows:
            raise pa.ArrowInvalid(f"it has {file.metadata.num_rows:,} rows, more than {most_rows:,}")
        if 8 * file.metadata.num_rows * file.metadata.num_columns > MOST_BYTES:
            raise pa.ArrowInvalid(f"its {file.metadata.num_rows:,} rows would take more than {MOST_BYTES:,} bytes")
        rows = max(1, PIECE // max(1, file.metadata.num_columns))
        pieces, size = [], 0
        for piece in file.iter_batches(batch_size=rows, columns=wanted, use_threads=threads):
            size += sum(map(_bytes, piece.columns))
            pieces.append(piece)
            if size > MOST_BYTES or sum(map(len, pieces)) > most_rows:
                raise pa.ArrowInvalid(f"it unfolds to more than {MOST_BYTES:,} bytes, or to more rows than it says")
        table = pa.Table.from_batches(pieces, pa.schema([file.schema_arrow.field(name) for name in wanted]))
    table.validate(full=True)  # that text is text, for one
    plain = [table.schema.field(name) if name in coded else found.field(name) for name in wanted]
    return table.cast(pa.schema(plain)).replace_schema_metadata(found.metadata)


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Let this process have MOST_BYTES more than it has, so that no file can take the machine's memory from others.

    Where the system counts no addresses, as on macOS, this does nothing.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        here = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        yield
        return
    allowed = here + MOST_BYTES
    if soft not in (-1, resource.RLIM_INFINITY) and soft < allowed:
        allowed = soft
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _is_text(kind: pa.DataType) -> bool:
    """Whether values are bytes of any length."""
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _bytes(column: pa.Array) -> int:
    """Bytes of a column, those of text as if every value were written out."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return (pc.sum(lengths).as_py() or 0) + int(column.indices.nbytes)
