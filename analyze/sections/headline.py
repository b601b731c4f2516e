"""The headline: the mean over cells of the contrast, what is decided of it, and for whom it holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analyze.findings import (
    BY_WINS,
    AnovaRow,
    Cell,
    Decision,
    Equivalence,
    Level,
    Message,
    Primary,
    Response,
    SimpleEffect,
    Why,
    as_messages,
    because,
)
from analyze.inference import power
from analyze.inference.crossed import crossed
from analyze.inference.signflip import flip_p, flips, least_seeds
from analyze.measures.image_outcomes import image_differences
from analyze.sections import sequential
from analyze.sections.decision import Answer, CellDecision, of_headline, of_mean, of_wins, shown_by_cells
from analyze.sections.mean import Mean, cells_of_mean, mean_over_cells
from analyze.sections.sequential import Grown
from analyze.sections.wins import Wins
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, by_seed


def primary(
    study: StudyData,
    paired: Arms,
    cells: Sequence[SimpleEffect],
    effects: Sequence[AnovaRow],
    won: Wins | None = None,
    grown: Grown | None = None,
) -> tuple[Primary, Why]:
    """The headline, and why what it lacks is missing.

    Args:
        study: it is about.
        paired: its response.
        cells: the contrast in every cell of `paired`, decided.
        effects: of the model of `paired`, decided.
        won: the pairs won, which decide where a run failed.
        grown: the looks at it, which decide where its growth was declared.
    """
    compared, alpha = study.design.response, study.design.alpha
    margin = compared.margin
    folds = study.design.folds
    inside = cells_of_headline(paired, won, alpha, folds)
    mean = mean_over_cells(paired, margin, inside, folds=folds)
    found = mean.comparison
    p = found.p_t if folds else mean.p_signflip
    here = [row for row, averaged in zip(cells, inside, strict=True) if averaged]
    shown = {row.effect: row.decision for row in effects if len(row.effect) > 1 and row.decision is not None}
    sides = [(row.cell, row.decision) for row in here]
    if folds:
        shown = shown_by_cells(of_mean(found, p, margin, alpha), sides, study.design.moderators)
    answer = (
        _by_wins(won, inside, sides, study.design.moderators, alpha)
        if won
        else of_headline(
            found,
            p,
            [CellDecision(row.decision, row.trivial) for row in here],
            shown,
            study.design.moderators,
            margin=margin,
            alpha=alpha,
        )
    )
    fixed = answer.decision
    looked = sequential.answer(grown, study.design.moderators) if grown else None
    if grown and grown.rule and looked:
        answer = looked
    se_crossed, why = _se_crossed(study, paired, inside)
    winner, reason = winner_of(answer.decision, study)
    why |= {} if reason is None else {"winner": reason}
    seeds = None if folds else _seeds_to_decide(answer, mean, margin, alpha)
    levels = _means(paired, inside)
    row = Primary(
        response=compared.name,
        bn_mode="running",
        headline=answer.headline,
        rule=answer.rule,
        decision=answer.decision,
        fixed=fixed,
        anytime=looked and looked.decision,
        depends_on=answer.depends_on,
        conditional_on=", ".join(answer.depends_on) or None,
        left_out=_left_out(study, paired, inside),
        cells_decided=dict(Counter(row.decision for row in cells)),
        contrast=study.design.contrast,
        winner=winner,
        unit=compared.gap_unit,
        mean_first=levels[0],
        mean_second=levels[1],
        estimate=found.gap,
        ci95=found.ci95,
        ci90=found.ci90,
        se_crossed=se_crossed,
        t=found.t,
        df=found.n - 1 if found.n > 1 else None,
        p_t=found.p_t,
        p_signflip=mean.p_signflip,
        n_seeds=mean.n_seeds,
        seeds_to_decide=seeds,
        equivalence=equivalence_of(compared, found.p_tost),
    )
    why |= _why(row, mean)
    return row, why | (dict.fromkeys(OF_INDEPENDENT_SEEDS, because("folds_overlap")) if folds else {})


#: Numbers of the headline that take seeds that are independent.
OF_INDEPENDENT_SEEDS = ("p_signflip", "seeds_to_decide", "se_crossed", "anytime")


def equivalence_of(compared: Response, p: float | None) -> Equivalence:
    """The margin of a response, and the p of equivalence within it."""
    margin = compared.margin
    points = margin if compared.is_accuracy else None
    return Equivalence(margin=margin, unit=compared.gap_unit, margin_pp=points, p=p)


def without_margin(equivalence: Equivalence) -> Why:
    """Why margins are missing, and with them the p."""
    why: Why = {}
    if equivalence.margin is None:
        why |= dict.fromkeys(("equivalence/margin", "equivalence/p"), because("no_margin"))
    if equivalence.margin_pp is None:
        why["equivalence/margin_pp"] = because("not_in_points")
    return why


def cells_of_headline(paired: Arms, won: Wins | None, alpha: float, folds: int | None = None) -> NDArray[np.bool_]:
    """The cells that the headline is over, (C,); a pair of which a run failed is a pair where pairs won decide."""
    scored = paired if won is None else replace(paired, first=won.scores, second=0 * won.scores)
    return cells_of_mean(scored, alpha, folds)


def _by_wins(
    won: Wins,
    inside: NDArray[np.bool_],
    cells: Sequence[tuple[Cell, Decision]],
    moderators: Sequence[str],
    alpha: float,
) -> Answer:
    """The answer by the pairs won."""
    means, compared = won.comparison(inside)
    return of_wins(compared, flip_p([means[:, None]], flips())[0], cells, moderators, alpha)


def winner_of(decision: Decision, study: StudyData) -> tuple[Level | None, Message | None]:
    """The level that does better, of the larger mean or, where lower is better, the smaller; or why none does."""
    compared, (first, second) = study.design.response, study.design.contrast
    if decision not in ("first", "second"):
        return None, because("no_winner")
    if compared.better == "neither":
        return None, because("neither_is_better")
    return first if (decision == "first") == (compared.better == "higher") else second, None


def _means(paired: Arms, inside: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    """The means of both levels over these cells, on the seeds that are complete for them."""
    complete = np.isfinite(by_seed(paired.difference, inside))
    if not complete.any():
        return None, None
    first, second = (by_seed(values, inside)[complete] for values in (paired.first, paired.second))
    return float(first.mean()), float(second.mean())


def _left_out(study: StudyData, paired: Arms, inside: NDArray[np.bool_]) -> tuple[Cell, ...]:
    """Cells that were planned, or that some seeds ran, and that the mean leaves out."""
    declared = study.metadata.study.factors if study.metadata else {}
    levels = [
        tuple(dict.fromkeys((*declared.get(name, ()), *found)))
        for name, found in zip(paired.moderators, paired.levels, strict=True)
    ]
    kept = {tuple(cell.values()) for cell, here in zip(paired.cells, inside, strict=True) if here}
    return tuple(dict(zip(paired.moderators, one, strict=True)) for one in product(*levels) if one not in kept)


def _seeds_to_decide(answer: Answer, mean: Mean, margin: float | None, alpha: float) -> int | None:
    """Seeds with which the difference or its equivalence would be shown, were the estimate the truth."""
    if answer.rule == "too_few_seeds":
        return least_seeds(alpha)
    found = mean.comparison
    if answer.decision != "undecided" or not found.sd or found.gap is None or answer.rule in (*BY_WINS, "settled_open"):
        return None
    sd = power.upper_sd(found.sd, found.n)
    options = [power.seeds_for_gap(found.gap, sd, alpha)]
    if margin is not None and abs(found.gap) < margin:
        options.append(power.seeds_for_margin(sd, margin - abs(found.gap), alpha))
    return min((seeds for seeds in options if seeds is not None), default=None)


def _why(row: Primary, mean: Mean) -> Why:
    """Why numbers of the headline are missing."""
    codes = mean.comparison.why
    why = as_messages({field: code for field, code in codes.items() if field in ("ci95", "ci90", "t", "p_t")})
    if "gap" in codes:
        why |= dict.fromkeys(("estimate", "mean_first", "mean_second", "p_signflip"), because("no_complete_seed"))
    if "p_tost" in codes:
        why["equivalence/p"] = because(codes["p_tost"])
    why |= without_margin(row.equivalence)
    if row.p_signflip is None:
        why.setdefault("p_signflip", because("two_complete_seeds_or_zero"))
    if row.df is None:
        why["df"] = because("two_complete_seeds")
    if row.seeds_to_decide is None:
        open_ = row.decision == "undecided"
        why["seeds_to_decide"] = because("no_number_of_seeds" if open_ else "nothing_open")
    if row.conditional_on is None:
        why["conditional_on"] = because("nothing_depends")
    return why


def _se_crossed(study: StudyData, paired: Arms, inside: NDArray[np.bool_]) -> tuple[float | None, Why]:
    """Standard error with seeds and test images crossed, where the study kept each image's outcome."""
    if study.design.folds or not study.design.response.is_accuracy:
        return None, {"se_crossed": because("images_tell_accuracy")}
    table = image_differences(study, paired, inside.nonzero()[0].tolist())
    if isinstance(table, Message):
        return None, {"se_crossed": table}
    se = crossed(table).se
    return se, {} if se is not None else {"se_crossed": because("variance_not_positive")}
