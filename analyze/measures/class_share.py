"""How evenly an untrained network predicts the classes: the share of images given to the class predicted most often."""

import numpy as np
from numpy.typing import NDArray

from analyze.study.load import StudyData

Array = NDArray[np.float64]


def initial(study: StudyData) -> Array | None:
    """The share before the first step, on the test subset, one a trial; None where the study has none.

    With batch statistics, or running ones where the network has no BatchNorm; NaN where a trial was not looked at.
    """
    curves = study.curves
    if curves is None or not {"trial_id", "step", "max_class_share"} <= set(curves):
        return None
    first = curves[curves["step"].eq(0) & curves["max_class_share"].notna()]
    first = first.assign(trial_id=first["trial_id"].astype(str))
    for name, wanted in (("split", "test"), ("eval_set", "subset")):
        if name in first:
            first = first[first[name] == wanted]
    if "bn_mode" in first:
        first = first.sort_values("bn_mode", key=lambda mode: mode.eq("batch"), kind="stable")  # the last one counts
    shares = first.drop_duplicates("trial_id", keep="last").set_index("trial_id")["max_class_share"]
    found = shares.reindex(study.trials["trial_id"]).to_numpy(dtype=float)
    return found if np.isfinite(found).any() else None
