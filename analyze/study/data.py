"""A study as it is analysed: validated, frozen tables with the question put to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analyze.findings import Note
from analyze.study import files, stored
from analyze.study.metadata import Metadata
from analyze.study.question import Design
from analyze.study.scores import shares
from analyze.study.tidy import tidy
from collect import schema

#: The collector's own network, in the column `network`.
BUILT_IN = "cnn"

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
    "max_class_share",
)


@dataclass(frozen=True)
class StudyData:
    """A study as it is analysed.

    `trials` has a row a trial and three columns more than the file: the final test accuracy in percentage points by
    BatchNorm mode (`scores.COLUMN`) and the response (`scores.VALUE`), which gives its own column for it; NaN where
    there is none. Diverged trials are scored at chance, where the response is an accuracy. `percent` says that the file
    has accuracies in per cent; here they are shares. `file` is the name, without its ending, of a table that came
    without a study's folder. `further` are the same trials with another response each, which were asked for beside the
    first; of the course of training they have nothing (`beside`).
    """

    folder: Path
    name: str
    trials: pd.DataFrame
    design: Design
    planned: int
    pending: int
    extended: bool
    deviations: tuple[str, ...]
    command: str
    notes: tuple[Note, ...]
    metadata: Metadata | None
    percent: bool = False
    file: str | None = None
    beside: bool = False
    further: tuple["StudyData", ...] = ()

    @property
    def seeds(self) -> tuple[int | str, ...]:
        """Every seed of the trials, ascending."""
        return tuple(np.unique(self.trials["seed"].to_numpy()).tolist())

    @property
    def ran(self) -> pd.DataFrame:
        """The trials that were run: all but those that stand for a number that they are compared with."""
        number = None if self.design.threshold is None else self.design.contrast[1]
        return self.trials if number is None else self.trials[self.trials[self.design.factor] != number]

    def count(self, status: str) -> int:
        """Trials of this status."""
        return int((self.ran["status"] == status).sum())

    @cached_property
    def curves(self) -> pd.DataFrame | None:
        """Learning curves, the columns of CURVE_COLUMNS that exist; None where the study has none."""
        curves = self._table("curves", CURVE_COLUMNS)
        if curves is not None and "accuracy" in curves:
            path = stored.table_path(self.folder, "curves")
            curves["accuracy"] = shares(curves["accuracy"].astype(float), "accuracy", path, percent=self.percent)
        return _of_trials(curves)

    @cached_property
    def layers(self) -> pd.DataFrame | None:
        """What the probes measured; None where the study has none."""
        return _of_trials(self._table("layers", None))

    def _table(self, name: str, columns: Sequence[str] | None) -> pd.DataFrame | None:
        table = None if self.file or self.beside else stored.read(self.folder, name, columns, files.LABELS)
        return None if table is None else frame_of(tidy(table, name, stored.table_path(self.folder, name)))

    @property
    def own_network(self) -> str | None:
        """What builds the network, where the collector trained one that is not its own."""
        named = self.trials["network"].dropna().tolist() if self.metadata and "network" in self.trials else []
        return next((str(name) for name in named if name != BUILT_IN), None)

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of each of the collector's tables that are here; none of somebody else's, who mean their own."""
        if self.metadata is None:
            return {}
        tables = {"trials": self.trials, "curves": self.curves, "layers": self.layers}
        theirs = [c for c in schema.TRIALS if c not in schema.SETTINGS or c.name in schema.ANY_NETWORK]
        known = {
            "trials": theirs if self.own_network else schema.TRIALS,
            "curves": schema.POINT,
            "layers": schema.LAYER,
        }
        return {
            name: tuple(column.name for column in known[name] if column.name in table)
            for name, table in tables.items()
            if table is not None
        }


def _of_trials(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Without rows of no trial, which are in no study."""
    return table[table["trial_id"].notna()] if table is not None and "trial_id" in table else table


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A table for pandas, whatever pandas has noted in it: a column that was an index is a column."""
    frame: pd.DataFrame = table.replace_schema_metadata().to_pandas(split_blocks=True, self_destruct=True)
    return frame
