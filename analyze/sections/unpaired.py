"""Seeds of one level against seeds of the other: the headline, the cells and the interactions where no seed is shared.

The unit is a seed of a level. Welch's test on seed means decides the headline; with equal numbers of seeds the
studentised permutation of whole seeds' labels has to agree. Cells are a family, by max-T over the same permutations,
and so are the interactions, whose scores are compared between the levels as in a split-plot design.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.findings import AnovaRow, Message, Primary, SimpleEffect, Why, because
from analyze.inference import anova, unpaired
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison
from analyze.inference.signflip import flips
from analyze.inference.unpaired import Welch, permutation_p, split_plot_f, welch
from analyze.measures import response
from analyze.sections.decision import CellDecision, of_cells, of_headline
from analyze.sections.headline import equivalence_of, winner_of, without_margin
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What two arms give: rows of the cells and of the effects, and the headline, each with why its nulls are null."""

    cells: list[tuple[SimpleEffect, Why]]
    effects: list[tuple[AnovaRow, Why]]
    primary: tuple[Primary, Why]


def compare_arms(study: StudyData) -> Found:
    """The two levels of the contrast, each with the seeds that ran it."""
    both = arms(study.trials, response.values(study), study.design)
    alpha = study.design.alpha
    first, second = (arm[np.isfinite(arm).any(axis=1)] for arm in (both.first, both.second))
    tests = [welch(first[:, cell], second[:, cell]) for cell in range(first.shape[1])]
    cells = _cells(study, both, first, second, tests)
    inside = np.array([unpaired.decidable(*one.n, alpha) for one in tests])
    inside = inside if inside.any() else np.array([min(one.n) > 0 for one in tests])
    effects = _effects(study, first, second)
    return Found(cells, effects, _primary(study, both, first, second, inside, cells, effects))


def _comparison(found: Welch, margin: float | None, alpha: float) -> Comparison:
    """What a decision needs of a comparison."""
    return Comparison(
        sum(found.n),
        found.gap,
        found.se if found.se is not None else None if min(found.n) < 2 else 0.0,
        p_t=found.p,
        p_tost=None if margin is None else found.equivalence_p(margin),
        decidable=unpaired.decidable(*found.n, alpha),
    )


def _cells(
    study: StudyData, both: Arms, first: Array, second: Array, tests: Sequence[Welch]
) -> list[tuple[SimpleEffect, Why]]:
    compared, alpha = study.design.response, study.design.alpha
    members = [(first[:, [cell]], second[:, [cell]]) for cell in range(len(tests))]
    inside = [index for index, one in enumerate(tests) if unpaired.decidable(*one.n, alpha)]
    alone, together = permutation_p([members[index] for index in inside], flips()) if inside else ([], [])
    p, p_max_t = dict(zip(inside, alone, strict=True)), dict(zip(inside, together, strict=True))
    found = [_comparison(one, compared.margin, alpha) for one in tests]
    decisions = of_cells(found, [p_max_t.get(index) for index in range(len(tests))], compared.margin, alpha)
    t_holm, p_holm = holm([one.p for one in tests]), holm([p.get(index) for index in range(len(tests))])
    tost_holm = holm([one.p_tost for one in found])
    rows = []
    for index, (cell, one) in enumerate(zip(both.cells, tests, strict=True)):
        columns = (first[:, index], second[:, index])
        means = [float(np.nanmean(one)) if np.isfinite(one).any() else None for one in columns]
        row = SimpleEffect(
            cell=cell,
            contrast=study.design.contrast,
            bn_mode="running",
            scale=compared.scale,
            n=sum(one.n),
            mean_first=means[0],
            mean_second=means[1],
            gap=one.gap,
            sd=None,
            ci95=one.interval(0.95),
            ci90=one.interval(0.9),
            t=one.t,
            p_t=one.p,
            p_t_holm=t_holm[index],
            p_wilcoxon=None,
            p_signflip=p.get(index),
            p_signflip_holm=p_holm[index],
            p_max_t=p_max_t.get(index),
            p_beyond=None,
            decision=decisions[index].decision,
            trivial=decisions[index].trivial,
            p_tost=found[index].p_tost,
            p_tost_holm=tost_holm[index],
            d_z=None,
            d_z_ci95=None,
            bf10=None,
            pair_correlation=None,
        )
        rows.append((row, _why(row, study)))
    return rows


#: Numbers that only pairs have.
OF_PAIRS = ("sd", "p_wilcoxon", "p_beyond", "d_z", "d_z_ci95", "bf10", "pair_correlation")


def _why(row: SimpleEffect, study: StudyData) -> Why:
    nulls = {name for name, value in row if value is None}
    without = because("no_margin") if study.design.response.margin is None else _few()
    why: Why = dict.fromkeys(OF_PAIRS, because("seeds_unshared"))
    why |= dict.fromkeys(nulls & {"p_tost", "p_tost_holm"}, without)
    why |= {name: _few() for name in nulls - why.keys() - {"gap", "mean_first", "mean_second"}}
    return why | {name: because("no_such_run") for name in nulls & {"gap", "mean_first", "mean_second"}}


def _few() -> Message:
    return because("seeds_too_few_an_arm", count=unpaired.LEAST_SEEDS)


def _effects(study: StudyData, first: Array, second: Array) -> list[tuple[AnovaRow, Why]]:
    """The contrast on average and its interactions, on the seeds that ran every cell; the others are not tested."""
    design, alpha = study.design, study.design.alpha
    shape = [len(levels) for levels in design.moderator_levels]
    whole = [arm[np.isfinite(arm).all(axis=1)] for arm in (first, second)]
    names = [()] + [one for size in range(1, len(shape) + 1) for one in combinations(design.moderators, size)]
    able = unpaired.decidable(len(whole[0]), len(whole[1]), alpha)
    if min(map(len, whole)) < 2:
        return []
    scores = [
        tuple(
            anova.contrast_scores(arm.reshape(len(arm), *shape), [name in effect for name in design.moderators])
            for arm in whole
        )
        for effect in names
    ]
    members = [(one, other) for one, other in scores]
    main, _ = permutation_p(members[:1], flips())
    alone, together = permutation_p(members[1:], flips(), split_plot=[True] * (len(members) - 1)) if shape else ([], [])
    decided = _deciding(welch(members[0][0][:, 0], members[0][1][:, 0]), main[0])
    p_holm = holm([*main, *alone])
    rows = []
    for effect, (one, other), p, p_max_t, adjusted in zip(
        names, members, [*main, *alone], [decided, *together], p_holm, strict=True
    ):
        tested = split_plot_f(one, other)
        p_F = float(stats.f.sf(*tested)) if tested else None
        df = tested[1:] if tested else (one.shape[1], one.shape[1] * (len(one) + len(other) - 2))
        row = AnovaRow(
            response=design.response.name,
            scale=design.response.scale,
            bn_mode="running",
            effect=(design.factor, *effect),
            df_num=df[0],
            df_den=df[1],
            F=tested[0] if tested else None,
            p_uncorrected=p_F,
            epsilon_gg=None,
            p_gg=None,
            p_signflip=p,
            p_holm=adjusted,
            p_max_t=p_max_t,
            decision=_of_effect(p_max_t, effect, one, other, able=able, alpha=alpha),
            partial_eta_sq=None,
            partial_eta_sq_ci90=None,
            n_seeds=len(one) + len(other),
        )
        nulls = {name for name, value in row if value is None}
        why = {name: because("all_scores_zero") for name in nulls}
        never = ("epsilon_gg", "p_gg", "partial_eta_sq", "partial_eta_sq_ci90")
        rows.append((row, why | dict.fromkeys(never, because("seeds_unshared"))))
    return rows


def _deciding(found: Welch, permuted: float | None) -> float | None:
    """The p that decides a mean: Welch's, and with equal numbers of seeds the permutation's too, which has to agree.

    With unlike numbers the permutation is too liberal. A difference without a t is decided by the permutation.
    """
    if found.p is None:
        return permuted
    return max(found.p, permuted or 0.0) if found.n[0] == found.n[1] else found.p


def _of_effect(p: float | None, effect: Sequence[str], first: Array, second: Array, *, able: bool, alpha: float) -> str:
    if not able:
        return "not_decidable"
    if p is None:
        return "identical"
    if p > alpha:
        return "undecided"
    return "differs" if effect else "first" if first.mean() > second.mean() else "second"


def _primary(
    study: StudyData,
    both: Arms,
    first: Array,
    second: Array,
    inside: NDArray[np.bool_],
    cells: Sequence[tuple[SimpleEffect, Why]],
    effects: Sequence[tuple[AnovaRow, Why]],
) -> tuple[Primary, Why]:
    compared, alpha = study.design.response, study.design.alpha
    margin = compared.margin
    means = [by_seed(arm, inside) for arm in (first, second)]
    found = welch(*means)
    (permuted,), _ = permutation_p([(means[0][:, None], means[1][:, None])], flips())
    mean = _comparison(found, margin, alpha)
    beside = permuted if found.n[0] == found.n[1] else _deciding(found, permuted)
    answer = of_headline(
        mean,
        beside,
        [CellDecision(row.decision, row.trivial) for (row, _), here in zip(cells, inside, strict=True) if here],
        {row.effect: row.decision for row, _ in effects if len(row.effect) > 1 and row.decision is not None},
        study.design.moderators,
        margin=margin,
        alpha=alpha,
    )
    winner, reason = winner_of(answer.decision, study)
    levels = [float(one[np.isfinite(one)].mean()) if np.isfinite(one).any() else None for one in means]
    few = answer.rule in ("too_few_seeds", "no_pair")
    row = Primary(
        response=compared.name,
        bn_mode="running",
        headline=answer.headline,
        rule=answer.rule,
        decision=answer.decision,
        depends_on=answer.depends_on,
        conditional_on=", ".join(answer.depends_on) or None,
        left_out=tuple(cell for cell, here in zip(both.cells, inside, strict=True) if not here),
        cells_decided=dict(Counter(row.decision for row, _ in cells)),
        contrast=study.design.contrast,
        winner=winner,
        unit=compared.gap_unit,
        mean_first=levels[0],
        mean_second=levels[1],
        estimate=found.gap,
        ci95=found.interval(0.95),
        ci90=found.interval(0.9),
        se_crossed=None,
        t=found.t,
        df=found.df,
        p_t=found.p,
        p_signflip=permuted,
        n_seeds=sum(found.n),
        seeds_to_decide=unpaired.LEAST_SEEDS if few else None,
        equivalence=equivalence_of(compared, mean.p_tost),
    )
    why: Why = {} if reason is None else {"winner": reason}
    why |= {name: _few() for name in ("ci95", "ci90", "t", "df", "p_t", "p_signflip") if getattr(row, name) is None}
    missing = ("estimate", "mean_first", "mean_second")
    why |= {name: because("no_complete_seed") for name in missing if getattr(row, name) is None}
    why["se_crossed"] = because("seeds_unshared")
    if row.seeds_to_decide is None:
        why["seeds_to_decide"] = because("seeds_unshared" if row.decision == "undecided" else "nothing_open")
    if row.conditional_on is None:
        why["conditional_on"] = because("nothing_depends")
    if row.equivalence.p is None:
        why["equivalence/p"] = _few()
    return row, why | without_margin(row.equivalence)
