"""Gradients of untrained networks near their output, from layers.parquet."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.study.load import StudyData

Array = NDArray[np.float64]


def near_output(study: StudyData) -> Array | None:
    """Log gradient norm of the last weights below the classifier, before the first step.

    The classifier is the last layer that was probed.

    Returns:
        One value a trial, NaN where it was not probed so; None where no trial was.
    """
    layers = study.layers
    if layers is None or not {"trial_id", "step", "layer", "grad_norm"} <= set(layers):
        return None
    first = layers[layers["step"] == 0].sort_values(["trial_id", "layer"])
    last_but_one = first[first.groupby("trial_id", observed=True).cumcount(ascending=False) == 1]
    by_trial = last_but_one.set_index(last_but_one["trial_id"].astype(str))["grad_norm"]
    norms = by_trial.reindex(pd.Index(study.trials["trial_id"].astype(str))).to_numpy(dtype=float)
    found: Array = np.log(np.where(norms > 0, norms, np.nan))
    return found if np.isfinite(found).any() else None
