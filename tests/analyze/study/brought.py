"""Trials as somebody brings them: an optimizer under test, a depth and an augmentation, ten seeds."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analyze.study.load import StudyData, load


def table(seeds: int = 10, **columns: Any) -> pd.DataFrame:
    """A row a run, no ids; a column more for each that is given."""
    draw = np.random.default_rng(1)
    rows = [
        {"optimizer": one, "depth": depth, "aug": aug, "seed": seed}
        for seed in range(seeds)
        for one in ("adam", "sgd")
        for depth in (2, 4)
        for aug in ("flip", "mixup")
    ]
    found = pd.DataFrame(rows)
    found["test_accuracy"] = 0.9 + 0.01 * (found["optimizer"] == "adam") + draw.normal(0, 0.005, len(found))
    return found.assign(**columns)


def loaded(folder: Path, trials: pd.DataFrame, **asked: Any) -> StudyData:
    """The study of this table; the optimizer is under test unless another factor is."""
    folder.mkdir(exist_ok=True)
    trials.to_parquet(folder / "trials.parquet")
    return load(folder, **({"factor": "optimizer"} | asked))
