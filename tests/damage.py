"""Hypothesis strategies: the bytes of a file as accidents and malice leave them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

#: Whole numbers that readers trust too easily.
LARGE = st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff" * 8, b"\x80\x80\x80\x80\x08"])


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with some of its bytes flipped, cut, doubled, moved or replaced."""
    held = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(held) - 1)))
        to = min(len(held), at + draw(st.sampled_from([1, 2, 4, 8, 60, 400])))
        change = draw(st.sampled_from(["flip", "cut", "double", "replace", "insert", "large", "truncate"]))
        if change == "flip" and held:
            held[at] ^= 1 << draw(st.integers(0, 7))
        elif change == "cut":
            del held[at:to]
        elif change == "double":
            held[at:at] = held[at:to]
        elif change == "replace":
            held[at:to] = draw(st.binary(max_size=to - at))
        elif change == "insert":
            held[at:at] = draw(st.binary(max_size=12))
        elif change == "large":
            number = draw(LARGE)
            held[at : at + len(number)] = number
        else:
            del held[at:]
    return bytes(held)


def write_equal_rows(path: Path, rows: int) -> None:
    """A Parquet file of some hundred kilobytes with so many rows, a multiple of ten millions."""
    some = pa.table({"seed": pa.repeat(0, 10**7)})
    with pq.ParquetWriter(path, some.schema, compression="zstd", write_statistics=False) as writer:
        for _ in range(rows // 10**7):
            writer.write_table(some, row_group_size=10**7)
