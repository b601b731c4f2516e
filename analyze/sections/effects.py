"""The analysis of variance: every effect of the factors, decided by sign-flips where it contains the primary one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analyze.findings import AnovaRow, BnMode, Message, Scale, Why, because
from analyze.inference import anova
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import flip_p, flips
from analyze.measures import response
from analyze.sections.headline import RESPONSE
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

Array = NDArray[np.float64]


def rows(study: StudyData) -> list[tuple[AnovaRow, Why]]:
    """The model of every mode of evaluation, on the raw scale and, where it is known, on the logit scale."""
    rows = []
    for mode in response.modes(study):
        scales: dict[Scale, NDArray[np.float64] | None] = {
            "raw": response.percent(study, mode),
            "logit": response.logit(study, mode),
        }
        for scale, values in scales.items():
            if values is not None:
                paired = arms(study.trials, values, study.design)
                rows += anova_rows(paired, study.design.factor, response=RESPONSE, scale=scale, mode=mode)
    return rows


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
