"""Paired differences of one number a curve, as rows: restricted time, area, early and final accuracy.

The mean over cells is one test; the cells of a term are a family. Whole seeds flip. The seed jackknife of a mean over
seeds is its t test, which is printed beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, ConvergenceRow, Decision, Why, because
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison
from analyze.measures import curve_shape
from analyze.measures.time_to_target import Crossings, Curves, horizon
from analyze.sections.cells import Pair, compared, corrected
from analyze.sections.decision import of_mean, uncorrected
from analyze.sections.mean import cells_of_mean, mean_over_cells
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, codes_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Explained = tuple[ConvergenceRow, Why]


@dataclass(frozen=True)
class Term:
    """A number a trial, (N,), for each target or for none, and which trials did not reach it.

    A `bound` is no estimate: nothing is decided of it.
    """

    model: Literal["rmst", "auc"]
    name: str
    targets: tuple[float | None, ...]
    values: tuple[Array, ...]
    censored: tuple[Mask | None, ...]
    bound: bool = False


def rows(study: StudyData, curves: Curves, found: Sequence[Crossings]) -> list[Explained]:
    """Every term, over all cells and in each cell, for every target in their order."""
    terms = [*_restricted(study, found), *_shapes(study, curves)]
    return [row for term in terms for row in _of_term(study, curves, term)]


def _restricted(study: StudyData, found: Sequence[Crossings]) -> list[Term]:
    """Restricted time, and what the gaps between evaluations leave open of it."""
    first = codes_of(study.trials[study.design.factor], study.design.contrast) == 0
    times = [curve_shape.restricted_times(one) for one in found]
    censored = tuple(one.censored for one in found)
    # Sharp: the first level as early and the second as late as the evaluations allow, and the other way.
    low = tuple(np.where(first, one.left, one.right) for one in times)
    high = tuple(np.where(first, one.right, one.left) for one in times)
    targets, middle = study.design.targets, tuple(one.middle for one in times)
    return [
        Term("rmst", "rmst_difference", targets, middle, censored),
        Term("rmst", "rmst_difference_left", targets, low, censored, bound=True),
        Term("rmst", "rmst_difference_right", targets, high, censored, bound=True),
    ]


def _shapes(study: StudyData, curves: Curves) -> list[Term]:
    """The shape of the learning curve up to the common budget."""
    budget = horizon(study, curves)
    early, final = curve_shape.early(study, curves, budget), curve_shape.final(study, curves, budget)
    values = {
        "auc_difference": curve_shape.area(study, curves, budget),
        "gap_early": early,
        "gap_early_minus_final": early - final,
    }
    return [Term("auc", name, (None,), (one,), (None,)) for name, one in values.items()]


def _of_term(study: StudyData, curves: Curves, term: Term) -> list[Explained]:
    """The rows of a term; over all cells, targets other than the first are a family."""
    alpha = study.design.alpha
    paired = [arms(study.trials, values, study.design) for values in term.values]
    inside = [cells_of_mean(one, alpha) for one in paired]
    means = [mean_over_cells(one, None, cells) for one, cells in zip(paired, inside, strict=True)]
    p_holm = [None, *holm([one.comparison.p_t for one in means[1:]])]
    p_max_t = [means[0].p_signflip, *holm([one.p_signflip for one in means[1:]])]
    table = []
    for index, (target, mean) in enumerate(zip(term.targets, means, strict=True)):
        shares = _shares(study, term.censored[index])
        flipped = _Flipped(p_holm=p_holm[index])
        if not term.bound:
            comparison = mean.comparison if index == 0 else replace(mean.comparison, p_t=p_holm[index])
            decision = of_mean(comparison, p_max_t[index], None, alpha)
            flipped = _Flipped(mean.p_signflip, p_holm[index], p_max_t[index], decision)
        whole = _row(curves, term, target, None, mean.comparison, flipped, _over(shares, inside[index]), alpha)
        table += [_without(whole, paired[index].cells, inside[index])]
        table += _cells(curves, term, target, paired[index], shares, alpha)
    return table


def _without(explained: Explained, cells: Sequence[Cell], inside: Mask) -> Explained:
    row, why = explained
    left_out = tuple(cell for cell, here in zip(cells, inside, strict=True) if not here)
    return row.model_copy(update={"left_out": left_out}), why


def _cells(
    curves: Curves, term: Term, target: float | None, paired: Arms, shares: Arms | None, alpha: float
) -> list[Explained]:
    """The rows of each cell, where there is more than one."""
    if not paired.moderators:
        return []
    found = compared(Pair(("", ""), paired), None)
    p_holm = holm([one.p_t for one in found])
    flipped = None if term.bound else corrected(found, paired.difference, None, alpha)
    rows = []
    for index, (cell, one) in enumerate(zip(paired.cells, found, strict=True)):
        tested = _Flipped(p_holm=p_holm[index])
        if flipped is not None:
            decision = flipped.decisions[index].decision
            tested = _Flipped(flipped.p_signflip[index], p_holm[index], flipped.p_max_t[index], decision)
        share = _over(shares, np.arange(len(found)) == index)
        rows.append(_row(curves, term, target, cell, one, tested, share, alpha))
    return rows


def _shares(study: StudyData, censored: Mask | None) -> Arms | None:
    """One where a run did not reach the target, in both arms."""
    return None if censored is None else arms(study.trials, censored.astype(float), study.design)


def _over(shares: Arms | None, cells: Mask) -> float | None:
    """Share of the runs in these cells that did not reach the target."""
    if shares is None:
        return None
    values = np.concatenate([shares.first[:, cells], shares.second[:, cells]])
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


@dataclass(frozen=True)
class _Flipped:
    """What is known of a difference beside its t test."""

    p_signflip: float | None = None
    p_holm: float | None = None
    p_max_t: float | None = None
    decision: Decision | None = None


def _row(
    curves: Curves,
    term: Term,
    target: float | None,
    cell: Cell | None,
    found: Comparison,
    flipped: _Flipped,
    share: float | None,
    alpha: float,
) -> Explained:
    row = ConvergenceRow(
        model=term.model,
        eval_set=curves.eval_set,
        bn_mode=curves.bn_mode,
        target=target,
        cell=cell,
        term=term.name,
        estimate=found.gap,
        ci95=found.ci95,
        ci90=found.ci90,
        p=found.p_t,
        p_method=p_method(found.n),
        p_signflip=flipped.p_signflip,
        p_holm=flipped.p_holm,
        p_max_t=flipped.p_max_t,
        decision=flipped.decision,
        n_seeds=found.n,
        censored_share=share,
    )
    return row, _why(row, found, bound=term.bound, alpha=alpha)


def _why(row: ConvergenceRow, found: Comparison, *, bound: bool, alpha: float) -> Why:
    """Why numbers of a row are missing."""
    names = {"gap": ("estimate",), "ci95": ("ci95", "ci90"), "p_t": ("p",)}
    why = {name: because(code) for field, code in found.why.items() for name in names.get(field, ())}
    if bound:
        why |= dict.fromkeys(("p_signflip", "p_max_t", "decision"), because("bound_only"))
    elif row.p_signflip is None:
        why["p_signflip"] = because("two_complete_pairs" if found.n < 2 else "all_differences_zero")
    if not bound and row.p_max_t is None:
        why["p_max_t"] = uncorrected(found.n, alpha, "all_differences_zero")
    if row.censored_share is None:
        why["censored_share"] = because("no_target" if row.target is None else "no_pair")
    return why


def p_method(seeds: int) -> str:
    """How p was found."""
    return f"seed jackknife, t({max(seeds - 1, 0)})"
