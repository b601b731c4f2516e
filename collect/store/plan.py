"""The plan of a study: every trial with its id, written once. Ids are read from here and never computed again."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from collect import schema
from collect.errors import PlanChangedError, StoreError, StudyError
from collect.store import keys
from collect.store.interface import Store
from collect.study import Study
from collect.trial import RECIPE_VERSION, Precision, Settings, Trial

SETTINGS = schema.FACTORS + schema.DATASET + schema.RECIPE
COLUMNS = (
    schema.IDENTITY
    + SETTINGS
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
        self._columns = {name: _coded(table[name]) for name in table.column_names if name != "trial_id"}
        self._settings: dict[tuple[object, ...], Settings] = {}

    @classmethod
    def of(cls, study: str, trials: Iterable[Trial]) -> Self:
        """Tabulate trials."""
        columns: dict[str, list[Any]] = {column.name: [] for column in COLUMNS}
        for trial in trials:
            values = {"trial_id": trial.trial_id, "study": study, **dict(trial.settings), **dict(trial)}
            for name, held in columns.items():
                held.append(values[name])
        return cls(pa.table(columns, schema=schema.arrow_schema(COLUMNS)))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __contains__(self, trial_id: object) -> bool:
        return trial_id in self._rows

    def __getitem__(self, trial_id: str) -> Trial:
        row = self.row(trial_id)
        values = tuple(row[column.name] for column in SETTINGS)
        if values not in self._settings:
            self._settings[values] = Settings(**{c.name: v for c, v in zip(SETTINGS, values, strict=True)})
        return Trial(
            settings=self._settings[values], seed=row["seed"], precision=row["precision"], data_hash=row["data_hash"]
        )

    def row(self, trial_id: str) -> dict[str, Any]:
        """The values of one trial's row."""
        number = self._rows[trial_id]
        return {"trial_id": trial_id} | {name: values[codes[number]] for name, (codes, values) in self._columns.items()}


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[Any]]:
    """A column of few different values as codes and values."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


@dataclass(frozen=True)
class Plan:
    """A study and its trials by id, in the order in which they are to run."""

    study: dict[str, Any]
    trials: PlannedTrials

    @classmethod
    def of(cls, study: Study, data_hashes: dict[str, str], precision: Precision) -> "Plan":
        """Plan a study.

        Raises:
            StudyError: two data sets of the study hold the same images.
        """
        if len(set(data_hashes.values())) < len(data_hashes):
            raise StudyError(f"of the data sets {', '.join(data_hashes)} two hold the same images; keep one")
        trials = PlannedTrials.of(study.name, study.trials(data_hashes, precision))
        return cls({**study.to_dict(), "extended": False}, trials)

    @property
    def precision(self) -> Precision:
        """The arithmetic it was planned for; one for all trials."""
        return self.trials.table["precision"][0].as_py()  # type: ignore[no-any-return]  # written by us

    def row(self, trial_id: str) -> dict[str, Any]:
        """Identity and settings of a trial, as they stand in `trials`."""
        return {name: value for name, value in self.trials.row(trial_id).items() if name != "data_hash"}


def write(store: Store, study: Study, plan: Plan, *, over: bool = False) -> None:
    """Write study.toml and plan.parquet, over existing ones only if asked to."""
    table = plan.trials.table.replace_schema_metadata(
        {
            "study": json.dumps(plan.study),
            "recipe_version": str(RECIPE_VERSION),
            "schema_version": str(schema.SCHEMA_VERSION),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    put = store.replace if over else store.create
    put(keys.STUDY, study.to_toml().encode())
    put(keys.PLAN, sink.getvalue())


def read(store: Store) -> Plan:
    """The plan in the store.

    Raises:
        StoreError: there is none, or it is unreadable.
        PlanChangedError: it was made by another recipe version.
    """
    content = store.read(keys.PLAN)
    if content is None:
        raise StoreError(f"{store} holds no study: there is no plan.parquet; start one with collect run")
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        metadata = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        study, version = json.loads(metadata["study"]), int(metadata["recipe_version"])
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise StoreError(f"{store}/{keys.PLAN} cannot be read: {error}") from None
    if version != RECIPE_VERSION:
        raise PlanChangedError(
            f"{store} was planned by recipe version {version}, this is version {RECIPE_VERSION}; "
            "choose another --out, or go on with the release that planned it"
        )
    return Plan(study, PlannedTrials(table))


def require_same(planned: Plan, asked: Plan, where: str) -> None:
    """Refuse to go on with a study that was planned otherwise.

    Raises:
        PlanChangedError: with what differs.
    """
    differences = _differences(planned.study, asked.study, "")
    if planned.precision != asked.precision:
        differences += [f"precision was {planned.precision}, is {asked.precision}"]
    if planned.trials.keys() != asked.trials.keys() and not differences:
        differences = ["the images of a data set have changed"]
    if not differences:
        return
    hint = "; --extend accepts more seeds and levels" if planned.trials.keys() < asked.trials.keys() else ""
    raise PlanChangedError(
        f"{where} was planned otherwise: {'; '.join(differences)}; "
        f"choose another --out, or run it as it was planned{hint}"
    )


def extended(planned: Plan, asked: Plan, where: str) -> Plan:
    """The plan that goes on where `planned` ends, marked as extended.

    Raises:
        PlanChangedError: the new plan lacks trials of the old one, or changes the analysis.
    """
    lost = len(planned.trials.keys() - asked.trials.keys())
    if lost:
        raise PlanChangedError(
            f"{where} cannot be extended: {lost} of its {len(planned.trials)} planned trials are not in the new plan "
            f"({'; '.join(_differences(planned.study, asked.study, '')) or 'precision or images have changed'})"
        )
    changed = [d for key in ("name", "analysis") for d in _differences(planned.study[key], asked.study[key], key)]
    if changed:
        raise PlanChangedError(f"{where} can be extended by seeds and levels only: {'; '.join(changed)}")
    return Plan({**asked.study, "extended": True}, asked.trials)


def _differences(old: Any, new: Any, key: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [k for k in {**old, **new} if k != "extended"]
        return [d for k in keys for d in _differences(old.get(k), new.get(k), f"{key}.{k}" if key else k)]
    return [] if old == new else [f"{key} was {old}, is {new}"]
