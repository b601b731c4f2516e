"""The mean over cells of the contrast, tested on seed means: over all cells, or without one level of a moderator.

Differences are taken within seed and cell; the seed is the unit of replication. Each number uses the seeds that are
complete for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.findings import LeaveOneOutRow, Row, Why, as_messages, because
from analyze.inference import folds as of_folds
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips, least_p
from analyze.study.pairing import Arms, by_seed


@dataclass(frozen=True)
class Mean:
    """The mean over cells of the contrast, tested on the seed means; over folds without a sign-flip."""

    comparison: Comparison
    p_signflip: float | None
    n_seeds: int


def means_over_cells(paired: Arms, masks: Sequence[NDArray[np.bool_]], margin: float | None) -> list[Mean]:
    """The equal-weight mean over each of these sets of cells, on the seeds complete for it: t and sign-flip."""
    scores = [by_seed(paired.difference, cells) for cells in masks]
    p_flip = flip_p([one[:, None] for one in scores], flips())
    found = []
    for one, p in zip(scores, p_flip, strict=True):
        kept = one[np.isfinite(one)]
        comparison = compare(kept, np.zeros_like(kept), margin=margin)
        found.append(Mean(comparison, p if len(kept) > 1 else None, len(kept)))
    return found


def cells_of_mean(paired: Arms, alpha: float, folds: int | None = None) -> NDArray[np.bool_]:
    """The cells to average, (C,): those with seeds enough for an exact test; where none has, those with any pair.

    Over `folds` no test is exact: two of them have a variance.
    """
    pairs = np.isfinite(paired.difference).sum(axis=0)
    enough = np.array([n > 1 if folds else least_p(int(n)) <= alpha for n in pairs])
    return np.asarray(enough if enough.any() else pairs > 0)


def mean_over_cells(
    paired: Arms, margin: float | None, cells: NDArray[np.bool_] | None = None, *, folds: int | None = None
) -> Mean:
    """The mean over these cells, all of them unless they are given; `folds` where the seeds are folds of so many."""
    inside = paired.everywhere if cells is None else cells
    if folds is None:
        return means_over_cells(paired, [inside], margin)[0]
    scores = by_seed(paired.difference, inside)
    return Mean(
        of_folds.compare(scores, np.zeros_like(scores), folds=folds, margin=margin),
        None,
        int(np.isfinite(scores).sum()),
    )


def leave_one_out(paired: Arms) -> list[tuple[LeaveOneOutRow, Why]]:
    """The headline without each level of each moderator that has another level."""
    dropped = [(name, level) for name, levels in zip(paired.moderators, paired.levels, strict=True) for level in levels]
    means = means_over_cells(paired, [~paired.mask(name, level) for name, level in dropped], None)
    rows = []
    for (moderator, level), mean in zip(dropped, means, strict=True):
        found = mean.comparison
        row = LeaveOneOutRow(
            moderator=moderator,
            level=level,
            estimate=found.gap,
            ci95=found.ci95,
            p_t=found.p_t,
            p_signflip=mean.p_signflip,
            n_seeds=mean.n_seeds,
        )
        rows.append((row, reasons_of(row, found, mean.p_signflip, gap="estimate")))
    return rows


def reasons_of(row: Row, found: Comparison, flip: float | None, gap: str = "gap") -> Why:
    """The reasons of a comparison under the field names of a row; a corrected p shares its p's reason."""
    codes = found.why | {f"{name}_holm": code for name, code in found.why.items()}
    reasons = as_messages(codes)
    if "gap" in reasons:
        reasons[gap] = reasons["gap"]
    if flip is None:
        reason = because("two_complete_pairs" if found.n < 2 else "all_differences_zero")
        reasons |= {"p_signflip": reason, "p_signflip_holm": reason}
    return {name: reason for name, reason in reasons.items() if name in type(row).model_fields}
