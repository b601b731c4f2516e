"""What the probes inside the network say about the contrast: gradients, dead units, saturation, stale statistics.

One number a trial and measure, from layers.parquet, then the paired contrast in every cell. The seed is the unit.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.findings import Cell, MechanismRow, Why, because
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.sections.headline import mean_over_cells
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

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


def rows(study: StudyData) -> list[tuple[MechanismRow, Why]]:
    """The contrast of every measure over all cells that have it, then in each of them."""
    found = []
    for name, values in measures(study).items():
        paired = arms(study.trials, values, study.design)
        if not paired.present.any():
            continue
        mean = mean_over_cells(paired, None)
        found.append(_row(name, {}, mean.comparison, mean.p_signflip))
        found += _cell_rows(name, paired)
    return found


def _cell_rows(name: str, paired: Arms) -> list[tuple[MechanismRow, Why]]:
    inside = [index for index, cell in enumerate(paired.cells) if cell and paired.present[index]]
    p_flip = flip_p([np.nan_to_num(paired.difference[:, [index]]) for index in inside], flips())
    rows = []
    for index, p in zip(inside, p_flip, strict=True):
        comparison = compare(paired.first[:, index], paired.second[:, index], margin=None)
        rows.append(_row(name, paired.cells[index], comparison, p if comparison.n > 1 else None))
    return rows


def _row(name: str, cell: Cell, comparison: Comparison, p: float | None) -> tuple[MechanismRow, Why]:
    why = {"gap": "estimate", "ci95": "ci95"}
    reasons = {why[field]: because(code) for field, code in comparison.why.items() if field in why}
    if p is None:
        reasons["p_signflip"] = because("two_complete_seeds_or_zero")
    row = MechanismRow(measure=name, cell=cell, estimate=comparison.gap, ci95=comparison.ci95, p_signflip=p)
    return row, reasons
