"""The trials of a plan: a table with a row each, and each trial by its id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collect import schema
from collect.study import growth
from collect.study.study import Study
from collect.study.trial import Precision, Settings, Trial, trial_ids

COLUMNS = (
    schema.IDENTITY
    + schema.SETTINGS
    + schema.SEED
    + (
        schema.Column("precision", pa.string(), "", "fp32, tf32 or bf16"),
        schema.Column("data_hash", pa.string(), "", "content hash of the data set"),
    )
)


class PlannedTrials(Mapping[str, Trial]):
    """The trials of a plan's table by id, each made when it is asked for; trials of one cell share their settings."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._rows = {trial_id: row for row, trial_id in enumerate(table["trial_id"].to_pylist())}
        self._settings: dict[tuple[object, ...], Settings] = {}

    @cached_property
    def _columns(self) -> dict[str, tuple[NDArray[np.int32], list[Any]]]:
        return {name: _coded(self.table[name]) for name in self.table.column_names if name != "trial_id"}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __contains__(self, trial_id: object) -> bool:
        return trial_id in self._rows

    def __getitem__(self, trial_id: str) -> Trial:
        row = self.row(trial_id)
        values = tuple(row[column.name] for column in schema.SETTINGS)
        if values not in self._settings:
            self._settings[values] = Settings(**{c.name: v for c, v in zip(schema.SETTINGS, values, strict=True)})
        return Trial(
            settings=self._settings[values], seed=row["seed"], precision=row["precision"], data_hash=row["data_hash"]
        )

    def row(self, trial_id: str) -> dict[str, Any]:
        """The values of one trial's row."""
        number = self._rows[trial_id]
        return {"trial_id": trial_id} | {name: values[codes[number]] for name, (codes, values) in self._columns.items()}

    def rows(self, chosen: Iterable[str]) -> pa.Table:
        """The rows of these trials, in this order."""
        return self.table.take([self._rows[trial_id] for trial_id in chosen])


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[Any]]:
    """A column of few different values as codes and values."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def tabulated(study: Study, data_hashes: Mapping[str, str], precision: Precision) -> pa.Table:
    """All trials of a study, seed by seed, so that an interrupted one holds complete seeds.

    Args:
        study: with data sets by their short names.
        data_hashes: the content hash of each.
        precision: arithmetic of the training steps.
    """
    cells, seeds = list(study.cells()), np.array(study.seeds)
    hashes = [data_hashes[cell.dataset] for cell in cells]
    pairs = zip(cells, hashes, strict=True)
    ids = [list(trial_ids(cell, precision, digest, study.seeds)) for cell, digest in pairs]
    cell_of_row = _whole(np.tile(np.arange(len(cells)), len(seeds)))
    columns = {
        "trial_id": [of_cell[number] for number in range(len(seeds)) for of_cell in ids],
        "study": pa.repeat(study.name, len(cell_of_row)),
        "seed": _whole(np.repeat(seeds, len(cells))),
        "precision": pa.repeat(precision, len(cell_of_row)),
        "data_hash": pa.array(hashes).take(cell_of_row),
    }
    for column in schema.SETTINGS:
        levels = pa.array([getattr(cell, column.name) for cell in cells], column.type)
        columns[column.name] = levels.take(cell_of_row)
    return pa.table({c.name: columns[c.name] for c in COLUMNS}, schema=schema.arrow_schema(COLUMNS))


def later_rows(
    study: Study, data_hashes: Mapping[str, str], precision: Precision, seeds: Sequence[int] | None = None
) -> pa.Table:
    """Every trial that a study which grows may train beyond those that it begins with, seed by seed.

    Args:
        study: with data sets by their short names.
        data_hashes: the content hash of each.
        precision: arithmetic of the training steps.
        seeds: in their order, those that the study begins with first; None is all that there may be.
    """
    seeds = growth.seeds_in_order(study) if seeds is None else seeds
    factor, contrast = study.analysis.factor, study.analysis.contrast
    levels = tuple(level for level in study.factors[factor] if level in contrast)
    later = {"seeds": tuple(seeds[len(study.seeds) :]), "factors": {**study.factors, factor: levels}}
    return tabulated(study.model_copy(update=later), data_hashes, precision)


def _whole(numbers: NDArray[np.int64]) -> pa.Array:
    """Whole numbers for Arrow, which would ask pandas about any other array and so import it."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers.astype(np.int64))])
