"""The final test accuracy of every trial, by BatchNorm mode and scale."""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import BnMode, Level
from analyze.study.load import StudyData

Array = NDArray[np.float64]

MODES: tuple[BnMode, ...] = ("running", "batch")


def modes(study: StudyData) -> list[BnMode]:
    """The BatchNorm modes in which both levels of the contrast were evaluated."""
    return [mode for mode in MODES if all(evaluated(study, mode, level) for level in study.design.contrast)]


def evaluated(study: StudyData, mode: BnMode, level: Level) -> bool:
    """Whether any trial of this level of the primary factor was evaluated in this mode."""
    return bool(study.trials.loc[study.trials[study.design.factor] == level, mode].notna().any())


def percent(study: StudyData, mode: BnMode) -> Array:
    """Accuracy in percentage points, one a trial, NaN where there is none."""
    return study.trials[mode].to_numpy(dtype=float)


def correct(study: StudyData, mode: BnMode) -> Array | None:
    """Test images classified correctly, one a trial; None where the study does not say how many there were."""
    if "test_n" not in study.trials:
        return None
    return np.asarray(np.rint(percent(study, mode) / 100 * study.trials["test_n"].to_numpy(dtype=float)))


def logit(study: StudyData, mode: BnMode) -> Array | None:
    """Empirical logit log((correct + ½) / (n − correct + ½)), finite at 100 %; None without test_n."""
    right = correct(study, mode)
    if right is None:
        return None
    wrong = study.trials["test_n"].to_numpy(dtype=float) - right
    return np.asarray(np.log((right + 0.5) / (wrong + 0.5)))
