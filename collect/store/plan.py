"""The plan of a study: every trial with its id, written once. Ids are read from here and never computed again."""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from collect import schema
from collect.errors import PlanChangedError, StoreError, StudyError
from collect.store import commit
from collect.store.paths import StudyPaths
from collect.study import Study
from collect.trial import RECIPE_VERSION, Precision, Settings, Trial

SETTINGS = schema.FACTORS + schema.DATASET + schema.RECIPE
COLUMNS = (
    schema.IDENTITY
    + SETTINGS
    + schema.SEED
    + (
        schema.Column("precision", pa.string(), "", "fp32 or bf16"),
        schema.Column("data_hash", pa.string(), "", "content hash of the data set"),
    )
)


@dataclass(frozen=True)
class Plan:
    """A study and its trials by id, in the order in which they are to run."""

    study: dict[str, Any]
    trials: dict[str, Trial]

    @classmethod
    def of(cls, study: Study, data_hashes: dict[str, str], precision: Precision) -> "Plan":
        """Plan a study.

        Raises:
            StudyError: two data sets of the study hold the same images.
        """
        if len(set(data_hashes.values())) < len(data_hashes):
            raise StudyError(f"of the data sets {', '.join(data_hashes)} two hold the same images; keep one")
        trials = {trial.trial_id: trial for trial in study.trials(data_hashes, precision)}
        return cls({**study.to_dict(), "extended": False}, trials)

    @property
    def precision(self) -> Precision:
        """The arithmetic it was planned for; one for all trials."""
        return next(iter(self.trials.values())).precision

    def row(self, trial_id: str) -> dict[str, Any]:
        """Identity and settings of a trial, as they stand in `trials`."""
        trial = self.trials[trial_id]
        return {
            "trial_id": trial_id,
            "study": self.study["name"],
            **trial.settings.model_dump(),
            "seed": trial.seed,
            "precision": trial.precision,
        }


def write(paths: StudyPaths, study: Study, plan: Plan, *, over: bool = False) -> None:
    """Write study.toml and plan.parquet, over existing ones only if asked to."""
    rows = [{**plan.row(i), "data_hash": trial.data_hash} for i, trial in plan.trials.items()]
    table = pa.Table.from_pylist(rows, schema=schema.arrow_schema(COLUMNS)).replace_schema_metadata(
        {
            "study": json.dumps(plan.study),
            "recipe_version": str(RECIPE_VERSION),
            "schema_version": str(schema.SCHEMA_VERSION),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    put = commit.replace if over else commit.create
    put(paths.study, study.to_toml().encode(), paths.tmp)
    put(paths.plan, sink.getvalue().to_pybytes(), paths.tmp)


def read(paths: StudyPaths) -> Plan:
    """The plan on disk.

    Raises:
        StoreError: there is none, or it is unreadable.
        PlanChangedError: it was made by another recipe version.
    """
    if not paths.plan.is_file():
        raise StoreError(f"{paths.root} holds no study: there is no plan.parquet; start one with collect run")
    try:
        table = pq.read_table(paths.plan)
        metadata = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        study, version = json.loads(metadata["study"]), int(metadata["recipe_version"])
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise StoreError(f"{paths.plan} cannot be read: {error}") from None
    if version != RECIPE_VERSION:
        raise PlanChangedError(
            f"{paths.root} was planned by recipe version {version}, this is version {RECIPE_VERSION}; "
            "choose another --out, or go on with the release that planned it"
        )
    trials = {}
    for row in table.to_pylist():
        settings = Settings(**{column.name: row[column.name] for column in SETTINGS})
        trials[row["trial_id"]] = Trial(
            settings=settings, seed=row["seed"], precision=row["precision"], data_hash=row["data_hash"]
        )
    return Plan(study, trials)


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
