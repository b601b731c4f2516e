"""The analysis of variance: every effect of the factors, decided where it contains the primary one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.findings import AnovaRow, BnMode, Message, Scale, Why, because
from analyze.inference import anova
from analyze.inference.max_t import max_t
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.measures import response
from analyze.sections.decision import of_effect
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

Array = NDArray[np.float64]


def rows(study: StudyData) -> list[tuple[AnovaRow, Why]]:
    """The model of every mode of evaluation, on the scale of the response and on another where there is one."""
    rows, compared = [], study.design.response.name
    for mode in response.modes(study):
        for scale, values in response.scales(study, mode).items():
            if values is not None:
                paired = arms(study.trials, values, study.design)
                rows += anova_rows(
                    paired, study.design.factor, study.design.alpha, response=compared, scale=scale, mode=mode
                )
    return rows


def anova_rows(
    paired: Arms, factor: str, alpha: float, *, response: str, scale: Scale, mode: BnMode
) -> list[tuple[AnovaRow, Why]]:
    """Every effect on the complete seeds; those that contain the primary factor are decided.

    The main effect is a mean, decided by the t test and flips together; the interactions are a family, by flips.
    """
    names = (factor, *paired.moderators)
    shape = tuple(len(levels) for levels in paired.levels)
    reason = _cannot_cross(paired)
    seeds = int(paired.complete.sum())
    if reason is None:
        both = np.stack([paired.first[paired.complete], paired.second[paired.complete]], axis=1)
        found = anova.effects(both.reshape(seeds, 2, *shape), names)
        differences = paired.difference[paired.complete].reshape(seeds, *shape)
        own = [effect for effect in found if factor in effect.factors]
        of_moderators = anova.all_contrast_scores(differences)
        scores = _settled([of_moderators[_moderators_in(effect, paired)] for effect in own])
        alone, together = flip_p(scores, flips()), [*flip_p(scores[:1], flips()), *max_t(scores[1:], flips())]
    else:
        found = anova.unavailable((2, *shape), names, seeds, reason.code)
        own = [effect for effect in found if factor in effect.factors]
        alone = together = [None] * len(own)
    mean = None if reason else compare(differences.reshape(seeds, -1).mean(axis=1), np.zeros(seeds), margin=None)
    tested = {
        effect.factors: Flipped(p, p_holm, p_max_t, mean if len(effect.factors) == 1 else None)
        for effect, p, p_holm, p_max_t in zip(own, alone, holm(alone), together, strict=True)
    }
    return [
        _anova_row(effect, tested.get(effect.factors), alpha, response=response, scale=scale, mode=mode, reason=reason)
        for effect in found
    ]


@dataclass(frozen=True)
class Flipped:
    """The p of an effect that contains the primary factor; `mean`: of the contrast, for the main effect."""

    p_signflip: float | None
    p_holm: float | None
    p_max_t: float | None
    mean: Comparison | None


def _moderators_in(effect: anova.Effect, paired: Arms) -> tuple[int, ...]:
    """The places of the moderators that are in an effect."""
    return tuple(place for place, name in enumerate(paired.moderators) if name in effect.factors)


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
    flipped: Flipped | None,
    alpha: float,
    *,
    response: str,
    scale: Scale,
    mode: BnMode,
    reason: Message | None,
) -> tuple[AnovaRow, Why]:
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
        p_signflip=flipped and flipped.p_signflip,
        p_holm=flipped and flipped.p_holm,
        p_max_t=flipped and flipped.p_max_t,
        decision=flipped and of_effect(flipped.p_max_t, 0 if reason else effect.n_seeds, alpha, flipped.mean),
        partial_eta_sq=effect.partial_eta_sq,
        partial_eta_sq_ci90=effect.partial_eta_sq_ci90,
        n_seeds=effect.n_seeds,
    )
    why = {field: reason or because(code, df=effect.df_num) for field, code in effect.why.items()}
    if flipped is None:
        why |= dict.fromkeys(("p_signflip", "p_holm", "p_max_t", "decision"), because("described_only"))
    elif flipped.p_signflip is None:
        why |= dict.fromkeys(("p_signflip", "p_holm", "p_max_t"), reason or because("all_scores_zero"))
    return row, why
