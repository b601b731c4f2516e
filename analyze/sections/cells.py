"""The contrast in every cell, and the other levels of the primary factor against each of its two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyze.findings import BnMode, Level, Message, Scale, SimpleEffect, Why, because
from analyze.inference.max_t import max_t
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison, compare_cells
from analyze.inference.signflip import flip_p, flips
from analyze.measures import response
from analyze.sections.decision import CellDecision, of_cells, uncorrected
from analyze.sections.mean import reasons_of
from analyze.sections.wins import Wins, wins
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

Array = NDArray[np.float64]


def rows(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell and mode of evaluation, on the scale of the response and on another if it has one."""
    design = study.design
    rows = []
    for mode in response.modes(study):
        counts = response.paired_counts(study, mode, design.contrast)
        for scale, values in response.scales(study, mode).items():
            if values is not None:
                pair = Pair(design.contrast, arms(study.trials, values, design), counts)
                margin = design.response.margin if scale == design.response.scale else None
                won = wins(study) if scale == design.response.scale else None
                missing = no_margin_on(study, scale)
                rows += simple_effects([pair], mode, scale, margin, design.alpha, no_margin=missing, won=won)
    return rows


def no_margin_on(study: StudyData, scale: Scale) -> str:
    """Why there is no equivalence on this scale, if there is none, as a code."""
    compared = study.design.response
    if scale == compared.scale or compared.margin is None:
        return "no_margin"
    return "margin_on_raw_scale" if compared.is_accuracy else "margin_on_other_scale"


def orderings(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """Every other level of the primary factor against each level of the contrast; a mode's pairs are one family."""
    design = study.design
    rows = []
    for mode in response.modes(study):
        pairs = [
            _pair(study, mode, (other, level))
            for other in design.other_levels
            if response.evaluated(study, mode, other)
            for level in design.contrast
        ]
        scale, margin = design.response.scale, design.response.margin
        rows += simple_effects(pairs, mode, scale, margin, design.alpha, no_margin=no_margin_on(study, scale))
    return rows


@dataclass(frozen=True)
class Pair:
    """Two levels, first minus second, with their responses and, where known, numbers of correct test images."""

    contrast: tuple[Level, Level]
    paired: Arms
    counts: Arms | None = None


def _pair(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> Pair:
    values = response.values(study, mode)
    return Pair(pair, arms(study.trials, values, study.design, pair), response.paired_counts(study, mode, pair))


def compared(one: Pair, margin: float | None) -> list[Comparison]:
    """The two levels in every cell; Wilcoxon ranks whole numbers of test images where they are known."""
    return compare_cells(
        one.paired.first,
        one.paired.second,
        margin=margin,
        counts=None if one.counts is None else one.counts.difference,
    )


def _smaller(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else min(one, other)


@dataclass(frozen=True)
class Corrected:
    """What is known of each cell of a family, in its order."""

    p_signflip: list[float | None]
    p_max_t: list[float | None]
    p_beyond: list[float | None]
    decisions: list[CellDecision]


def corrected(found: Sequence[Comparison], differences: Array, margin: float | None, alpha: float) -> Corrected:
    """Flips of a family of cells and what they decide.

    Args:
        found: the comparison of each cell.
        differences: (S, cells), NaN where a pair is missing.
        margin: of equivalence; None where it has no meaning.
        alpha: level of the tests.
    """
    columns = [differences[:, [index]] for index in range(differences.shape[1])]
    alone = [p if one.n > 1 else None for p, one in zip(flip_p(columns, flips()), found, strict=True)]
    p_max_t = max_t(columns, flips(), alpha=alpha)
    beyond: list[float | None] = [None] * len(found)
    if margin is not None:
        above, below = [one - margin for one in columns], [-one - margin for one in columns]
        sides = max_t([*above, *below], flips(), "greater", alpha=alpha)
        beyond = [_smaller(*both) for both in zip(sides[: len(found)], sides[len(found) :], strict=True)]
    return Corrected(alone, p_max_t, beyond, of_cells(found, p_max_t, margin, alpha))


def _with_wins(
    flipped: Corrected, found: Sequence[Comparison], differences: Array, won: Wins, margin: float | None, alpha: float
) -> Corrected:
    """The same family with the scores of pairs in place of the gaps, in the cells in which a run failed."""
    scored = [
        won.only(index).comparison(np.ones(1, bool))[1] if failed else one
        for index, (failed, one) in enumerate(zip(won.in_cells, found, strict=True))
    ]
    decided = corrected(scored, np.where(won.in_cells, won.scores, differences), margin, alpha)
    return replace(flipped, p_max_t=decided.p_max_t, decisions=decided.decisions)


def simple_effects(
    pairs: Sequence[Pair],
    mode: BnMode,
    scale: Scale,
    margin: float | None,
    alpha: float,
    *,
    no_margin: str = "no_margin",
    won: Wins | None = None,
) -> list[tuple[SimpleEffect, Why]]:
    """Pairs of levels in every cell, one family for each kind of p.

    Args:
        pairs: what is compared.
        mode: BatchNorm mode of the response.
        scale: of the response.
        margin: equivalence margin; None on a scale where it has no meaning.
        alpha: level of the tests.
        no_margin: why there is no margin, where there is none.
        won: the pairs won, which decide the cells in which a run failed.
    """
    if not pairs:
        return []
    found = [one for pair in pairs for one in compared(pair, margin)]
    flipped = corrected(found, np.concatenate([pair.paired.difference for pair in pairs], axis=1), margin, alpha)
    if won is not None:
        flipped = _with_wins(flipped, found, pairs[0].paired.difference, won, margin, alpha)
    return rows_of(pairs, found, flipped, mode, scale, alpha, no_margin=because(no_margin) if margin is None else None)


def rows_of(
    pairs: Sequence[Pair],
    found: Sequence[Comparison],
    flipped: Corrected,
    mode: BnMode,
    scale: Scale,
    alpha: float,
    *,
    no_margin: Message | None,
) -> list[tuple[SimpleEffect, Why]]:
    """The rows of these comparisons, one a pair and cell, and why their nulls are null."""
    named = [(pair.contrast, cell) for pair in pairs for cell in pair.paired.cells]
    means = [both for pair in pairs for both in _means(pair.paired)]
    t_holm, flip_holm = holm([one.p_t for one in found]), holm(flipped.p_signflip)
    tost_holm = holm([one.p_tost for one in found])
    rows = []
    for index, ((contrast, cell), one) in enumerate(zip(named, found, strict=True)):
        decided = flipped.decisions[index]
        row = SimpleEffect(
            cell=cell,
            contrast=contrast,
            bn_mode=mode,
            scale=scale,
            n=one.n,
            mean_first=means[index][0],
            mean_second=means[index][1],
            gap=one.gap,
            sd=one.sd,
            ci95=one.ci95,
            ci90=one.ci90,
            t=one.t,
            p_t=one.p_t,
            p_t_holm=t_holm[index],
            p_wilcoxon=one.p_wilcoxon,
            p_signflip=flipped.p_signflip[index],
            p_signflip_holm=flip_holm[index],
            p_max_t=flipped.p_max_t[index],
            p_beyond=flipped.p_beyond[index],
            decision=decided.decision,
            trivial=decided.trivial,
            p_tost=one.p_tost,
            p_tost_holm=tost_holm[index],
            d_z=one.d_z,
            d_z_ci95=one.d_z_ci95,
            bf10=one.bf10,
            pair_correlation=one.pair_correlation,
        )
        rows.append((row, _why(row, one, no_margin, alpha)))
    return rows


def _means(paired: Arms) -> list[tuple[float | None, float | None]]:
    """The means of both levels over the complete pairs of each cell."""
    both = np.isfinite(paired.difference)
    return [
        (float(paired.first[here, cell].mean()), float(paired.second[here, cell].mean()))
        if here.any()
        else (None, None)
        for cell, here in enumerate(both.T)
    ]


def _why(row: SimpleEffect, found: Comparison, no_margin: Message | None, alpha: float) -> Why:
    """Why numbers of a cell are missing."""
    why = reasons_of(row, found, row.p_signflip) | dict.fromkeys(("fixed", "anytime"), because("looks_at_headline"))
    if not found.n:
        why |= dict.fromkeys(("mean_first", "mean_second"), because("no_pair"))
    if row.p_max_t is None:
        why["p_max_t"] = uncorrected(found.n, alpha, "all_differences_zero")
    if row.p_beyond is None:
        why["p_beyond"] = no_margin or uncorrected(found.n, alpha, "all_differences_at_margin")
    if no_margin and found.sd:
        why |= dict.fromkeys(("p_tost", "p_tost_holm"), no_margin)
    return why
