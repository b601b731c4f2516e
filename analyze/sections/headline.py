"""The headline: the mean over cells of the contrast, tested on seed means, and for whom it holds.

Differences are taken within seed and cell; the seed is the unit of replication. Each number uses the seeds that are
complete for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.findings import (
    Condition,
    Equivalence,
    LeaveOneOutRow,
    Level,
    Primary,
    SimpleEffect,
    Why,
    as_messages,
    because,
)
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, by_seed

Array = NDArray[np.float64]

RESPONSE = "test_accuracy"

#: Seeds times test images that are crossed; more would not fit into the memory of a laptop.
MOST_OUTCOMES = 100_000_000

#: A cell carries the headline when its spread exceeds this many times the median cell's.
LOUD_CELL = 5.0


@dataclass(frozen=True)
class Mean:
    """The mean over cells of the contrast, tested on the seed means."""

    comparison: Comparison
    p_signflip: float | None
    n_seeds: int


def means_over_cells(paired: Arms, masks: Sequence[NDArray[np.bool_]], margin: float | None) -> list[Mean]:
    """The equal-weight mean over each of these sets of cells, on the seeds complete for it: t and sign-flip."""
    scores = [by_seed(paired.difference, cells) for cells in masks]
    p_flip = flip_p([np.nan_to_num(one)[:, None] for one in scores], flips())
    found = []
    for one, p in zip(scores, p_flip, strict=True):
        kept = one[np.isfinite(one)]
        comparison = compare(kept, np.zeros_like(kept), margin=margin)
        found.append(Mean(comparison, p if len(kept) > 1 else None, len(kept)))
    return found


def mean_over_cells(paired: Arms, margin: float | None) -> Mean:
    """The headline: the mean over all cells."""
    return means_over_cells(paired, [paired.everywhere], margin)[0]


def primary(study: StudyData, headline: Arms, left_out: list[LeaveOneOutRow]) -> tuple[Primary, Why]:
    """The headline, and why what it lacks is missing; `left_out` is the same without each level of a moderator."""
    margin = study.design.margin_pp
    mean = mean_over_cells(headline, margin)
    found = mean.comparison
    se_crossed, why = _se_crossed(study, headline)
    why |= as_messages({field: code for field, code in found.why.items() if field in ("ci95", "t", "p_t")})
    if "gap" in found.why:
        why |= dict.fromkeys(("estimate", "p_signflip"), because("no_complete_seed"))
    if "p_tost" in found.why:
        why["equivalence/p"] = because(found.why["p_tost"])
    if mean.p_signflip is None:
        why.setdefault("p_signflip", because("two_complete_seeds_or_zero"))
    carriers = conditional_on(headline, mean, left_out, margin)
    row = Primary(
        response=RESPONSE,
        bn_mode="running",
        conditional_on=carriers,
        contrast=study.design.contrast,
        unit="pp",
        estimate=found.gap,
        ci95=found.ci95,
        se_crossed=se_crossed,
        t=found.t,
        df=found.n - 1 if found.n > 1 else None,
        p_t=found.p_t,
        p_signflip=mean.p_signflip,
        n_seeds=mean.n_seeds,
        equivalence=Equivalence(margin_pp=margin, p=found.p_tost),
    )
    if row.df is None:
        why["df"] = because("two_complete_seeds")
    return row, why


def _se_crossed(study: StudyData, headline: Arms) -> tuple[float | None, Why]:
    """Standard error with seeds and test images crossed, where the study kept each image's outcome."""
    trials = study.trials
    if "correct_bits" not in trials or trials["correct_bits"].isna().all():
        return None, {"se_crossed": because("no_image_outcomes")}
    if not headline.crossed:
        return None, {"se_crossed": because("cell_without_pair")}
    complete = np.array(headline.seeds)[headline.complete]
    used = trials[trials["seed"].isin(complete)]
    if len(used["test_n"].unique()) != 1 or used["correct_bits"].isna().any():
        return None, {"se_crossed": because("incomplete_outcomes")}
    images = int(used["test_n"].iloc[0])
    if images * len(complete) > MOST_OUTCOMES:
        return None, {"se_crossed": because("too_many_outcomes", count=MOST_OUTCOMES)}
    shares = [
        _share_correct(used[used[study.design.factor] == level], complete, images) for level in study.design.contrast
    ]
    se = crossed_se(shares[0], shares[1])
    return se, {} if se is not None else {"se_crossed": because("variance_not_positive")}


def _share_correct(trials: pd.DataFrame, seeds: NDArray[np.int64], images: int) -> NDArray[np.float64]:
    """Share of a seed's cells in which each image was classified correctly, (S, images)."""
    shares = np.zeros((len(seeds), images))
    for index, seed in enumerate(seeds):
        packed = [np.frombuffer(bits, np.uint8) for bits in trials.loc[trials["seed"] == seed, "correct_bits"]]
        shares[index] = np.unpackbits(np.stack(packed), axis=1, count=images).mean(axis=0)
    return shares


def crossed_se(first: Array, second: Array) -> float | None:
    """Standard error of the mean difference with seeds and test images both random, in percentage points.

    sqrt((MS_seed + MS_image − MS_residual) / (S n)) of the two-way table of seed x image.

    Args:
        first: share of cells in which the image was classified correctly, (S, n images).
        second: the same under the contrast's second level.

    Returns:
        None with fewer than two seeds, or where the variance estimate is not positive.
    """
    table = first - second
    seeds, images = table.shape
    if seeds < 2:
        return None
    by_seed, by_image, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    ms_seed = images * ((by_seed - grand) ** 2).sum() / (seeds - 1)
    ms_image = seeds * ((by_image - grand) ** 2).sum() / (images - 1)
    residual = table - by_seed[:, None] - by_image[None, :] + grand
    ms_residual = (residual**2).sum() / ((seeds - 1) * (images - 1))
    variance = (ms_seed + ms_image - ms_residual) / (seeds * images)
    return 100.0 * float(np.sqrt(variance)) if variance > 0 else None


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
        )
        rows.append((row, reasons_of(row, found, mean.p_signflip, gap="estimate")))
    return rows


def conditional_on(
    paired: Arms, headline: Mean, left_out: Sequence[LeaveOneOutRow], margin: float
) -> tuple[Condition, ...]:
    """For whom the headline holds: at some levels, or at all but some; empty where it holds throughout.

    A level matters if the estimate without it leaves the headline's interval or changes its place among below,
    within and above the margin. It carries the headline if the estimate shrinks without it; if the estimate grows,
    the headline holds elsewhere; of both lists the
    shorter is given. A cell carries it if its spread exceeds LOUD_CELL times the median cell's.
    """
    estimate, interval = headline.comparison.gap, headline.comparison.ci95
    if estimate is None or interval is None:
        return ()
    carrying: dict[str, list[Level]] = {}
    opposed: dict[str, list[Level]] = {}
    for row in left_out:
        if row.estimate is None or (
            interval[0] <= row.estimate <= interval[1] and _place(row.estimate, margin) == _place(estimate, margin)
        ):
            continue
        shrinks = row.estimate * np.sign(estimate) < abs(estimate)
        (carrying if shrinks else opposed).setdefault(row.moderator, []).append(row.level)
    conditions: list[Condition] = []
    for moderator in paired.moderators:
        levels, others = carrying.get(moderator, []), opposed.get(moderator, [])
        if others and (len(others) < len(levels) or not levels):
            conditions += [Condition(cell={moderator: level}, excluded=True) for level in others]
        else:
            conditions += [Condition(cell={moderator: level}, excluded=False) for level in levels]
    return (*conditions, *_loud_cells(paired))


def _loud_cells(paired: Arms) -> list[Condition]:
    """Cells whose differences vary more than LOUD_CELL times as much as the median cell's."""
    spreads = paired.difference[np.ix_(paired.complete, paired.present)].std(axis=0, ddof=1)
    cells = [cell for cell, here in zip(paired.cells, paired.present, strict=True) if here]
    return [
        Condition(cell=cell, excluded=False)
        for cell, sd in zip(cells, spreads, strict=True)
        if len(cells) > 1 and sd > LOUD_CELL * np.median(spreads)
    ]


def _place(estimate: float, margin: float) -> int:
    return int(estimate > margin) - int(estimate < -margin)


def reasons_of(row: LeaveOneOutRow | SimpleEffect, found: Comparison, flip: float | None, gap: str = "gap") -> Why:
    """The reasons of a comparison under the field names of a row; a corrected p shares its p's reason."""
    codes = found.why | {f"{name}_holm": code for name, code in found.why.items()}
    reasons = as_messages(codes)
    if "gap" in reasons:
        reasons[gap] = reasons["gap"]
    if flip is None:
        reason = because("two_complete_pairs" if found.n < 2 else "all_differences_zero")
        reasons |= {"p_signflip": reason, "p_signflip_holm": reason}
    return {name: reason for name, reason in reasons.items() if name in type(row).model_fields}
