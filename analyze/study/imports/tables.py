"""Runs -> the tables of a study, and what became of each column."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analyze.errors import InvalidTableError, UsageError
from analyze.study import stored
from analyze.study.imports.run import Run, Setting
from analyze.study.parts import typed
from analyze.study.tidy import ADDED

Role = Literal["id", "seed", "factor", "shared", "metric", "ignored"]

#: The key of the metadata that tells a table of ours from somebody's own, which is never replaced.
MARK = b"imported_from"

#: Names of a seed, the last word of a dotted or slashed one.
_SEED = re.compile(
    r"(^|[./])((random|global|manual|base|rng|run)_?)?seed(_everything)?$|(^|[./])random_state$", re.IGNORECASE
)

#: Curves that the analysis knows, by the words of a metric's name.
_SPLITS = {"train": "train", "training": "train", "test": "test"} | dict.fromkeys(
    ("val", "valid", "validation", "eval"), "validation"
)
_MEASURES = {"loss": "loss", "acc": "accuracy", "accuracy": "accuracy"}


@dataclass(frozen=True)
class Told:
    """What became of a column."""

    name: str
    role: Role
    why: str


@dataclass(frozen=True)
class Imported:
    """The tables of a study, and its columns in order."""

    trials: pa.Table
    curves: pa.Table | None
    columns: tuple[Told, ...]


def imported(runs: Sequence[Run], source: str) -> Imported:
    """The tables of these runs: a row a run, a column a setting or metric.

    Raises:
        InvalidTableError: there is no run.
    """
    if not runs:
        raise InvalidTableError(f"{source} holds no runs")
    settings = _columns([run.settings for run in runs])
    metrics = _columns([run.metrics for run in runs])
    about = _columns([run.bookkeeping for run in runs])
    values: dict[str, list[Setting]] = {"trial_id": [run.id for run in runs], "status": [run.status for run in runs]}
    said = [Told("trial_id", "id", f"{len(runs)} runs")]
    seed = _seed_of(settings)
    for name, column in settings.items():
        called = "seed" if name == seed else _free(name, values)
        values[called] = column
        said.append(_setting(called, name, column, seed=name == seed))
    for name, column in metrics.items():
        called = _free(name, values)
        values[called] = [_finite(one) for one in column]
        count = sum(one is not None for one in values[called])
        renamed = "" if called == name else f", logged as {name}"
        said.append(Told(called, "metric", f"in {count} of {len(runs)} runs{renamed}"))
    for name, column in about.items():
        if any(one is not None for one in column):
            said.append(Told(name, "ignored", "says how it ran, not what it was set to"))
    trials = pa.table({name: _array(column) for name, column in values.items()})
    if all(run.right for run in runs):
        bits = [np.packbits(run.right).tobytes() for run in runs]
        trials = trials.append_column("correct_bits", pa.array(bits, pa.binary()))
        said.append(Told("correct_bits", "metric", "each sample's outcome: samples are crossed with seeds"))
    return Imported(trials, _curves(runs), tuple(said))


def write(found: Imported, folder: Path, format_name: str) -> list[Path]:
    """Write the tables into a folder, which is created; tables of an earlier import are replaced.

    Raises:
        UsageError: there is a study that no import wrote.
        OSError: the folder cannot be written.
    """
    trials = stored.table_path(folder, "trials")
    if any(folder.glob("*.parquet")) and not (trials.is_file() and MARK in (pq.read_schema(trials).metadata or {})):
        raise UsageError(f"--out {folder} holds a study of its own, which is not replaced; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in (("trials", found.trials), ("curves", found.curves)):
        path = stored.table_path(folder, name)
        if table is None:
            path.unlink(missing_ok=True)
            continue
        aside = path.with_name(f".aside.{path.name}")
        pq.write_table(table.replace_schema_metadata({MARK: format_name.encode()}), aside)
        aside.replace(path)
        written.append(path)
    return written


def advice(found: Imported) -> str | None:
    """What the study still lacks, and how to name it; None where it lacks nothing."""
    if not any(one.role == "seed" for one in found.columns):
        return "no setting is named like a seed; name its column with --seed"
    names = {*found.trials.column_names}
    if "test_accuracy" not in names and not {"test_correct", "test_n"} <= names:
        metrics = [one.name for one in found.columns if one.role == "metric"]
        return f"there is no test_accuracy; name the response with --response, one of {', '.join(metrics) or 'none'}"
    return None


def is_curve(metric: str) -> bool:
    """Whether a metric's values on the way are a curve that the analysis knows."""
    return _curve_of(metric) is not None


def _curve_of(metric: str) -> tuple[str, str] | None:
    """The split and the measure that a metric's name says: "val/acc" is accuracy on validation."""
    words = [word for word in re.split(r"[^a-z]+", metric.lower()) if word not in ("", "epoch", "step")]
    if len(words) != 2:
        return None
    for one, other in (words, reversed(words)):
        if one in _SPLITS and other in _MEASURES:
            return _SPLITS[one], _MEASURES[other]
    return None


def _curves(runs: Sequence[Run]) -> pa.Table | None:
    """A row a run, step and split; None where no run measured any twice."""
    rows: dict[tuple[str, int, str], dict[str, Setting]] = {}
    for run in runs:
        for point in run.points:
            if (known := _curve_of(point.metric)) and math.isfinite(point.value):
                split, measure = known
                row = rows.setdefault((run.id, point.step, split), {"epoch": point.epoch})
                row[measure] = point.value
    if len(rows) <= len({(run, split) for run, _, split in rows}):
        return None
    keys = sorted(rows)
    columns: dict[str, list[Setting]] = {
        "trial_id": [run for run, _, _ in keys],
        "step": [step for _, step, _ in keys],
        "split": [split for _, _, split in keys],
    }
    for name in ("epoch", "loss", "accuracy"):
        column = [rows[key].get(name) for key in keys]
        if any(one is not None for one in column):
            columns[name] = column
    return pa.table(columns)


def _columns(rows: Sequence[Mapping[str, Setting]]) -> dict[str, list[Setting]]:
    """Values by name, null where a row has none."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _seed_of(settings: dict[str, list[Setting]]) -> str | None:
    """The setting that is the seed: of that name, or the only one that is named like one."""
    if "seed" in settings:
        return "seed"
    found = [name for name in settings if _SEED.search(name)]
    return found[0] if len(found) == 1 else None


def _free(name: str, taken: dict[str, list[Setting]]) -> str:
    """A name that no column has yet, and that is none of the analysis' own."""
    name = name.replace(ADDED, "_")
    while name in taken:
        name = f"{name}_"
    return name


def _setting(called: str, logged: str, column: list[Setting], *, seed: bool) -> Told:
    """What a setting may be."""
    levels = list(dict.fromkeys(map(str, column)))
    renamed = "" if called == logged else f", logged as {logged}"
    if seed:
        return Told(called, "seed", f"{len(levels)} seeds{renamed}")
    if len(levels) == 1:
        return Told(called, "shared", f"{levels[0]} in all runs{renamed}")
    shown = ", ".join(levels[:4]) + (", …" if len(levels) > 4 else "")
    return Told(called, "factor", f"{len(levels)} levels: {shown}{renamed}")


def _finite(value: Setting) -> Setting:
    """A number, or none: a loss that is not finite is a missing one."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _array(column: list[Setting]) -> pa.ChunkedArray:
    """A column of one type: numbers and truth values where all are, whatever they were logged as, else texts."""
    kinds = {type(one) for one in column if one is not None}
    if kinds <= {bool} or kinds <= {int} or kinds <= {int, float}:
        return pa.chunked_array([pa.array(column)])
    return typed(pa.chunked_array([pa.array([None if one is None else str(one) for one in column], pa.string())]))
