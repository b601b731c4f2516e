"""The core of the plan: headline, ANOVA, leave-one-level-out and simple effects of one contrast, as rows.

Differences are taken within seed and cell; the seed is the unit of replication. Each effect uses the seeds that
are complete for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.findings import (
    AnovaRow,
    BnMode,
    Condition,
    LeaveOneOutRow,
    Level,
    Message,
    Scale,
    SimpleEffect,
    Why,
    as_messages,
    because,
)
from analyze.inference import anova
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p
from analyze.study.pairing import Arms, by_seed

Array = NDArray[np.float64]

#: A cell carries the headline when its spread exceeds this many times the median cell's.
LOUD_CELL = 5.0

#: Every sampled flip starts from this seed, so that a p does not depend on which other tests were made.
FLIP_SEED = 20_150_211


def flips() -> np.random.Generator:
    """The fixed generator of sampled sign flips."""
    return np.random.default_rng(FLIP_SEED)


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
        rows.append((row, _why(row, found, mean.p_signflip, gap="estimate")))
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


def anova_rows(paired: Arms, factor: str, *, response: str, scale: Scale, mode: BnMode) -> list[tuple[AnovaRow, Why]]:
    """Every effect on the complete seeds; those of the primary factor with flip p, Holm-corrected as a family."""
    names = (factor, *paired.moderators)
    shape = tuple(len(levels) for levels in paired.levels)
    reason = _cannot_cross(paired)
    seeds = int(paired.complete.sum())
    if reason is None:
        both = np.stack([paired.first[paired.complete], paired.second[paired.complete]], axis=1)
        found = anova.effects(both.reshape(seeds, 2, *shape), names)
        differences = paired.difference[paired.complete].reshape(seeds, *shape)
        own = [effect for effect in found if factor in effect.factors]
        scores = [
            anova.contrast_scores(differences, [name in effect.factors for name in paired.moderators]) for effect in own
        ]
        p_flip = dict(zip((effect.factors for effect in own), flip_p(_settled(scores), flips()), strict=True))
    else:
        found = anova.unavailable((2, *shape), names, seeds, reason.code)
        p_flip = {effect.factors: None for effect in found if factor in effect.factors}
    p_holm = dict(zip(p_flip, holm(list(p_flip.values())), strict=True))
    return [
        _anova_row(effect, p_flip, p_holm, response=response, scale=scale, mode=mode, reason=reason) for effect in found
    ]


def _cannot_cross(paired: Arms) -> Message | None:
    """Why no ANOVA of these arms can be made, or None."""
    if not paired.crossed:
        lost = next(cell for cell, here in zip(paired.cells, paired.present, strict=True) if not here)
        return because("no_pair_in_cell", cell=lost)
    if paired.complete.sum() < 2:
        return because("two_seeds_over_all_cells")
    return None


def _settled(scores: Sequence[Array]) -> list[Array]:
    """Scores with what is only rounding set to zero, so that a constant response has no p."""
    largest = max(float(np.abs(effect).max()) for effect in scores)
    return [np.where(np.abs(effect) <= 1e-12 * max(largest, 1.0), 0.0, effect) for effect in scores]


def _anova_row(
    effect: anova.Effect,
    p_flip: dict[tuple[str, ...], float | None],
    p_holm: dict[tuple[str, ...], float | None],
    *,
    response: str,
    scale: Scale,
    mode: BnMode,
    reason: Message | None,
) -> tuple[AnovaRow, Why]:
    why = {field: reason or because(code, df=effect.df_num) for field, code in effect.why.items()}
    if effect.factors not in p_flip:
        why |= dict.fromkeys(("p_signflip", "p_holm"), because("described_only"))
    elif p_flip[effect.factors] is None:
        why |= dict.fromkeys(("p_signflip", "p_holm"), reason or because("all_scores_zero"))
    row = AnovaRow(
        response=response,
        scale=scale,
        bn_mode=mode,
        effect=effect.factors,
        df_num=effect.df_num,
        df_den=effect.df_den,
        F=effect.F,
        p_uncorrected=effect.p_uncorrected,
        epsilon_gg=effect.epsilon_gg,
        p_gg=effect.p_gg,
        p_signflip=p_flip.get(effect.factors),
        p_holm=p_holm.get(effect.factors),
        partial_eta_sq=effect.partial_eta_sq,
        partial_eta_sq_ci90=effect.partial_eta_sq_ci90,
        n_seeds=effect.n_seeds,
    )
    return row, why


def simple_effects(
    paired: Arms,
    counts: Arms | None,
    *,
    contrast: tuple[Level, Level],
    mode: BnMode,
    scale: Scale,
    margin: float | None,
) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell, Holm over the cells for each kind of p.

    Args:
        paired: responses.
        counts: numbers of correct test images, on which Wilcoxon ranks; None where unknown.
        contrast: the two levels, first minus second.
        mode: BatchNorm mode of the response.
        scale: of the response.
        margin: equivalence margin; None on a scale where it has no meaning.
    """
    compared = [
        compare(
            paired.first[:, index],
            paired.second[:, index],
            margin=margin,
            counts=None if counts is None else counts.difference[:, index],
        )
        for index in range(len(paired.cells))
    ]
    differences = np.nan_to_num(paired.difference, nan=0.0)
    p_flip = flip_p([differences[:, [index]] for index in range(differences.shape[1])], flips())
    p_flip = [p if found.n > 1 else None for p, found in zip(p_flip, compared, strict=True)]
    corrected = zip(
        holm([found.p_t for found in compared]),
        holm(p_flip),
        holm([found.p_tost for found in compared]),
        strict=True,
    )
    rows = []
    for cell, found, flip, (t_holm, flip_holm, tost_holm) in zip(
        paired.cells, compared, p_flip, corrected, strict=True
    ):
        row = SimpleEffect(
            cell=cell,
            contrast=contrast,
            bn_mode=mode,
            scale=scale,
            n=found.n,
            gap=found.gap,
            sd=found.sd,
            ci95=found.ci95,
            t=found.t,
            p_t=found.p_t,
            p_t_holm=t_holm,
            p_wilcoxon=found.p_wilcoxon,
            p_signflip=flip,
            p_signflip_holm=flip_holm,
            p_tost=found.p_tost,
            p_tost_holm=tost_holm,
            d_z=found.d_z,
            bf10=found.bf10,
            pair_correlation=found.pair_correlation,
        )
        rows.append((row, _why(row, found, flip)))
    return rows


def _why(row: LeaveOneOutRow | SimpleEffect, found: Comparison, flip: float | None, gap: str = "gap") -> Why:
    """The reasons of a comparison under the field names of a row; a corrected p shares its p's reason."""
    codes = found.why | {f"{name}_holm": code for name, code in found.why.items()}
    reasons = as_messages(codes)
    if "gap" in reasons:
        reasons[gap] = reasons["gap"]
    if flip is None:
        reason = because("two_complete_pairs" if found.n < 2 else "all_differences_zero")
        reasons |= {"p_signflip": reason, "p_signflip_holm": reason}
    return {name: reason for name, reason in reasons.items() if name in type(row).model_fields}
