"""A study's folder -> validated, frozen tables with their design.

Reads the collector's tables and trials brought by somebody else alike: only the primary factor, seed and the response
(test_accuracy, or test_correct and test_n, where none is named) are required, file metadata may be absent.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Unpack

import pandas as pd
import pyarrow as pa

from analyze.errors import UsageError, not_one_of
from analyze.findings import ACCURACY, Message, Note, because
from analyze.study import command as commands
from analyze.study import duplicates, files, several, stored
from analyze.study import metadata as metadata_of_tables
from analyze.study.data import StudyData, frame_of
from analyze.study.deviations import deviations_of, with_targets
from analyze.study.folds import folds_of, over_folds
from analyze.study.metadata import Metadata
from analyze.study.options import Options
from analyze.study.question import Asked, design_of
from analyze.study.response import AskedResponse, response_of
from analyze.study.scores import scored, with_images
from analyze.study.threshold import against, threshold_of
from analyze.study.tidy import no_level, tidy
from collect import schema

__all__ = ["StudyData", "load"]


def load(place: Path | files.Source, **question: Unpack[Options]) -> StudyData:
    """Read and validate a study; options other than the study's own are recorded as deviations.

    Args:
        place: a folder with trials.parquet, a file of trials, or a folder of such parts (`files.opened`); or what
            was opened.
        question: what is asked of it (`options.Options`). Of several responses the first decides, and the others are
            `further`.

    Raises:
        StudyNotFoundError: there are no trials.
        InvalidTableError: a column is missing, or holds values that mean nothing.
        UsageError: an option names no factor, level, margin or target.
    """
    source = place if isinstance(place, files.Source) else files.opened(place)
    metadata = metadata_of_tables.read(source.table.schema.metadata, source.path)
    study = metadata.study.model_dump() if metadata else {}
    given: dict[str, Any] = {**question}
    command = commands.of_report(
        *source.typed, **{commands.CALLED.get(name, name): given.get(name) for name in Options.__annotations__}
    )
    compared = several.each(study.get("analysis", {}), **{name: given.pop(name, None) for name in OF_ONE})
    number = given.get("threshold", study.get("analysis", {}).get("threshold"))
    if len(compared) > 1 and number is not None:
        raise UsageError("--threshold is a number of one response; name one with --response")
    names = [asked.name or analysis.get("response") or ACCURACY.name for analysis, asked in compared]
    first, *others = [
        _of_response(
            source,
            metadata,
            study | {"analysis": analysis} if study else study,
            asked,
            [name for name in names if name != own],
            **given,
        )
        for (analysis, asked), own in zip(compared, names, strict=True)
    ]
    further = tuple(replace(one, command=command, beside=True) for one in others)
    return replace(first, command=command, further=further)


#: Options that are of one response each.
OF_ONE = ("response", "better", "unit", "scale", "margin")


def _of_response(
    source: files.Source,
    metadata: Metadata | None,
    study: Mapping[str, Any],
    asked_response: AskedResponse,
    apart: Sequence[str],
    *,
    factor: str | None = None,
    contrast: Sequence[object] | None = None,
    moderators: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    targets: Sequence[float] = (),
    trial_id: str = "trial_id",
    seed: str = "seed",
    paired: bool | None = None,
    threshold: float | None = None,
    folds: int | None = None,
) -> StudyData:
    """The study with one response; the columns of others (`apart`) are left out, so that none is a setting."""
    path, analysis = source.path, study.get("analysis", {})
    asked = Asked(factor, contrast, moderators, ignore, paired, threshold, folds=folds)
    compared, share = response_of(analysis, asked_response)
    number = threshold_of(analysis, asked, compared, share)
    table = files.named(source, trial_id=trial_id, seed=seed, response=compared.name)
    factors = [*study.get("factors", {}), *([] if factor is None else [factor]), *(moderators or ())]
    for name in (compared.name, *apart):
        _require_response(name, table.column_names, factors, seed)
    table = table.drop_columns([name for name in apart if name in table.column_names])
    found = frame_of(tidy(table, "trials", path, factors=factors, own=metadata is None, response=compared.name))
    trials, unended = scored(_without_paths(found), path, compared, share=share)
    ran, question = len(trials), asked
    if number is not None:
        trials, question = against(trials, number, asked)
    of = folds_of(analysis, asked, number)
    design, trials = design_of(
        trials, study, question if of is None else replace(question, paired=True, folds=of), compared, number
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
        command="",
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


def _notes(metadata: Metadata, ran: int, source: files.Source) -> tuple[Note, ...]:
    """What a reader has to know of a study's tables before anything else."""
    notes = []
    expected = metadata.planned - metadata.pending
    if metadata.pending:
        notes.append(Note(code="interim", numbers={"ended": expected, "planned": metadata.planned}))
    if expected != ran:
        numbers = {"rows": ran, "expected": expected, "difference": abs(expected - ran)}
        notes.append(Note(code="rows_missing" if expected > ran else "rows_extra", numbers=numbers))
    finished = sum(1 for _ in (source.folder / "parts").glob("*.parquet")) if source.study else 0
    if finished > ran:
        notes.append(Note(code="behind", numbers={"parts": finished - ran}))
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
