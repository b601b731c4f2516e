"""The response of every trial, by BatchNorm mode and scale, and what else was recorded at its end."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyze.findings import ACCURACY, Better, BnMode, Level, Scale, Unit
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms
from analyze.study.scores import COLUMN, VALUE

Array = NDArray[np.float64]

MODES: tuple[BnMode, ...] = ("running", "batch")

#: The further responses, by their column: unit, and which way is better.
FURTHER: dict[str, tuple[Unit, Better]] = {
    ACCURACY.name: ("pp", "higher"),
    "train_accuracy": ("pp", "higher"),
    "test_loss": ("nats", "lower"),
    "train_loss": ("nats", "lower"),
}


def modes(study: StudyData) -> list[BnMode]:
    """The BatchNorm modes in which both levels of the contrast were evaluated; of all but accuracy there is one."""
    if study.design.response.name != ACCURACY.name:
        return ["running"]
    return [mode for mode in MODES if all(evaluated(study, mode, level) for level in study.design.contrast)]


def evaluated(study: StudyData, mode: BnMode, level: Level) -> bool:
    """Whether any trial of this level of the primary factor was evaluated in this mode."""
    here = (study.trials[study.design.factor] == level).to_numpy()
    return bool(np.isfinite(raw(study, mode)[here]).any())


def values(study: StudyData, mode: BnMode = "running") -> Array:
    """The response on its scale, one a trial, NaN where there is none."""
    found = scales(study, mode)[study.design.response.scale]
    assert found is not None, "refused where the study was read"
    return found


def scales(study: StudyData, mode: BnMode) -> dict[Scale, Array | None]:
    """The response on its scale, then on another if it has one: logit of what is counted, log of what is positive."""
    response = study.design.response
    found: dict[Scale, Array | None] = {"raw": raw(study, mode)}
    if response.name == ACCURACY.name:
        found["logit"] = logit(study, mode)
    if response.scale == "log" or response.name != ACCURACY.name:
        found["log"] = _log(found["raw"])
    return {response.scale: found.pop(response.scale)} | found


def raw(study: StudyData, mode: BnMode) -> Array:
    """The response in its unit, one a trial, NaN where there is none."""
    column = COLUMN[mode] if study.design.response.name == ACCURACY.name else VALUE
    return study.trials[column].to_numpy(dtype=float)


def _log(found: Array | None) -> Array | None:
    if found is None or not np.isfinite(found).any() or np.nanmin(found) <= 0:
        return None
    return np.log(found)


def accuracy(study: StudyData, mode: BnMode) -> Array:
    """Accuracy in percentage points, one a trial, NaN where there is none."""
    return study.trials[COLUMN[mode]].to_numpy(dtype=float)


def correct(study: StudyData, mode: BnMode) -> Array | None:
    """Test images classified correctly, one a trial; None where the study does not say how many there were.

    Those of a number that runs are compared with are as many as it says, which need not be whole.
    """
    if "test_n" not in study.trials:
        return None
    right = accuracy(study, mode) / 100 * study.trials["test_n"].to_numpy(dtype=float)
    number = study.design.threshold is not None and (study.trials[study.design.factor] == study.design.contrast[1])
    return np.asarray(np.where(number, right, np.rint(right)))


def paired_counts(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> Arms | None:
    """Test images classified correctly in both arms, NaN in a cell whose runs were not all on as many images.

    None where the study does not say how many there were, or compares something else.
    """
    right = correct(study, mode) if study.design.response.name == ACCURACY.name else None
    if right is None:
        return None
    counts, images = (
        arms(study.trials, values, study.design, pair) for values in (right, study.trials["test_n"].to_numpy())
    )
    both = np.concatenate([images.first, images.second])
    alike = np.fmax.reduce(both) == np.fmin.reduce(both)
    return replace(counts, first=np.where(alike, counts.first, np.nan))


def logit(study: StudyData, mode: BnMode) -> Array | None:
    """Empirical logit log((correct + ½) / (n − correct + ½)), finite at 100 %; None without test_n."""
    right = correct(study, mode)
    if right is None:
        return None
    wrong = study.trials["test_n"].to_numpy(dtype=float) - right
    return np.asarray(np.log((right + 0.5) / (wrong + 0.5)))


@dataclass(frozen=True)
class Further:
    """A response beside that of the headline: one value a trial, NaN where there is none."""

    name: str
    unit: Unit
    better: Better
    values: Array


def further(study: StudyData) -> list[Further]:
    """The further responses that the study recorded, with running statistics, accuracies in percentage points.

    A diverged trial has the accuracy of guessing, on train as on test, and no loss.
    """
    return [
        Further(
            name, unit, better, _accuracy(study, name) if unit == "pp" else study.trials[name].to_numpy(dtype=float)
        )
        for name, (unit, better) in FURTHER.items()
        if name != study.design.response.name and name in study.trials and study.trials[name].notna().any()
    ]


def _accuracy(study: StudyData, name: str) -> Array:
    recorded = 100.0 * study.trials[name].to_numpy(dtype=float)
    guessed = (study.trials["status"] == "diverged").to_numpy() & np.isnan(recorded)
    return np.where(guessed, accuracy(study, "running"), recorded)
