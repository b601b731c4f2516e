"""The outcome of each trial: whether it completed, its accuracy by BatchNorm mode, and the response compared."""

from pathlib import Path

import numpy as np
import pandas as pd

from analyze.errors import InvalidTableError
from analyze.findings import ACCURACY, BnMode, Response
from analyze.study.tidy import MOST_LOSS, cut

#: The columns that the analysis adds to trials. Nobody types their names.
COLUMN: dict[BnMode, str] = {"running": "\x1frunning", "batch": "\x1fbatch"}
VALUE = "\x1fresponse"

STATUSES = ("completed", "diverged", "failed")

#: What MLflow, Weights & Biases, Optuna and Slurm call the end of a run; "cancelled by 1000" is cancelled.
WORDS: dict[str, str] = {
    **{word: word for word in STATUSES},
    **dict.fromkeys(("complete", "finished"), "completed"),
    **dict.fromkeys(
        (
            *("fail", "crashed", "killed", "pruned", "cancelled", "canceled", "timeout", "out_of_memory", "node_fail"),
            *("boot_fail", "preempted", "deadline", "revoked"),
        ),
        "failed",
    ),
    **dict.fromkeys(
        (
            *("running", "pending", "scheduled", "waiting", "queued", "suspended", "preempting", "requeued"),
            "resizing",
        ),
        "pending",
    ),
}

ACCURACIES = ("test_accuracy", "test_accuracy_batch", "train_accuracy", "validation_accuracy")

#: Beyond one by no more than this, a share is one that was rounded; two ways to write an accuracy agree within it.
ROUNDED = 5e-5


def scored(
    trials: pd.DataFrame, path: Path, response: Response = ACCURACY, *, share: str = "share"
) -> tuple[pd.DataFrame, int]:
    """The trials that ended, with a status, the columns of COLUMN in percentage points, and VALUE; how many did not.

    VALUE is the response that is compared, in its unit; its own column is gone, so that it is no setting. A trial that
    failed has none; a completed one without a number has failed.

    Args:
        trials: as they were read, numbered from zero.
        path: named in what is refused.
        response: what is compared.
        share: how the table writes it where it is a share, "share" or "percent".

    Raises:
        InvalidTableError: a status is none that is known, an accuracy is no share or is not the one that the counts
            give, a diverged trial has none, the response is not within its bounds or has no logarithm, or no trial has
            ended.
    """
    trials = trials.copy(deep=False)
    compared = response.name == ACCURACY.name
    for name in [name for name in ACCURACIES if name in trials and (compared or name != response.name)]:
        trials = _with_shares(trials, name, path, share, needed=compared)
    accuracy = _share(trials, path) if compared else trials.get("test_accuracy", pd.Series(np.nan, trials.index))
    value = 100.0 * accuracy if compared else _values(trials, path, response, share)
    known: pd.Series[str] = value.isna().map({True: "failed", False: "completed"})
    status = _statuses(trials["status"], path) if "status" in trials else known
    status = status.where(status.ne("completed"), known)
    lost = status.eq("diverged") & value.isna()
    if compared and lost.any():
        raise InvalidTableError(
            f"{path}: diverged trial {cut(str(trials['trial_id'][lost].iloc[0]))} has no test_accuracy (row "
            f"{first_row(lost)}); a diverged trial scores chance, 1/classes"
        )
    ran = status.isin(["completed", "diverged"])
    batch = trials.get("test_accuracy_batch", pd.Series(np.nan, trials.index))
    trials["status"] = status
    trials[COLUMN["running"]] = 100.0 * accuracy.where(ran)
    trials[COLUMN["batch"]] = 100.0 * batch.where(ran)
    trials[VALUE] = value.where(ran)
    _require_on_scale(trials[VALUE], path, response)
    trials = trials.drop(columns=[] if compared else [response.name])
    ended = status.isin(STATUSES)
    if not ended.any():
        raise InvalidTableError(f"{path}: none of its {len(trials)} trials has ended")
    return trials[ended].reset_index(drop=True), int((~ended).sum())


def _with_shares(trials: pd.DataFrame, name: str, path: Path, share: str, *, needed: bool) -> pd.DataFrame:
    """Trials with this accuracy as a share; one beside the response that is no share is left out."""
    finite = trials[name].astype(float).where(np.isfinite(trials[name].astype(float)))
    try:
        return trials.assign(**{name: shares(finite, name, path, percent=needed and share == "percent")})
    except InvalidTableError:
        if needed:
            raise
        return trials.drop(columns=name)


def _values(trials: pd.DataFrame, path: Path, response: Response, share: str) -> "pd.Series[float]":
    """The response in its unit; what is infinite, or has an infinite square, is missing."""
    name = response.name
    if name not in trials:
        raise InvalidTableError(f"{path} has no column {cut(name)}, the response")
    values = trials[name].astype(float)
    values = values.where(values.abs() <= MOST_LOSS)
    if share:
        return 100.0 * shares(values, name, path, percent=share == "percent")
    if response.bounds is not None:
        low, high = response.bounds
        outside = (values < low) | (values > high)
        if outside.any():
            row = first_row(outside)
            raise InvalidTableError(
                f"{path}: {name} must be within its bounds, from {low:g} to {high:g}, found {values.iloc[row - 1]:g} "
                f"in row {row}"
            )
    return values


def _require_on_scale(values: "pd.Series[float]", path: Path, response: Response) -> None:
    """Refuse a value that has no logarithm, where logarithms are compared."""
    wrong = values <= 0
    if response.scale == "log" and wrong.any():
        row = first_row(wrong)
        raise InvalidTableError(
            f"{path}: {response.name} must be above 0 for --scale log, found {values.iloc[row - 1]:g} in row {row}; "
            "compare it on the raw scale"
        )


def _statuses(said: "pd.Series[str]", path: Path) -> "pd.Series[str]":
    """Statuses in our words, "pending" for a run that has not ended."""
    words = {one: _word(one) for one in said.astype(object).unique()}
    unknown = [one for one, word in words.items() if word is None]
    if unknown:
        listed = cut(", ".join(cut(str(one)) for one in unknown))
        row = first_row(said.astype(object).map(words).isna())
        raise InvalidTableError(
            f"{path}: status {listed} is not one of {', '.join(STATUSES)}, or of the words that MLflow, Weights & "
            f"Biases, Optuna and Slurm have for them (first in row {row}); write one of these"
        )
    return said.astype(object).map(words)


def _word(status: object) -> str | None:
    """A status in our words; None where it is not known."""
    word = str(status).strip().lower().replace(" ", "_")
    return WORDS.get("cancelled" if word.startswith("cancelled_by_") else word)


def _share(trials: pd.DataFrame, path: Path) -> "pd.Series[float]":
    """The share of test images classified correctly: as counted, else as told."""
    told = trials.get("test_accuracy")
    if not {"test_correct", "test_n"} <= set(trials):
        if told is None:
            raise InvalidTableError(
                f"{path} lacks test_accuracy (or test_correct and test_n); compare another column with "
                "--response COLUMN --better higher or lower"
            )
        return told
    images = trials["test_n"].astype(float)
    share = shares(trials["test_correct"].astype(float) / images, "test_correct / test_n", path)
    if told is None:
        return share
    apart = (told - share).abs() > np.maximum(ROUNDED, 0.5 / images)
    if apart.any():
        row = first_row(apart)
        raise InvalidTableError(
            f"{path}: test_accuracy {told.iloc[row - 1]:g} is not test_correct / test_n = {share.iloc[row - 1]:g} in "
            f"row {row}; leave out the one that is wrong"
        )
    return share.fillna(told)


def shares(values: "pd.Series[float]", name: str, path: Path, *, percent: bool = False) -> "pd.Series[float]":
    """Shares from 0 to 1, a rounding beyond one taken back.

    Args:
        values: NaN where there is none.
        name: of the column, for what is refused.
        path: of the table, likewise.
        percent: whether they are in per cent.

    Raises:
        InvalidTableError: they are not in this unit, or no shares.
    """
    most = 100.0 if percent else 1.0
    outside = (values < 0) | (values > most * (1 + ROUNDED))
    if outside.any():
        row = first_row(outside)
        in_percent = not percent and values.min() >= 0 and values.max() <= 100
        cure = "if they are in per cent, add --unit percent" if in_percent else "write correct / all"
        bounds = f"in per cent from 0 to {most:g}" if percent else "a share from 0 to 1"
        raise InvalidTableError(f"{path}: {name} must be {bounds}, found {values.iloc[row - 1]:g} in row {row}; {cure}")
    if percent and 0 < values.max() <= 1:
        row = first_row(values > 0)
        raise InvalidTableError(
            f"{path}: {name} is nowhere above 1 per cent, found {values.iloc[row - 1]:g} in row {row}; if these are "
            "shares, drop --unit percent or write every accuracy in per cent"
        )
    return (values / most).clip(upper=1.0)


def with_images(trials: pd.DataFrame, moderators: tuple[str, ...]) -> pd.DataFrame:
    """Trials with a test_n where the table leaves it out, as it does of diverged trials, which were not evaluated.

    They would have been on as many images as the others of their cell, or as all others where the cell has none; a
    number on which these do not agree stays unknown.
    """
    if "test_n" not in trials:
        return trials
    images = trials["test_n"]
    if moderators:
        cells = images.groupby([trials[name] for name in moderators], sort=False, observed=True, dropna=False)
        images = images.fillna(cells.transform(_only))
    return trials.assign(test_n=images.fillna(_only(trials["test_n"])))


def _only(numbers: "pd.Series[float]") -> float:
    """The one number that all have which have any, NaN where there is none or several."""
    known = numbers.dropna().unique()
    return float(known[0]) if len(known) == 1 else np.nan


def first_row(where: "pd.Series[bool]") -> int:
    """The first row of which this holds, counted from one."""
    return int(where.to_numpy().argmax()) + 1
