"""How fast the two levels of the contrast learn, as rows: time to a target, and the shape of the learning curve.

Time ratios come from the interval-censored log-normal model with an intercept a cell and one effect of the contrast;
the seed's own speed belongs to the error, and inference is by leaving out each seed in turn. The seed jackknife of
a mean over seeds is its t test, which is what differences of means use.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, ConvergenceRow, Why, because
from analyze.inference import lognormal_aft
from analyze.inference.multiplicity import holm
from analyze.inference.paired import compare
from analyze.measures import curve_shape
from analyze.measures.time_to_target import Crossings, Curves, crossings
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed, codes_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Explained = tuple[ConvergenceRow, Why]


def rows(study: StudyData, curves: Curves) -> list[Explained]:
    """Every model for every target, over all cells and in each cell."""
    table: list[Explained] = []
    overall: list[Explained] = []
    for target in study.design.targets:
        found = crossings(study, curves, target)
        for family in _of_target(study, curves, found, target):
            overall.append(family[0])
            table += [family[0], *_corrected(family[1:])]
    table = _correct_targets(table, overall, study.design.targets[0])
    budget = crossings(study, curves, study.design.targets[0]).budget
    area = curve_shape.area(study, curves, budget)
    first, last = curve_shape.early(study, curves, budget), curve_shape.final(study, curves, budget)
    for term, values in (
        ("auc_difference", area),
        ("gap_early", first),
        ("gap_early_minus_final", first - last),
    ):
        family = _means(study, curves, values, model="auc", target=None, term=term, share=None)
        table += [family[0], *_corrected(family[1:])]
    return table


def _of_target(study: StudyData, curves: Curves, found: Crossings, target: float) -> list[list[Explained]]:
    """Families of rows for one target, the row over all cells first in each."""
    times = curve_shape.restricted_times(found)
    families = [
        _ratios(study, curves, found, target, time_ratio, model="aft", term="time_ratio"),
        _ratios(study, curves, found, target, hazard_ratio, model="cox", term="hazard_ratio"),
    ]
    for term, values in (
        ("rmst_difference", times.middle),
        ("rmst_difference_left", times.left),
        ("rmst_difference_right", times.right),
    ):
        families.append(_means(study, curves, values, model="rmst", target=target, term=term, share=found.censored))
    return families


def _parts(study: StudyData) -> list[tuple[Cell | None, Mask]]:
    """All trials, then those of each cell where there is more than one."""
    cells, number = cells_of(study)
    every: list[tuple[Cell | None, Mask]] = [(None, np.ones(len(study.trials), bool))]
    return every + [(cell, number == index) for index, cell in enumerate(cells) if cell]


def _ratios(
    study: StudyData,
    curves: Curves,
    found: Crossings,
    target: float,
    estimate: Callable[[StudyData, Crossings, Mask], lognormal_aft.Jackknifed | str],
    *,
    model: str,
    term: str,
) -> list[Explained]:
    """Rows of a ratio that is estimated on the log scale."""
    arm = codes_of(study.trials[study.design.factor], study.design.contrast)
    family = []
    for cell, trials in _parts(study):
        used = trials & (arm >= 0) & np.isfinite(found.low)
        seeds = len(np.unique(study.trials["seed"].to_numpy()[used]))
        row = _empty(curves, model=model, target=target, cell=cell, term=term, seeds=seeds)
        if used.any():
            row = row.model_copy(update={"censored_share": float(found.censored[used].mean())})
        result = estimate(study, found, used)
        if isinstance(result, str):
            lost = () if used.any() else ("censored_share",)
            fields = ("estimate", "ci95", "p", "p_holm", *lost)
            family.append((row, dict.fromkeys(fields, because(result))))
            continue
        interval = result.interval
        ci95 = None if interval is None else (float(np.exp(interval[0])), float(np.exp(interval[1])))
        row = row.model_copy(update={"estimate": float(np.exp(result.estimate)), "ci95": ci95, "p": result.p})
        why = {} if result.why is None else dict.fromkeys(("ci95", "p", "p_holm"), because(result.why))
        family.append((row, why))
    return family


def _means(
    study: StudyData,
    curves: Curves,
    values: Array,
    *,
    model: str,
    target: float | None,
    term: str,
    share: Mask | None,
) -> list[Explained]:
    """Rows of a paired difference of means, one value a trial."""
    paired = arms(study.trials, values, study.design)
    censored = None if share is None else arms(study.trials, share.astype(float), study.design)
    family = []
    for cell in [None, *(cell for cell in paired.cells if cell)]:
        chosen = np.array([cell is None or one == cell for one in paired.cells])
        scores = by_seed(paired.difference, chosen)
        scores = scores[np.isfinite(scores)]
        mean = compare(scores, np.zeros_like(scores), margin=None)
        row = _empty(curves, model=model, target=target, cell=cell, term=term, seeds=mean.n)
        portion = None if censored is None else _share(censored, chosen)
        row = row.model_copy(update={"estimate": mean.gap, "ci95": mean.ci95, "p": mean.p_t, "censored_share": portion})
        names = {"gap": "estimate", "ci95": "ci95", "p_t": "p"}
        why = {names[field]: because(code) for field, code in mean.why.items() if field in names}
        if portion is None:
            why["censored_share"] = because("no_target" if target is None else "no_pair")
        if row.p is None:
            why["p_holm"] = why["p"]
        family.append((row, why))
    return family


def _share(censored: Arms, chosen: Mask) -> float | None:
    """Share of the runs in these cells that did not reach the target."""
    values = np.concatenate([censored.first[:, chosen], censored.second[:, chosen]])
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


def _empty(
    curves: Curves, *, model: str, target: float | None, cell: Cell | None, term: str, seeds: int
) -> ConvergenceRow:
    return ConvergenceRow.model_validate(
        {
            "model": model,
            "eval_set": curves.eval_set,
            "bn_mode": curves.bn_mode,
            "target": target,
            "cell": cell,
            "term": term,
            "estimate": None,
            "ci95": None,
            "p": None,
            "p_method": f"seed jackknife, t({max(seeds - 1, 0)})",
            "censored_share": None,
        }
    )


def time_ratio(study: StudyData, found: Crossings, used: Mask) -> lognormal_aft.Jackknifed | str:
    """Log of the ratio of times, contrast's first level over its second, or why there is none.

    Cells in which no run of either level reached the target, or every run by the first evaluation, say nothing
    about the ratio and are left out.
    """
    arm = codes_of(study.trials[study.design.factor], study.design.contrast)
    _, number = cells_of(study)
    informative = np.zeros(len(used), bool)
    for cell in np.unique(number[used]):
        here = used & (number == cell)
        informative |= here & bool(np.isfinite(found.high[here]).any() and (found.low[here] > 0).any())
    used = used & informative
    if not used.any() or len(np.unique(arm[used])) < 2:
        return "no_run_tells_times"
    seeds, seed = np.unique(study.trials["seed"].to_numpy()[used], return_inverse=True)
    keys = np.column_stack([number[used], arm[used], found.low[used], found.high[used]])
    unique, position = np.unique(keys, axis=0, return_inverse=True)
    counts = np.zeros((len(seeds), len(unique)))
    np.add.at(counts, (seed, position.ravel()), 1.0)
    intercepts = (unique[:, :1] == np.unique(unique[:, 0])).astype(float)
    design = np.column_stack([intercepts, unique[:, 1] == 0])
    return lognormal_aft.jackknife(design, unique[:, 2], unique[:, 3], counts, design.shape[1] - 1)


def hazard_ratio(study: StudyData, found: Crossings, used: Mask) -> lognormal_aft.Jackknifed | str:
    """Log hazard ratio of Cox's model with a stratum for every pair (seed and cell), Efron ties, seed jackknife.

    A stratum of two runs makes the partial likelihood a matter of counting: with a pairs in which the first level
    crossed earlier, b in which the second did and c ties, Efron's estimate is log((a + c) / (b + c)). Pairs of
    which neither crossed say nothing.
    """
    times = arms(study.trials, np.where(used, found.high, np.nan), study.design)
    both = np.isfinite(times.first) | np.isfinite(times.second)
    both &= ~(np.isnan(times.first) | np.isnan(times.second))
    with np.errstate(invalid="ignore"):
        earlier = (both & (times.first <= times.second)).sum(axis=1).astype(float)
        later = (both & (times.first >= times.second)).sum(axis=1).astype(float)
    wins, losses = earlier.sum(), later.sum()
    if not wins or not losses:
        return "partial_likelihood_without_maximum"
    kept = both.any(axis=1)
    left_wins, left_losses = wins - earlier[kept], losses - later[kept]
    estimate = float(np.log(wins / losses))
    if not (left_wins.all() and left_losses.all()) or kept.sum() < 3:
        why = "partial_likelihood_without_maximum_less_one"
        return lognormal_aft.Jackknifed(estimate, None, int(kept.sum()), why, np.empty(0))
    return lognormal_aft.from_replicates(estimate, np.log(left_wins / left_losses))


def _corrected(family: Sequence[Explained]) -> list[Explained]:
    """The rows with Holm's correction over them as one family."""
    adjusted = holm([row.p for row, _ in family])
    return [(row.model_copy(update={"p_holm": p}), why) for (row, why), p in zip(family, adjusted, strict=True)]


def _correct_targets(table: list[Explained], overall: list[Explained], primary: float) -> list[Explained]:
    """Over all cells, targets other than the primary one are a family of each model and term."""
    replaced: dict[int, Explained] = {}
    for model, term in {(row.model, row.term) for row, _ in overall}:
        family = [one for one in overall if (one[0].model, one[0].term) == (model, term) and one[0].target != primary]
        for old, new in zip(family, _corrected(family), strict=True):
            replaced[id(old)] = new
    return [replaced.get(id(one), one) for one in table]
