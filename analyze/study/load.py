"""A study's folder -> validated, frozen tables with their design.

Reads the collector's tables and trials brought by somebody else alike: only trial_id, the factor columns, seed
and test_accuracy (or test_correct and test_n) are required, file metadata may be absent.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analyze.errors import InvalidTableError, StudyNotFoundError, UsageError
from analyze.findings import Note
from analyze.study import metadata as metadata_of_tables
from analyze.study import stored
from analyze.study.metadata import Metadata
from analyze.study.question import Design, design_of
from analyze.study.tidy import cut, tidy
from collect import schema

#: What the models use of curves.parquet; settings and seed come from trials, through trial_id.
CURVE_COLUMNS = (
    "trial_id",
    "step",
    "examples_seen",
    "epoch",
    "split",
    "eval_set",
    "bn_mode",
    "loss",
    "accuracy",
    "correct",
    "n",
)

_LABELS = {"trial_id", "split", "eval_set", "bn_mode", "kind"}
_STATUSES = ("completed", "diverged", "failed")


@dataclass(frozen=True)
class StudyData:
    """A study as it is analysed.

    `trials` has a row a trial and two columns more than the file: `running` and `batch`, the final test accuracy
    in percentage points by BatchNorm mode, NaN where there is none. Diverged trials are scored at chance.
    """

    folder: Path
    name: str
    trials: pd.DataFrame
    design: Design
    planned: int
    pending: int
    extended: bool
    deviations: tuple[str, ...]
    notes: tuple[Note, ...]
    metadata: Metadata | None

    @property
    def seeds(self) -> tuple[int, ...]:
        """Every seed of the trials, ascending."""
        return tuple(int(seed) for seed in np.unique(self.trials["seed"]))

    def count(self, status: str) -> int:
        """Trials of this status."""
        return int((self.trials["status"] == status).sum())

    @cached_property
    def curves(self) -> pd.DataFrame | None:
        """Learning curves, the columns of CURVE_COLUMNS that exist; None where the study has none."""
        table = stored.read(self.folder, "curves", CURVE_COLUMNS, sorted(_LABELS))
        return None if table is None else _frame(tidy(table, "curves", stored.table_path(self.folder, "curves")))

    @cached_property
    def layers(self) -> pd.DataFrame | None:
        """What the probes measured; None where the study has none."""
        table = stored.read(self.folder, "layers", None, sorted(_LABELS))
        return None if table is None else _frame(tidy(table, "layers", stored.table_path(self.folder, "layers")))

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of each of the collector's tables that are here; none of somebody else's, who mean their own."""
        if self.metadata is None:
            return {}
        tables = {"trials": self.trials, "curves": self.curves, "layers": self.layers}
        known = {"trials": schema.TRIALS, "curves": schema.POINT, "layers": schema.LAYER}
        return {
            name: tuple(column.name for column in known[name] if column.name in table)
            for name, table in tables.items()
            if table is not None
        }


def newest_study(data: Path = Path("data")) -> Path:
    """The study under `data` whose trials.parquet is newest.

    Raises:
        StudyNotFoundError: there is none.
    """
    tables = [path for path in data.glob("*/trials.parquet") if path.is_file()]
    found = sorted(tables, key=lambda path: path.stat().st_mtime)
    if not found:
        raise StudyNotFoundError(f"no study under {data}/; run `collect run` first, or name a study's folder")
    return found[-1].parent


def load(
    folder: Path,
    *,
    factor: str | None = None,
    contrast: Sequence[str] | None = None,
    margin_pp: float | None = None,
    targets: Sequence[float] = (),
) -> StudyData:
    """Read and validate a study; options other than the study's own are recorded as deviations.

    Raises:
        StudyNotFoundError: the folder has no trials.parquet.
        InvalidTableError: a column is missing, or holds values that mean nothing.
        UsageError: an option names no factor, level, margin or target.
    """
    table = stored.read(folder, "trials", None, sorted(_LABELS))
    if table is None:
        raise StudyNotFoundError(f"{folder} has no trials.parquet; is it a study's folder?")
    path = stored.table_path(folder, "trials")
    metadata = metadata_of_tables.read(table.schema.metadata, path)
    study = metadata.study.model_dump() if metadata else {}
    factors = [*study.get("factors", {}), *([factor] if factor else [])]
    trials = _scored(_without_paths(_frame(tidy(table, "trials", path, factors=factors))), path)
    declared = design_of(trials, study) if factor is None and contrast is None else None
    design = declared or design_of(trials, study, factor=factor, contrast=contrast)
    design, deviations = _with_options(design, study, margin_pp, targets)
    if declared is None and study:
        deviations = (f"contrast={design.factor}: {design.contrast_name}", *deviations)
    _refuse_duplicates(trials, list(design.factors))
    return StudyData(
        folder=folder,
        name=str(study.get("name", os.fsencode(folder.resolve().name).decode(errors="replace"))),
        trials=trials,
        design=design,
        planned=metadata.planned if metadata else len(trials),
        pending=metadata.pending if metadata else 0,
        extended=bool(study.get("extended", False)),
        deviations=deviations,
        notes=_notes(metadata, trials, folder),
        metadata=metadata,
    )


def _notes(metadata: Metadata | None, trials: pd.DataFrame, folder: Path) -> tuple[Note, ...]:
    """What a reader has to know of a study's tables before anything else."""
    if metadata is None:
        return ()
    notes = []
    expected = metadata.planned - metadata.pending
    if expected != len(trials):
        numbers = {"rows": len(trials), "expected": expected, "difference": abs(expected - len(trials))}
        notes.append(Note(code="rows_missing" if expected > len(trials) else "rows_extra", numbers=numbers))
    if "trials" not in stored.sums(folder):
        notes.append(Note(code="no_digests", numbers={}))
    if metadata.recipe_version and metadata.recipe_version != schema.RECIPE_VERSION:
        versions = {"version": metadata.recipe_version, "here": schema.RECIPE_VERSION}
        notes.append(Note(code="other_recipe", numbers=versions))
    return tuple(notes)


def _with_options(
    design: Design, study: Mapping[str, Any], margin_pp: float | None, targets: Sequence[float]
) -> tuple[Design, tuple[str, ...]]:
    """The design under a margin and targets given on the command line, and what thereby deviates."""
    deviations = []
    if margin_pp is not None:
        if not 0 < margin_pp < 100:
            raise UsageError(f"--margin {margin_pp:g} is not between 0 and 100 percentage points")
        if margin_pp != design.margin_pp:
            deviations.append(f"margin_pp={margin_pp:g} (study: {design.margin_pp:g})")
        design = replace(design, margin_pp=margin_pp)
    if targets:
        for target in targets:
            if not 0 < target < 1:
                raise UsageError(f"--target {target:g} is not between 0 and 1")
        if tuple(targets) != design.targets:
            own = ", ".join(f"{target:g}" for target in design.targets)
            deviations.append(f"targets={', '.join(f'{target:g}' for target in targets)} (study: {own})")
        design = replace(design, targets=tuple(targets))
    return design, tuple(deviations) if study else ()


def _frame(table: pa.Table) -> pd.DataFrame:
    """A table for pandas, whatever pandas has noted in it: a column that was an index is a column."""
    frame: pd.DataFrame = table.replace_schema_metadata().to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _without_paths(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials in which a data set that an earlier release named by its path has the name of its folder."""
    if "dataset" not in trials:
        return trials
    names = {
        name: PurePath(name).name if isinstance(name, str) and "/" in name else name
        for name in trials["dataset"].unique()
    }
    if len(set(names.values())) < len(names):
        return trials
    return trials.assign(dataset=trials["dataset"].map(names))


def _scored(trials: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Trials with a status and the responses `running` and `batch` in percentage points."""
    _require_columns(trials, path)
    trials = trials.assign(trial_id=trials["trial_id"].astype(str))
    if {"test_correct", "test_n"} <= set(trials):
        share = trials["test_correct"].astype(float) / trials["test_n"].astype(float)
        share = share.fillna(trials["test_accuracy"]) if "test_accuracy" in trials else share
    else:
        share = trials["test_accuracy"].astype(float)
    outside = (share < 0) | (share > 1)
    if outside.any():
        raise InvalidTableError(f"{path}: test_accuracy must be a share from 0 to 1, found {share[outside].iloc[0]:g}")
    if "status" not in trials:
        trials["status"] = np.where(share.isna(), "failed", "completed")
    _check_status(trials, share, path)
    trials["running"] = 100.0 * share
    if "test_n" in trials:
        # A diverged trial was not evaluated; it would have been on as many images as the others.
        trials["test_n"] = trials["test_n"].fillna(trials["test_n"].max())
    trials["batch"] = 100.0 * trials.get("test_accuracy_batch", pd.Series(np.nan, trials.index))
    return trials


def _require_columns(trials: pd.DataFrame, path: Path) -> None:
    missing = [name for name in ("trial_id", "seed") if name not in trials]
    if "test_accuracy" not in trials and not {"test_correct", "test_n"} <= set(trials):
        missing.append("test_accuracy (or test_correct and test_n)")
    if missing:
        raise InvalidTableError(f"{path} lacks {', '.join(missing)}; it has {', '.join(trials.columns)}")
    if trials.empty:
        raise InvalidTableError(f"{path} has no trials yet")


def _check_status(trials: pd.DataFrame, share: "pd.Series[float]", path: Path) -> None:
    """Every trial has a known status, and a response unless it failed."""
    unknown = trials.loc[~trials["status"].isin(_STATUSES), "status"]
    if len(unknown):
        raise InvalidTableError(f"{path}: status {cut(str(unknown.iloc[0]))} is not one of {', '.join(_STATUSES)}")
    for status in ("completed", "diverged"):
        lost = trials.loc[(trials["status"] == status) & share.isna(), "trial_id"]
        if len(lost):
            remedy = "a diverged trial scores chance, 1/classes" if status == "diverged" else "mark it failed"
            raise InvalidTableError(f"{path}: {status} trial {lost.iloc[0]} has no test_accuracy; {remedy}")


def _refuse_duplicates(trials: pd.DataFrame, factors: list[str]) -> None:
    """A seed runs each combination of levels once; otherwise a pair is not a pair."""
    twice = trials.duplicated([*factors, "seed"], keep=False)
    if twice.any():
        row = trials[twice].iloc[0]
        settings = ", ".join(f"{name}={row[name]}" for name in [*factors, "seed"])
        raise InvalidTableError(f"{int(twice.sum())} trials share their settings and seed, first {settings}")
