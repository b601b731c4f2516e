"""All levels of the primary factor, where there are three or more: whether any differ, and every pair of them.

Any difference: F by permuting the labels of the levels within each seed, the same in all its cells. That is exact where
levels only differ in their mean; with standard deviations that differ fourfold it finds a difference in .08 to .14 of
studies without one, at a level of .05. F with Greenhouse & Geisser's correction (.04 to .06 there, six to twelve seeds
of three or five levels, 1500 studies each) has to agree, where the seeds are enough for it. Every pair: the
difference of the seed means over cells, by step-down max-T over the same sign-flips of whole seeds. Where a run failed
and has no value, ranks within seed and cell stand for the values, a failed run being the worst; a pair is then scored
by who wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.findings import Decision, Level, LevelPair, LevelRow, Levels, Message, OmnibusRow, Why, because
from analyze.inference import anova
from analyze.inference.groups import letters
from analyze.inference.level_permutations import permutation_p
from analyze.inference.max_t import max_t
from analyze.inference.paired import Comparison, compare, spread
from analyze.inference.signflip import flip_p, flips, least_p
from analyze.measures import response
from analyze.sections.decision import decidable, of_cells, uncorrected
from analyze.sections.mean import reasons_of
from analyze.study.load import StudyData
from analyze.study.pairing import by_seed, tables_of

Array = NDArray[np.float64]

#: Levels that get letters, as very many may have very many groups; and values (seeds x levels x cells) up to which the
#: interactions are tested, for which every order of the labels is worked out in every cell.
MOST_GROUPED, MOST_VALUES = 30, 20_000


@dataclass(frozen=True)
class Stack:
    """Values of all levels, (S, k, C), NaN where a run is missing or has no value; `tested` are what tests compare.

    `inside` are the cells that are averaged over, (C,).
    """

    levels: tuple[Level, ...]
    shape: tuple[int, ...]
    values: Array
    tested: Array
    inside: NDArray[np.bool_]

    @property
    def ranked(self) -> bool:
        """Whether ranks stand for the values."""
        return self.tested is not self.values

    def means(self, values: Array) -> Array:
        """Means over cells of every level in each seed, (S, k), NaN where a run is missing."""
        return np.stack([by_seed(values[:, level], self.inside) for level in range(len(self.levels))], axis=1)


def compared(study: StudyData) -> tuple[Levels, Why]:
    """The omnibus test, the levels and every pair; nothing, and why, where there are two levels or no shared seeds."""
    if len(study.design.factors[study.design.factor]) < 3:
        return Levels(omnibus=None), {"omnibus": because("two_levels")}
    if not study.design.paired:
        return Levels(omnibus=None), {"omnibus": because("levels_share_no_seeds")}
    if study.design.folds is not None:
        return Levels(omnibus=None), {"omnibus": because("folds_overlap")}
    every = stack(study)
    effects, missing = _effects(study, every)
    if not effects:
        return Levels(omnibus=None), {"omnibus": missing}
    pairs = _pairs(study, every)
    means, no_groups = _means(study, every, [row for row, _ in pairs])
    why: Why = {f"omnibus/{name}": reason for name, reason in effects[0][1].items()}
    for name, rows in (("interactions", effects[1:]), ("means", means), ("pairs", pairs)):
        why |= {f"{name}/{i}/{field}": one for i, (_, reasons) in enumerate(rows) for field, one in reasons.items()}
    if study.design.moderators and len(effects) == 1:
        why["interactions"] = missing
    found = Levels(
        by="ranks" if every.ranked else "values",
        omnibus=effects[0][0],
        interactions=tuple(row for row, _ in effects[1:]),
        means=tuple(row for row, _ in means),
        pairs=tuple(row for row, _ in pairs),
    )
    return found, why | no_groups


def stack(study: StudyData) -> Stack:
    """Every level's values, and the cells in which seeds enough for an exact test ran all of them, or else any did."""
    design, alpha = study.design, study.design.alpha
    levels = design.factors[design.factor]
    values = response.values(study)
    failed = np.isnan(values)
    found = np.stack(tables_of(study.trials, values, design, levels), axis=1)
    tested = found
    if failed.any() and not design.response.is_accuracy and design.response.bounds is None:
        worst = np.inf if design.response.better == "lower" else -np.inf
        scored = np.stack(tables_of(study.trials, np.where(failed, worst, values), design, levels), axis=1)
        tested = np.where(np.isnan(scored).any(axis=1, keepdims=True), np.nan, stats.rankdata(scored, axis=1))
    complete = np.isfinite(tested).all(axis=1).sum(axis=0)
    enough = np.array([least_p(int(n)) <= alpha for n in complete])
    shape = tuple(len(one) for one in design.moderator_levels)
    return Stack(levels, shape, found, tested, np.asarray(enough if enough.any() else complete > 0))


def _effects(study: StudyData, stack: Stack) -> tuple[list[tuple[OmnibusRow, Why]], Message]:
    """The levels on average and with moderators; and why those that are missing cannot be tested."""
    design = study.design
    means = stack.means(stack.tested)
    averaged = np.isfinite(means).all(axis=1)
    if averaged.sum() < 2:
        return [], because("two_seeds_over_all_levels")
    complete: NDArray[np.bool_] = np.asarray(np.isfinite(stack.tested).all(axis=(1, 2)))
    names: list[tuple[str, ...]] = [()]
    scores = [means[averaged][:, :, None]]
    reason = because("no_moderators")
    if design.moderators:
        reason = because("levels_in_every_cell" if complete.sum() < 2 else "levels_too_many_values")
        if complete.sum() > 1 and stack.tested[complete].size <= MOST_VALUES:
            names += [one for n in range(1, len(stack.shape) + 1) for one in combinations(design.moderators, n)]
            scores += [_scores(stack, complete, [name in effect for name in design.moderators]) for effect in names[1:]]
    (main, _), (apart, together) = permutation_p(scores[:1], flips()), permutation_p(scores[1:], flips())
    rows = [
        _effect(study, effect, one, alone, corrected)
        for effect, one, alone, corrected in zip(names, scores, [*main, *apart], [*main, *together], strict=True)
    ]
    return rows, reason


def _scores(stack: Stack, seeds: NDArray[np.bool_], within: Sequence[bool]) -> Array:
    """Contrast scores of the moderators for every level, (S, k, d)."""
    each = [
        anova.contrast_scores(stack.tested[seeds, level].reshape(-1, *stack.shape), within)
        for level in range(len(stack.levels))
    ]
    return np.stack(each, axis=1)


def _effect(
    study: StudyData, effect: tuple[str, ...], scores: Array, alone: float | None, corrected: float | None
) -> tuple[OmnibusRow, Why]:
    """F of the levels from the scores of the moderators, and what the permutations decide."""
    seeds, levels, _ = scores.shape
    contrasts = np.einsum("skd,kc->scd", scores, anova.orthonormal(levels)).reshape(seeds, -1)
    found = anova.effect_of(contrasts, (study.design.factor, *effect))
    shown = all(p is not None and p <= study.design.alpha for p in (corrected, found.p_gg or corrected))
    decision: Decision = "differs" if shown else "undecided"
    if not decidable(seeds, study.design.alpha):
        decision = "not_decidable"
    elif corrected is None:
        decision = "identical"
    row = OmnibusRow(
        effect=found.factors,
        df_num=found.df_num,
        df_den=found.df_den,
        F=found.F,
        p_uncorrected=found.p_uncorrected,
        epsilon_gg=found.epsilon_gg,
        df_num_gg=None if found.epsilon_gg is None else found.epsilon_gg * found.df_num,
        df_den_gg=None if found.epsilon_gg is None else found.epsilon_gg * found.df_den,
        p_gg=found.p_gg,
        p_permuted=alone,
        p_max_t=corrected,
        decision=decision,
        partial_eta_sq=found.partial_eta_sq,
        partial_eta_sq_ci90=found.partial_eta_sq_ci90,
        n_seeds=seeds,
    )
    why = {field: because(code, df=found.df_num) for field, code in found.why.items()}
    if "epsilon_gg" in why:
        why |= dict.fromkeys(("df_num_gg", "df_den_gg"), why["epsilon_gg"])
    if alone is None:
        why |= dict.fromkeys(("p_permuted", "p_max_t"), because("all_scores_zero"))
    return row, why


def _pairs(study: StudyData, stack: Stack) -> list[tuple[LevelPair, Why]]:
    """Every pair of levels in their order, one family."""
    margin, alpha = study.design.response.margin, study.design.alpha
    means = stack.means(stack.values)
    chosen = list(combinations(range(len(stack.levels)), 2))
    gaps = [compare(means[:, one], means[:, other], margin=margin) for one, other in chosen]
    differences = [_difference(stack, one, other) for one, other in chosen]
    tested = [_scored(one) for one in differences] if stack.ranked else gaps
    columns = [one[:, None] for one in differences]
    alone = [p if one.n > 1 else None for p, one in zip(flip_p(columns, flips()), tested, strict=True)]
    together = max_t(columns, flips(), alpha=alpha)
    decisions = of_cells(tested, together, None if stack.ranked else margin, alpha)
    rows = []
    for (one, other), found, scored, p, p_max_t, decided in zip(
        chosen, gaps, tested, alone, together, decisions, strict=True
    ):
        row = LevelPair(
            contrast=(stack.levels[one], stack.levels[other]),
            n=scored.n,
            gap=found.gap,
            sd=found.sd,
            ci95=found.ci95,
            ci90=found.ci90,
            t=found.t,
            p_t=found.p_t,
            p_signflip=p,
            p_max_t=p_max_t,
            p_tost=found.p_tost,
            d_z=found.d_z,
            d_z_ci95=found.d_z_ci95,
            decision=decided.decision,
            trivial=decided.trivial,
        )
        why = reasons_of(row, found, p)
        if p_max_t is None:
            why["p_max_t"] = uncorrected(scored.n, alpha, "all_differences_zero")
        if margin is None:
            why["p_tost"] = because("no_margin")
        rows.append((row, why))
    return rows


def _difference(stack: Stack, one: int, other: int) -> Array:
    """First minus second of every seed's means over cells, (S,); of ranks the mean of who wins in each cell."""
    difference = stack.tested[:, one] - stack.tested[:, other]
    return by_seed(np.sign(difference) if stack.ranked else difference, stack.inside)


def _scored(scores: Array) -> Comparison:
    """What a decision needs of pairs won: no t test, no margin."""
    kept = scores[np.isfinite(scores)]
    if not len(kept):
        return Comparison(0)
    return Comparison(len(kept), float(kept.mean()), spread(kept) if len(kept) > 1 else None)


def _means(study: StudyData, stack: Stack, pairs: Sequence[LevelPair]) -> tuple[list[tuple[LevelRow, Why]], Why]:
    """The levels from the best, with the letters of those that are not told apart, and why there are none."""
    means = stack.means(stack.values)
    ranks = stack.means(stack.tested)
    known = [one[np.isfinite(one)] for one in means.T]
    order = _from_the_best(study, ranks if stack.ranked else means)
    place = {stack.levels[index]: number for number, index in enumerate(order)}
    grouped = len(order) <= MOST_GROUPED and not all(row.decision == "not_decidable" for row in pairs)
    apart = [(place[row.contrast[0]], place[row.contrast[1]]) for row in pairs if row.decision in ("first", "second")]
    groups = letters(len(order), apart) if grouped else [()] * len(order)
    rows: list[tuple[LevelRow, Why]] = []
    for number, index in enumerate(order):
        values = known[index]
        row = LevelRow(
            level=stack.levels[index],
            n=len(values),
            mean=float(values.mean()) if len(values) else None,
            sd=spread(values) if len(values) > 1 else None,
            groups=groups[number],
        )
        missing = {"mean": row.mean, "sd": row.sd}
        rows.append((row, {name: because("one_run") for name, value in missing.items() if value is None}))
    return rows, {} if grouped else {"means": because("no_groups")}


def _from_the_best(study: StudyData, means: Array) -> list[int]:
    """Levels by their mean, those without one last; larger ones first unless lower are better."""
    averages = [float(one[np.isfinite(one)].mean()) if np.isfinite(one).any() else None for one in means.T]
    sign = 1 if study.design.response.better == "lower" else -1
    return sorted(range(len(averages)), key=lambda i: (averages[i] is None, sign * (averages[i] or 0.0)))
