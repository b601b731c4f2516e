"""What the probes inside the network measured, one number a trial and measure, from layers.parquet."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.study.load import StudyData

Array = NDArray[np.float64]

#: Averages over the convolutions at the last probe of training.
FINAL_MEANS = ("dead_fraction", "saturation", "zero_fraction", "bn_mean_lag", "bn_var_lag")

#: A slope over layers needs at least this many convolutions.
SLOPE_LAYERS = 3


def measures(study: StudyData) -> dict[str, Array]:
    """One value a trial for every measure, NaN where a trial has none; empty where the study has no probes.

    gradient_slope: slope over convolutions, first to last, of the log gradient norm, averaged over the probes after
    initialisation; gradient_slope_initial: the same at initialisation; gradient_steepness: absolute value of
    gradient_slope; gradient_level: mean log gradient norm. The others are final means over convolutions.
    """
    layers = study.layers
    if layers is None or not {"trial_id", "step", "layer"} <= set(layers):
        return {}
    trial = pd.Index(study.trials["trial_id"]).get_indexer(pd.Index(layers["trial_id"].astype(str)))
    table = layers.assign(trial=trial)[trial >= 0].sort_values(["trial", "step", "layer"])
    if "kind" in table:
        table = table[table["kind"] == "conv"]
    found: dict[str, Array] = {}
    if "grad_norm" in table:
        found |= _gradients(table, len(study.trials))
    last = table.groupby("trial")["step"].transform("max")
    end = table[table["step"] == last]
    for name in FINAL_MEANS:
        if name in end and end[name].notna().any():
            found[name] = _by_trial(end.groupby("trial")[name].mean(), len(study.trials))
    return {name: values for name, values in found.items() if np.isfinite(values).any()}


def _gradients(table: pd.DataFrame, trials: int) -> dict[str, Array]:
    """Slopes and level of the log gradient norm."""
    norms = table["grad_norm"].to_numpy(dtype=float)
    known = table.assign(log_norm=np.log(np.where(norms > 0, norms, np.nan)))
    known = known[np.isfinite(known["log_norm"])]
    layer = known["layer"].astype(float)
    keys = [known["trial"], known["step"]]
    centred = layer - layer.groupby(keys).transform("mean")
    slopes = pd.DataFrame(
        {
            "product": (centred * known["log_norm"]).groupby(keys).sum(),
            "square": (centred**2).groupby(keys).sum(),
            "count": layer.groupby(keys).size(),
            "level": known["log_norm"].groupby(keys).mean(),
        }
    ).reset_index()
    slopes["slope"] = np.where(
        slopes["count"] >= SLOPE_LAYERS, slopes["product"] / slopes["square"].replace(0, np.nan), np.nan
    )
    initial, later = slopes[slopes["step"] == 0], slopes[slopes["step"] > 0]
    slope = _by_trial(later.groupby("trial")["slope"].mean(), trials)
    return {
        "gradient_slope": slope,
        "gradient_steepness": np.abs(slope),
        "gradient_slope_initial": _by_trial(initial.groupby("trial")["slope"].mean(), trials),
        "gradient_level": _by_trial(later.groupby("trial")["level"].mean(), trials),
    }


def _by_trial(values: "pd.Series[float]", trials: int) -> Array:
    found = np.full(trials, np.nan)
    found[values.index.to_numpy()] = values.to_numpy(dtype=float)
    return found
