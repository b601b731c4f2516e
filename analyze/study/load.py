"""A study's folder -> validated, frozen tables with their design.

Reads the collector's tables and trials brought by somebody else alike: only the primary factor, seed and the response
(test_accuracy, or test_correct and test_n, where none is named) are required, file metadata may be absent.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath

import numpy as np
import pandas as pd
import pyarrow as pa

from analyze.errors import UsageError, not_one_of
from analyze.findings import ACCURACY, Message, Note, because
from analyze.study import command as commands
from analyze.study import duplicates, files, stored
from analyze.study import metadata as metadata_of_tables
from analyze.study.deviations import deviations_of, with_targets
from analyze.study.folds import folds_of, over_folds
from analyze.study.metadata import Metadata
from analyze.study.question import Asked, Design, design_of
from analyze.study.response import AskedResponse, response_of
from analyze.study.scores import scored, shares, with_images
from analyze.study.threshold import against, threshold_of
from analyze.study.tidy import no_level, tidy
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
    without a study's folder.
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
        table = None if self.file else stored.read(self.folder, name, columns, files.LABELS)
        return None if table is None else _frame(tidy(table, name, stored.table_path(self.folder, name)))

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


def load(
    place: Path | files.Source,
    *,
    factor: str | None = None,
    contrast: Sequence[object] | None = None,
    moderators: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    margin: float | None = None,
    targets: Sequence[float] = (),
    trial_id: str = "trial_id",
    seed: str = "seed",
    unit: str | None = None,
    response: str | None = None,
    better: str | None = None,
    scale: str | None = None,
    paired: bool | None = None,
    threshold: float | None = None,
    folds: int | None = None,
) -> StudyData:
    """Read and validate a study; options other than the study's own are recorded as deviations.

    Args:
        place: a folder with trials.parquet, a file of trials, or a folder of such parts (`files.opened`); or what
            was opened.
        factor: another primary factor.
        contrast: its two levels, first minus second, as typed.
        moderators: the factors to average over, beside the study's own.
        ignore: columns that are no factors.
        margin: the equivalence margin, in the unit of the response: percentage points of an accuracy; on the log scale
            a ratio above 1.
        targets: target accuracies, shares.
        trial_id: the column that tells trials apart; where it is absent they are numbered.
        seed: the column of the seed.
        response: the column that is compared; test_accuracy where none is named.
        better: higher, lower or neither.
        unit: of the response: share or percent, or any other, which is printed.
        scale: raw, log or logit.
        paired: whether runs of a seed are pairs; None leaves it to the seeds.
        threshold: a number that all runs are compared with, written as the table writes the response; factors are then
            moderators.
        folds: k, where every seed is one fold of a k-fold cross-validation, or a random split that tests 1/k.

    Raises:
        StudyNotFoundError: there are no trials.
        InvalidTableError: a column is missing, or holds values that mean nothing.
        UsageError: an option names no factor, level, margin or target.
    """
    source = place if isinstance(place, files.Source) else files.opened(place)
    path = source.path
    metadata = metadata_of_tables.read(source.table.schema.metadata, path)
    study = metadata.study.model_dump() if metadata else {}
    asked = Asked(factor, contrast, moderators, ignore, paired, threshold, folds=folds)
    analysis = study.get("analysis", {})
    compared, share = response_of(analysis, AskedResponse(response, better, unit, scale, margin))
    number = threshold_of(analysis, asked, compared, share)
    table = files.named(source, trial_id=trial_id, seed=seed, response=compared.name)
    factors = [*study.get("factors", {}), *([] if factor is None else [factor]), *(moderators or ())]
    _require_response(compared.name, table.column_names, factors, seed)
    found = _frame(tidy(table, "trials", path, factors=factors, own=metadata is None, response=compared.name))
    trials, unended = scored(_without_paths(found), path, compared, share=share)
    ran, question = len(trials), asked
    if number is not None:
        trials, question = against(trials, number, asked)
    of = folds_of(analysis, asked, number)
    design, trials = design_of(
        trials, study, question if of is None else replace(question, paired=True), compared, number
    )
    design = design if of is None else over_folds(design, trials, of)
    if not study:
        ignored = {name: why for name, why in _no_levels(table, trials).items() if name != compared.name}
        design = replace(design, ignored=ignored | dict(design.ignored))
    own, design = design, with_targets(design, targets)
    duplicates.refuse(trials[:ran], design)
    return StudyData(
        folder=source.folder,
        name=str(study.get("name", os.fsencode(source.name).decode(errors="replace"))),
        trials=with_images(trials, design.moderators),
        design=design,
        planned=metadata.planned if metadata else ran + unended,
        pending=metadata.pending if metadata else unended,
        extended=bool(study.get("extended", False)),
        deviations=deviations_of(study, asked, own, design) if study else (),
        command=commands.of_report(
            *source.typed,
            factor=factor,
            contrast=contrast,
            moderators=moderators,
            ignore=ignore,
            margin=margin,
            response=response,
            better=better,
            scale=scale,
            paired=paired,
            threshold=threshold,
            folds=folds,
            target=targets,
            id=trial_id,
            seed=seed,
            unit=unit,
        ),
        notes=_notes(metadata, ran, source) if metadata else (),
        metadata=metadata,
        percent=share == "percent" and compared.name == ACCURACY.name,
        file=None if source.study else source.name,
    )


def _no_levels(table: pa.Table, trials: pd.DataFrame) -> dict[str, Message]:
    """Why columns of the table are not among the trials: what they hold cannot be levels."""
    left_out = [name for name in table.column_names if name not in trials]
    found = {name: no_level(table[name]) for name in left_out}
    return {name: because("ignored_type") for name, fault in found.items() if fault}


def _of_trials(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Without rows of no trial, which are in no study."""
    return table[table["trial_id"].notna()] if table is not None and "trial_id" in table else table


def _notes(metadata: Metadata, ran: int, source: files.Source) -> tuple[Note, ...]:
    """What a reader has to know of a study's tables before anything else."""
    notes = []
    expected = metadata.planned - metadata.pending
    if metadata.pending:
        notes.append(Note(code="interim", numbers={"ended": expected, "planned": metadata.planned}))
    if expected != ran:
        numbers = {"rows": ran, "expected": expected, "difference": abs(expected - ran)}
        notes.append(Note(code="rows_missing" if expected > ran else "rows_extra", numbers=numbers))
    if source.study and "trials" not in stored.sums(source.folder):
        notes.append(Note(code="no_digests", numbers={}))
    if metadata.recipe_version and metadata.recipe_version != schema.RECIPE_VERSION:
        versions = {"version": metadata.recipe_version, "here": schema.RECIPE_VERSION}
        notes.append(Note(code="other_recipe", numbers=versions))
    return tuple(notes)


def _require_response(name: str, columns: Sequence[str], factors: Sequence[str], seed: str) -> None:
    """Refuse a response that is no column, is a factor or is the seed."""
    if name == ACCURACY.name:
        return
    if name not in columns:
        raise UsageError(not_one_of("--response", name, columns))
    if name in factors or name in (seed, "seed", "trial_id", "status"):
        raise UsageError(
            f"--response {name} is {'a factor' if name in factors else 'no result'}; name a numeric column"
        )


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
