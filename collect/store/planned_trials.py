"""The trials of a plan: a table with a row each, and each trial by its id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collect import schema
from collect.study import growth
from collect.study.own_network import OwnNetwork, fields_of, settings_from
from collect.study.study import Study
from collect.study.trial import Precision, Settings, Trial, trial_ids

#: What a plan has of each trial beside what stands in the tables before its results.
OF_PLANS = (
    schema.Column("precision", pa.string(), "", "fp32, tf32 or bf16"),
    schema.Column("data_hash", pa.string(), "", "content hash of the data set"),
)


def columns(network: OwnNetwork | None) -> tuple[schema.Column, ...]:
    """The columns of a plan for this network; None is the built-in one."""
    settings = schema.trials(network.columns if network else ())
    outcome = {column.name for column in schema.OUTCOME + schema.SEED}
    return (*(column for column in settings if column.name not in outcome), *schema.SEED, *OF_PLANS)


class PlannedTrials(Mapping[str, Trial]):
    """The trials of a plan's table by id, each made when it is asked for; trials of one cell share their settings."""

    def __init__(self, table: pa.Table, network: OwnNetwork | None) -> None:
        self.table, self.network = table, network
        self._names = tuple(fields_of(network))
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
        values = tuple(row[name] for name in self._names)
        if values not in self._settings:
            self._settings[values] = settings_from(dict(zip(self._names, values, strict=True)), self.network)
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
    """A column of few different values, null among them, as codes and values."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
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
    filled = {
        "trial_id": [of_cell[number] for number in range(len(seeds)) for of_cell in ids],
        "study": pa.repeat(study.name, len(cell_of_row)),
        "seed": _whole(np.repeat(seeds, len(cells))),
        "precision": pa.repeat(precision, len(cell_of_row)),
        "data_hash": pa.array(hashes).take(cell_of_row),
    }
    values = [cell.of_columns() for cell in cells]
    planned = columns(study.network)
    for column in planned:
        if column.name not in filled:
            filled[column.name] = pa.array([of_cell[column.name] for of_cell in values], column.type).take(cell_of_row)
    return pa.table({c.name: filled[c.name] for c in planned}, schema=schema.arrow_schema(planned))


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


def expected(study: Study, data_hashes: Mapping[str, str], precision: Precision, table: pa.Table) -> pa.Table:
    """The rows of a sound plan: those that the study begins with and, if it grows, the later ones that `table` has."""
    begun = tabulated(study, data_hashes, precision)
    if not study.analysis.sequential:
        return begun
    later = later_rows(study, data_hashes, precision)
    kept = later.filter(pc.is_in(later["trial_id"], value_set=table["trial_id"].combine_chunks()))
    return pa.concat_tables([begun, kept]).combine_chunks()


def _whole(numbers: NDArray[np.int64]) -> pa.Array:
    """Whole numbers for Arrow, which would ask pandas about any other array and so import it."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers.astype(np.int64))])
