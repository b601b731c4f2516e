"""A table that lies in many files of one folder, as Spark, Hive, Dask, pandas and polars write it.

Folders named column=value hold the rows with this value, which are then no column of the files.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

#: What Hive and Spark, and Arrow after them, call the folder of rows without a value.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Part:
    """A file of a table, and the value of each column that its folders name; None is a missing one."""

    path: Path
    values: dict[str, str | None] = field(default_factory=dict)


def parts_of(folder: Path, endings: tuple[str, ...]) -> list[Part]:
    """The files of the table: those named part-… in the folder itself, all in folders column=value, no linked ones.

    Args:
        folder: of the table.
        endings: of the files that can be read.
    """
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if "=" in name.strip("=") and name[0] not in "_.")
        levels = Path(place).relative_to(folder).parts
        values = {unquote(key): _value(value) for key, _, value in (level.partition("=") for level in levels)}
        for name in sorted(names):
            named = name.startswith(("part-", "part.")) or (values and name[0] not in "_.")
            if named and name.lower().endswith(endings):
                found.append(Part(Path(place) / name, values))
    return found


def with_values(table: pa.Table, values: dict[str, str | None]) -> pa.Table:
    """The rows of a part with the columns that its folders name, as text."""
    for name, value in values.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.array([value] * len(table), pa.string()))
    return table


def typed(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values of folders' names as numbers or truth values, where all of them are."""
    for kind in (pa.int64(), pa.float64(), pa.bool_()):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    return texts


def _value(text: str) -> str | None:
    return None if text == NO_VALUE else unquote(text)
