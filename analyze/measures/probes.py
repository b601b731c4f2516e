"""What the probes inside the network measured, one number a trial and measure, from layers.parquet."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.study.load import StudyData

Array = NDArray[np.float64]

#: Averages over the layers at the last probe of training.
FINAL_MEANS = ("dead_fraction", "saturation", "zero_fraction", "bn_mean_lag", "bn_var_lag")

#: A slope needs at least this many layers.
SLOPE_LAYERS = 3


#: Probes of a layer that figures draw.
OF_LAYERS = ("grad_norm", *FINAL_MEANS)


def measures(study: StudyData) -> dict[str, Array]:
    """One value a trial for every measure, NaN where a trial has none; empty where the study has no probes.

    They are of the layers below the classifier. Gradients are averaged over the probes after initialisation:
    gradient_slope: slope over layers, first to last, of the log gradient norm; gradient_steepness: its absolute value;
    gradient_level: mean log gradient norm; gradient_slope_initial is the slope at initialisation. The others are means
    over layers at the last probe.
    """
    table = _below_the_classifier(study)
    if table is None:
        return {}
    found: dict[str, Array] = {}
    if "grad_norm" in table:
        found |= _gradients(table, len(study.trials))
    end = _last(table)
    for name in FINAL_MEANS:
        if name in end and end[name].notna().any():
            with np.errstate(over="ignore"):  # numbers too large to be added have no mean
                mean = end.groupby("trial")[name].mean()
            found[name] = _by_trial(mean.where(np.isfinite(mean)), len(study.trials))
    return {name: values for name, values in found.items() if np.isfinite(values).any()}


def by_layer(study: StudyData) -> pd.DataFrame | None:
    """One row a trial and layer below the classifier, with the columns of OF_LAYERS that exist; None without probes.

    Each has the window of its measure: gradient norms are geometric means over the probes after initialisation, the
    others stand at the last probe.
    """
    table = _below_the_classifier(study)
    if table is None:
        return None
    keys = ["trial", "layer"]
    end = _last(table)
    rows = end[[*keys, *(name for name in FINAL_MEANS if name in end)]].set_index(keys)
    if "grad_norm" in table:
        later = table[table["step"] > 0]
        norms = later["grad_norm"].to_numpy(dtype=float)
        log_norm = later.assign(grad_norm=np.log(np.where(norms > 0, norms, np.nan))).groupby(keys)["grad_norm"].mean()
        rows = rows.join(np.exp(log_norm), how="outer")
    return rows.reset_index()


def _below_the_classifier(study: StudyData) -> pd.DataFrame | None:
    """Probes with the number of their trial, in order; None where the study has none.

    The classifier is a trial's last layer, unless that is a convolution or it is not known of what kind layers are.
    """
    layers = study.layers
    if layers is None or not {"trial_id", "step", "layer"} <= set(layers):
        return None
    trial = pd.Index(study.trials["trial_id"]).get_indexer(pd.Index(layers["trial_id"].astype(str)))
    table = pd.DataFrame(layers.assign(trial=trial)[trial >= 0].sort_values(["trial", "step", "layer"]))
    if "kind" not in table:
        return table
    last = table["layer"] == table.groupby("trial")["layer"].transform("max")
    return pd.DataFrame(table[~last | (table["kind"] == "conv")])


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["step"] == table.groupby("trial")["step"].transform("max")]


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
