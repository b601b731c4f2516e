"""Trials as a table in memory: of pandas, polars, Arrow, or whatever else speaks Arrow's C stream."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

import numpy as np
import pandas as pd
import pyarrow as pa

from analyze.errors import InvalidTableError, UsageError
from analyze.study import files
from analyze.study import load as loading
from analyze.study.load import StudyData

if TYPE_CHECKING:
    from typing import Unpack

    from analyze.study.options import Options

#: What messages call it, and the report.
NAME = "frame"

#: The type of a column of objects: one without any values.
OPAQUE = pa.struct([])


@runtime_checkable
class Frame(Protocol):
    """A table that Arrow can read without a file (its PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as a stream of Arrow's."""


def load(frame: Frame, **question: "Unpack[Options]") -> StudyData:
    """The study in a table, as `load.load` has it of a file; results of it go to the current folder.

    Raises:
        UsageError: it is no table, or an option names no factor, level, margin or target.
        InvalidTableError: a column is missing, or holds values that mean nothing.
    """
    study = loading.load(files.Source(_table(frame), Path(NAME), Path(), NAME, study=False), **question)
    given = "".join(f", {name}={value!r}" for name, value in question.items())
    command = f"analyze.analyse(analyze.read({NAME}{given}))"
    return replace(study, command=command, further=tuple(replace(one, command=command) for one in study.further))


def _table(frame: object) -> pa.Table:
    if not isinstance(frame, Frame):
        raise UsageError(
            f"analyze.read takes a path, or a table of pandas, polars or Arrow, and not {type(frame).__name__}"
        )
    try:
        table = _of_pandas(frame) if isinstance(frame, pd.DataFrame) else pa.table(cast("pa.Table", frame))
    except (pa.ArrowException, TypeError, ValueError) as error:
        said = " ".join(str(error).split())
        raise InvalidTableError(f"{NAME} cannot be read as a table: {said}") from None
    files.require_one_of_each(table, Path(NAME))
    return table


def _of_pandas(frame: pd.DataFrame) -> pa.Table:
    """The columns, and the levels of the index that have a name of their own."""
    levels = [name for name in frame.index.names if name is not None and name not in frame.columns]
    frame = frame.reset_index(levels) if levels else frame
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays([_column(frame.iloc[:, place]) for place in range(len(names))], names)


def _column(values: "pd.Series") -> pa.Array | pa.ChunkedArray:
    """A column as Arrow has it: unlike numbers and texts are texts, and objects nothing that could be a level."""
    if isinstance(values.dtype, pd.SparseDtype):
        values = pd.Series(np.asarray(values))
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, OverflowError):
        given = values.astype(object).where(values.notna(), None)
        if all(one is None or isinstance(one, str | int | float | np.generic) for one in given):
            return pa.array([None if one is None else str(one) for one in given], pa.string())
        return pa.nulls(len(values), OPAQUE)
