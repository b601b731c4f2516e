"""Spread between seeds, and rates of diverged and stuck runs, by level of the contrast.

Spread is tested in pairs: the sign-flip of |A − median A| − |B − median B| within seeds. Brown-Forsythe assumes
independent arms and Pitman-Morgan breaks under heavy tails, so neither decides here. Rates are paired exact tests by
seed: whole seeds flip.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analyze.findings import BnMode, Level, StabilityRow, Why, because, token
from analyze.inference import lognormal_aft
from analyze.inference.max_t import max_t
from analyze.inference.multiplicity import holm
from analyze.inference.paired import spread, spreads
from analyze.inference.signflip import flip_p, flips, mean_flip_p
from analyze.measures import response
from analyze.sections import descriptions
from analyze.sections.decision import uncorrected
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms
from analyze.study.question import Design

Array = NDArray[np.float64]
Explained = tuple[StabilityRow, Why]


def rows(study: StudyData) -> list[Explained]:
    """Spread in both BatchNorm modes, then rates, each over all cells and in every cell."""
    found = []
    for mode in response.modes(study):
        paired = arms(study.trials, response.values(study, mode), study.design)
        found += _spread_rows(paired, mode, study.design)
    diverged = (study.trials["status"] == "diverged").to_numpy()
    ran = (study.trials["status"] != "failed").to_numpy()
    found += _rate_rows(study, np.where(ran, diverged, np.nan), "diverged")
    stuck = descriptions.stuck(study)
    if stuck is not None:
        found += _rate_rows(study, np.where(ran, stuck, np.nan), "stuck")
    return found


def deviations(paired: Arms) -> Array:
    """|A − median A| − |B − median B| for each seed and cell, (S, C), NaN where a run is missing."""
    both = np.isfinite(paired.difference)
    parts = []
    for arm in (paired.first, paired.second):
        values = np.where(both, arm, np.nan)
        middle = [
            np.median(column[here]) if here.any() else np.nan for column, here in zip(values.T, both.T, strict=True)
        ]
        parts.append(np.abs(values - np.array(middle)))
    return np.asarray(parts[0] - parts[1])


def mean_log_ratio(paired: Arms) -> lognormal_aft.Jackknifed | str:
    """Mean over cells of the log ratio of standard deviations on the complete seeds, with a seed jackknife."""
    first = paired.first[np.ix_(paired.complete, paired.present)]
    second = paired.second[np.ix_(paired.complete, paired.present)]
    seeds = len(first)
    if seeds < 3 or not first.shape[1]:
        return "three_complete_seeds"

    def estimate(kept: NDArray[np.bool_]) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.mean(np.log(_spreads(first[kept]) / _spreads(second[kept]))))

    whole = estimate(np.ones(seeds, bool))
    left_out = np.array([estimate(np.arange(seeds) != seed) for seed in range(seeds)])
    if not np.isfinite([whole, *left_out]).all():
        return "arm_constant_in_a_cell"
    return lognormal_aft.from_replicates(whole, left_out)


def _spreads(runs: Array) -> Array:
    """Standard deviation of each cell's runs, (S, C) -> (C,)."""
    return spreads(np.ascontiguousarray(runs.T))


def _spread_rows(paired: Arms, mode: BnMode, design: Design) -> list[Explained]:
    """The mean log ratio over all cells, then every cell as one of a family."""
    names = design.contrast
    scores = deviations(paired)
    inside = [index for index, here in enumerate(paired.present) if here]
    columns = [scores[:, [index]] for index in inside]
    p_flip, p_max_t = flip_p(columns, flips()), max_t(columns, flips(), alpha=design.alpha)
    rows = [_overall_spread(paired, scores, mode, names)]
    cells = paired.cells
    for index, p, p_holm, corrected in zip(inside, p_flip, holm(p_flip), p_max_t, strict=True):
        both = np.isfinite(paired.difference[:, index])
        sds = [spread(arm[both, index]) if both.sum() > 1 else None for arm in (paired.first, paired.second)]
        ratio = sds[0] / sds[1] if sds[0] is not None and sds[1] else None
        why: Why = {}
        if ratio is None:
            why["ratio"] = because("second_level_constant")
        if p is None:
            why |= dict.fromkeys(("p_signflip", "p_holm"), because("equal_distances"))
        if corrected is None:
            why["p_max_t"] = uncorrected(int(both.sum()), design.alpha, "equal_distances")
        why |= _missing(names, sds, "two_complete_pairs")
        why["ratio_ci95"] = because("over_all_cells_only")
        row = StabilityRow(
            kind="spread",
            bn_mode=mode,
            cell=cells[index],
            values=dict(zip(names, sds, strict=True)),
            ratio=ratio,
            p_signflip=p,
            p_holm=p_holm,
            p_max_t=corrected,
        )
        if cells[index]:
            rows.append((row, why))
    return rows


def _overall_spread(paired: Arms, scores: Array, mode: BnMode, names: tuple[Level, Level]) -> Explained:
    complete = scores[np.ix_(paired.complete, paired.present)]
    p = mean_flip_p(complete.mean(axis=1), flips()) if complete.size else None
    ratio = mean_log_ratio(paired)
    why: Why = dict.fromkeys(("p_holm", "p_max_t"), because("family_of_its_own"))
    why |= {f"values/{token(name)}": because("sd_by_cell") for name in names}
    if p is None:
        why["p_signflip"] = because("equal_distances_or_incomplete")
    if isinstance(ratio, str):
        why |= dict.fromkeys(("ratio", "ratio_ci95"), because(ratio))
        value, interval = None, None
    else:
        value = float(np.exp(ratio.estimate))
        bounds = ratio.interval()
        interval = None if bounds is None else (float(np.exp(bounds[0])), float(np.exp(bounds[1])))
        if ratio.why is not None:
            why["ratio_ci95"] = because(ratio.why)
    row = StabilityRow(
        kind="spread",
        bn_mode=mode,
        cell={},
        values=dict.fromkeys(names),
        ratio=value,
        ratio_ci95=interval,
        p_signflip=p,
        p_holm=None,
        p_max_t=None,
    )
    return row, why


def _rate_rows(study: StudyData, happened: Array, kind: str) -> list[Explained]:
    """Share of runs to which it happened, over all cells and by cell."""
    paired = arms(study.trials, happened, study.design)
    every = paired.difference
    cells = [(index, cell) for index, cell in enumerate(paired.cells) if cell]
    groups = [({}, slice(None)), *((cell, slice(index, index + 1)) for index, cell in cells)]
    scores = [_sum_of_known(every[:, chosen]) for _, chosen in groups]
    p_flip = flip_p(scores, flips())
    alpha = study.design.alpha
    p_holm, p_max_t = [None, *holm(p_flip[1:])], [None, *max_t(scores[1:], flips(), alpha=alpha)]
    rows = []
    for index, ((cell, chosen), p, adjusted, corrected) in enumerate(zip(groups, p_flip, p_holm, p_max_t, strict=True)):
        rates = [_mean(arm[:, chosen]) for arm in (paired.first, paired.second)]
        names = study.design.contrast
        why: Why = dict.fromkeys(("ratio", "ratio_ci95"), because("rates_have_no_ratio"))
        if p is None:
            why["p_signflip"] = because("equal_rates")
        if adjusted is None:
            why["p_holm"] = because("family_of_its_own") if index == 0 else why["p_signflip"]
        if corrected is None:
            few = uncorrected(int(np.isfinite(scores[index]).sum()), alpha, "equal_rates")
            why["p_max_t"] = few if index else because("family_of_its_own")
        why |= _missing(names, rates, "no_such_run")
        row = StabilityRow.model_validate(
            {
                "kind": kind,
                "bn_mode": "running",
                "cell": cell,
                "values": dict(zip(names, rates, strict=True)),
                "ratio": None,
                "p_signflip": p,
                "p_holm": adjusted,
                "p_max_t": corrected,
            }
        )
        rows.append((row, why))
    return rows


def _sum_of_known(values: Array) -> Array:
    """Sum over the cells that a seed has, (S, 1), NaN for a seed that has none."""
    known = np.isfinite(values)
    return np.where(known.any(axis=1), np.where(known, values, 0.0).sum(axis=1), np.nan)[:, None]


def _missing(names: tuple[Level, Level], values: Sequence[float | None], code: str) -> Why:
    """Why the levels without a value have none."""
    return {f"values/{token(name)}": because(code) for name, value in zip(names, values, strict=True) if value is None}


def _mean(values: Array) -> float | None:
    return float(np.nanmean(values)) if np.isfinite(values).any() else None
