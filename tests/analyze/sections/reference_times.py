"""The times of tests/reference as studies, for models that need a study."""

from pathlib import Path

import numpy as np
import pandas as pd

from analyze.measures.time_to_target import Crossings
from analyze.study.load import StudyData, load
from tests import reference

#: Where the curves were looked at; the last is the budget.
POINTS = (1024, 1536, 2048, 2560, 3072, 3584)

TIMES = reference.table("times").fillna({"high": np.inf})


def reference_crossings(tmp_path: Path, *, crossed: bool = False) -> tuple[StudyData, Crossings]:
    """Four cells as the levels of depth or, crossed, as two depths by two activations."""
    cell = TIMES["cell"] - 1
    table = TIMES.assign(
        depth=cell // 2 + 1 if crossed else cell + 1,
        ordering=np.where(TIMES["arm"] == 1, "act_bn", "bn_act"),
        trial_id=[str(number) for number in range(len(TIMES))],
        test_accuracy=0.9,
    )
    if crossed:
        table["activation"] = np.where(cell % 2 == 0, "relu", "tanh")
    folder = tmp_path / "times"
    folder.mkdir()
    table.drop(columns=["arm", "cell", "low", "high"]).to_parquet(folder / "trials.parquet")
    curves = table[["trial_id"]].merge(pd.DataFrame({"examples_seen": POINTS}), how="cross")
    reached = curves["examples_seen"] >= curves["trial_id"].map(table.set_index("trial_id")["high"])
    curves.assign(accuracy=np.where(reached, 1.0, 0.0)).to_parquet(folder / "curves.parquet")
    loaded = load(folder, targets=(0.9,))
    return loaded, Crossings(table["low"].to_numpy(), table["high"].to_numpy(), np.full(len(table), 3584.0))
