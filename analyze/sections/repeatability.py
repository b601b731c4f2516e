"""Would ten runs have told you? What a new seed and k new pairs would show, and how far cells differ beyond chance."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, Heterogeneity, RepeatabilityRow, ShrunkenGap, Why, because
from analyze.inference import repeatability as chances
from analyze.inference.paired import spread
from analyze.sections.mean import cells_of_mean
from analyze.study.pairing import Arms, by_seed

Array = NDArray[np.float64]

#: New pairs of runs that are asked about.
PAIRS = (1, 3, 5, 10)


def rows(paired: Arms, alpha: float) -> list[tuple[RepeatabilityRow, Why]]:
    """The mean over the headline's cells (None), then every cell, each for every number of new pairs."""
    both = np.isfinite(paired.difference)
    first, second = (np.where(both, arm, np.nan) for arm in (paired.first, paired.second))
    inside = cells_of_mean(paired, alpha)
    studies = cache(lambda seeds, pairs: chances.new_studies(seeds, pairs, chances.draws()))
    found = _rows(None, by_seed(first, inside), by_seed(second, inside), alpha, studies)
    for index, cell in enumerate(paired.cells):
        if cell:
            found += _rows(cell, first[:, index], second[:, index], alpha, studies)
    return found


def _rows(
    cell: Cell | None, first: Array, second: Array, alpha: float, studies: Callable[[int, int], chances.NewStudies]
) -> list[tuple[RepeatabilityRow, Why]]:
    """One row a number of pairs; the arms are (S,), NaN where a seed is not complete. `studies` draws new ones."""
    first, second = first[np.isfinite(first)], second[np.isfinite(second)]
    difference = first - second
    seeds = len(difference)
    side = np.sign(difference.sum()) if seeds else 0.0
    mean, sd = (float(difference.mean()), spread(difference)) if seeds > 1 else (0.0, 0.0)
    subsets = seeds >= chances.SUBSETS_FROM
    why = _why(seeds, sd, float(side))
    unpaired = None if "p_sign_unpaired" in why else chances.share_ahead(side * first, side * second)
    interval = None if "new_seed_interval" in why else chances.new_seed_interval(mean, sd, seeds)
    found = []
    for k in PAIRS:
        p_sign = p_significant = None
        if "p_sign" not in why and subsets:
            p_sign, p_significant = chances.subsets_that_agree(difference, k, alpha, chances.draws())
        elif "p_sign" not in why:
            p_sign = chances.p_sign(mean, sd, seeds, k)
            p_significant = chances.p_significant(mean, sd, studies(seeds, k), alpha) if k > 1 else None
        row = RepeatabilityRow(
            cell=cell,
            k=k,
            p_sign=p_sign,
            p_significant=p_significant,
            p_sign_unpaired=unpaired,
            new_seed_interval=interval,
            method="subsets" if subsets else "model",
            n_seeds=seeds,
        )
        found.append((row, {"p_significant": because("one_pair_has_no_spread")} | why if k == 1 else why))
    return found


def _why(seeds: int, sd: float, side: float) -> Why:
    """Why numbers of all rows of a cell are missing."""
    chance = ("p_sign", "p_significant")
    if seeds == 0:
        return dict.fromkeys((*chance, "p_sign_unpaired", "new_seed_interval"), because("two_complete_pairs"))
    unsided = {"p_sign_unpaired": because("gap_without_sign")} if side == 0 else {}
    if seeds == 1:
        return dict.fromkeys((*chance, "new_seed_interval"), because("two_complete_pairs")) | unsided
    if sd == 0:
        return dict.fromkeys((*chance, "new_seed_interval"), because("all_differences_equal")) | unsided
    return unsided | dict.fromkeys(chance if unsided else (), because("gap_without_sign"))


def heterogeneity(paired: Arms, alpha: float) -> tuple[Heterogeneity, Why]:
    """How far the true gaps of the headline's cells differ, on the seeds complete over them."""
    inside = cells_of_mean(paired, alpha)
    here = [cell for cell, kept in zip(paired.cells, inside, strict=True) if kept]
    complete = paired.difference[np.isfinite(by_seed(paired.difference, inside))][:, inside]
    if len(here) < 2:
        return Heterogeneity(tau=None), {"tau": because("one_cell")}
    if len(complete) < 2:
        return Heterogeneity(tau=None), {"tau": because("two_complete_seeds")}
    tau, shrunken = chances.heterogeneity(complete)
    gaps = zip(here, shrunken, complete.mean(axis=0), strict=True)
    rows = tuple(ShrunkenGap(cell=cell, gap=float(gap), observed=float(seen)) for cell, gap, seen in gaps)
    return Heterogeneity(tau=tau, shrunken=rows), {}
