"""How many values a Parquet file's columns have, read from its footer (Thrift's compact protocol, parquet.thrift).

pyarrow tells it too, by the metadata of a column; but where a footer contradicts itself, that throws where nothing
catches, and the process is aborted. So it is read here, of footers that pyarrow has opened.
"""

from typing import Any

#: Numbers of the fields on the way: FileMetaData.row_groups, RowGroup.columns, ColumnChunk.meta_data and
#: ColumnMetaData.num_values.
ROW_GROUPS, COLUMNS, META_DATA, NUM_VALUES = 4, 1, 3, 5
#: The end of a file: the footer's length, and PAR1.
LENGTH, END = -8, -4
#: Types of the protocol: whole numbers, and those of a width; what is true or false is so by its type, outside lists.
WHOLE, BINARY, LIST, SET, STRUCT = (4, 5, 6), 8, 9, 10, 12
TRUE, FALSE, BYTE, DOUBLE = 1, 2, 3, 7
WIDTHS = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8}


def longest(content: bytes) -> int:
    """The most values that a column has in a row group.

    Args:
        content: a whole Parquet file.

    Raises:
        ValueError: its footer is none, or has no columns.
    """
    length = int.from_bytes(content[LENGTH:END], "little")
    try:
        metadata, _ = _value(content[LENGTH - length : LENGTH], 0, STRUCT)
        columns = [column for group in metadata[ROW_GROUPS] for column in group[COLUMNS]]
        return max(int(column[META_DATA][NUM_VALUES]) for column in columns)
    except (IndexError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no footer of a Parquet file: {error}") from None


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    """A value of this type, and where the next one begins; None for what is passed over."""
    if kind in WIDTHS:
        return None, at + WIDTHS[kind]
    if kind in WHOLE:
        number, at = _varint(data, at)
        return _signed(number), at
    if kind == BINARY:
        length, at = _varint(data, at)
        return None, at + length
    if kind in (LIST, SET):
        return _list(data, at)
    if kind == STRUCT:
        return _struct(data, at)
    raise ValueError(f"no footer of a Parquet file: it has a value of type {kind}")


def _list(data: bytes, at: int) -> tuple[list[Any], int]:
    size, kind = data[at] >> 4, data[at] & 15
    at += 1
    if size == 15:
        size, at = _varint(data, at)
    if kind in (TRUE, FALSE):  # a byte each
        return [], at + size
    found = []
    for _ in range(size):
        one, at = _value(data, at, kind)
        found.append(one)
    return found, at


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    fields, number = dict[int, Any](), 0
    while data[at]:
        step, kind = data[at] >> 4, data[at] & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _varint(data, at)
            number = _signed(number)
        fields[number], at = _value(data, at, kind)
    return fields, at + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits in a byte, the lowest first; the last byte has its highest bit not set."""
    number = shift = 0
    while data[at] >= 128:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1


def _signed(number: int) -> int:
    """A number of either sign: 0, -1, 1, -2 and so on are written 0, 1, 2, 3."""
    return number >> 1 ^ -(number & 1)
