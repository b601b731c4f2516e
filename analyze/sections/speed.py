"""How fast the two levels of the contrast learn, as rows: time to a target, and the shape of the learning curve.

Time ratios come from the interval-censored log-normal model, pooled over cells, in each cell, and by all factors at
once; the seed's own speed belongs to the error, and inference is by leaving out each seed in turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyze.findings import RATIO_MARGIN, Cell, ConvergenceRow, Why, because
from analyze.inference.lognormal_aft import Jackknifed
from analyze.inference.multiplicity import holm
from analyze.measures.time_to_target import Crossings, Curves, crossings
from analyze.sections import curve_means
from analyze.sections.curve_means import p_method
from analyze.sections.decision import CellDecision, of_ratios
from analyze.sections.time_ratios import hazard_ratio, silent_cells, time_ratio
from analyze.sections.time_regression import Compared, Regression, regression
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of

Mask = NDArray[np.bool_]
Explained = tuple[ConvergenceRow, Why]


@dataclass(frozen=True)
class Model:
    """A model of one ratio; `margin` of equivalence, None where none is declared."""

    name: Literal["aft", "cox"]
    term: str
    estimate: Callable[[StudyData, Crossings, Mask], Jackknifed | str]
    margin: float | None


MODELS = (
    Model("aft", "time_ratio", time_ratio, RATIO_MARGIN),
    Model("cox", "hazard_ratio", hazard_ratio, None),
)


def rows(study: StudyData, curves: Curves) -> list[Explained]:
    """Every model for every target, over all cells and in each cell."""
    found = [crossings(study, curves, target) for target in study.design.targets]
    ratios = [row for model in MODELS for row in _ratios(study, curves, found, model)]
    return [*ratios, *_coefficients(study, curves, found[0]), *curve_means.rows(study, curves, found)]


@dataclass(frozen=True)
class _Estimated:
    """A ratio of one target over all cells (`cell` None) or in one, or why there is none."""

    target: float
    cell: Cell | None
    result: Jackknifed | str
    seeds: int
    censored_share: float | None
    left_out: tuple[Cell, ...]

    @property
    def p(self) -> float | None:
        return None if isinstance(self.result, str) else self.result.p


def _ratios(study: StudyData, curves: Curves, found: Sequence[Crossings], model: Model) -> list[Explained]:
    """Rows of a model; over all cells the first target is a test of its own, and the others are a family."""
    estimated = [
        [_estimated(study, one, target, part, model) for part in _parts(study, _compared(study, one))]
        for target, one in zip(study.design.targets, found, strict=True)
    ]
    first, *others = (family[0] for family in estimated)
    whole = [*_family([first], curves, model, study, alone=True), *_family(others, curves, model, study)]
    cells = [_family(family[1:], curves, model, study) for family in estimated]
    return [row for one, family in zip(whole, cells, strict=True) for row in (one, *family)]


def _parts(study: StudyData, used: Mask) -> list[tuple[Cell | None, Mask]]:
    """These trials, then those of them in each cell where there is more than one."""
    cells, number = cells_of(study)
    return [(None, used), *((cell, used & (number == index)) for index, cell in enumerate(cells) if cell)]


def _estimated(
    study: StudyData, found: Crossings, target: float, part: tuple[Cell | None, Mask], model: Model
) -> _Estimated:
    cell, used = part
    result = model.estimate(study, found, used)
    seeds = len(np.unique(study.trials["seed"].to_numpy()[used])) if isinstance(result, str) else result.seeds
    share = float(found.censored[used].mean()) if used.any() else None
    left_out = silent_cells(study, found, used) if model.name == "aft" else ()
    return _Estimated(target, cell, result, seeds, share, left_out)


def _compared(study: StudyData, found: Crossings) -> Mask:
    """Trials of the contrast whose crossing is known."""
    arm = codes_of(study.trials[study.design.factor], study.design.contrast)
    return np.asarray((arm >= 0) & np.isfinite(found.low))


def _family(
    family: Sequence[_Estimated], curves: Curves, model: Model, study: StudyData, *, alone: bool = False
) -> list[Explained]:
    """Rows of ratios that are corrected together; one that stands alone needs no correction."""
    p_holm = holm([one.p for one in family])
    results = [None if isinstance(one.result, str) else one.result for one in family]
    decisions = of_ratios(results, p_holm, [one.seeds for one in family], study.design.alpha, model.margin)
    rows = []
    for one, p, decided in zip(family, p_holm, decisions, strict=True):
        row = ConvergenceRow(
            model=model.name,
            eval_set=curves.eval_set,
            bn_mode=curves.bn_mode,
            target=one.target,
            cell=one.cell,
            term=model.term,
            p_method=p_method(one.seeds),
            p_holm=None if alone else p,
            n_seeds=one.seeds,
            censored_share=one.censored_share,
            left_out=one.left_out,
        )
        lost: Why = {} if one.censored_share is not None else {"censored_share": because("no_pair")}
        row, why = _told(row, one.result, decided)
        rows.append((row, why | lost))
    return rows


def _told(row: ConvergenceRow, result: Jackknifed | str, decided: CellDecision) -> Explained:
    """A row with its ratio, of which the model has the logarithm, and what is decided of it."""
    why: Why = dict.fromkeys(("p_signflip", "p_max_t"), because("jackknife_never_flips"))
    told: dict[str, object] = {"decision": decided.decision, "trivial": decided.trivial}
    if isinstance(result, str):
        return row.model_copy(update=told), why | dict.fromkeys(
            ("estimate", "ci95", "ci90", "p", "p_holm"), because(result)
        )
    told |= {
        "estimate": float(np.exp(result.estimate)),
        "ci95": _ratio(result.interval()),
        "ci90": _ratio(result.interval(0.9)),
        "p": result.p,
    }
    if result.why is not None:
        why |= dict.fromkeys(("ci95", "ci90", "p", "p_holm"), because(result.why))
    return row.model_copy(update=told), why


def _ratio(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if ends is None else (float(np.exp(ends[0])), float(np.exp(ends[1])))


def _coefficients(study: StudyData, curves: Curves, found: Crossings) -> list[Explained]:
    """The regression of the primary target on all factors, a row a coefficient; none without moderators."""
    fitted = regression(study, found) if study.design.moderators else None
    if fitted is None:
        return []
    share = float(found.censored[_compared(study, found)].mean())
    own = [one for one in fitted.coefficients if study.design.factor in one[0].levels]
    results = [None if isinstance(result, str) else result for _, result in own]
    p_holm = holm([None if one is None else one.p for one in results])
    decisions = of_ratios(results, p_holm, [fitted.seeds] * len(own), study.design.alpha)
    rows = []
    for place, (compared, result) in enumerate(fitted.coefficients):
        row = _coefficient(study, curves, fitted, compared, share)
        inside = place < len(own)
        row, why = _told(row, result, decisions[place] if inside else CellDecision("undecided"))
        if inside:
            one_way = len(compared.levels) == 1 or row.decision not in ("first", "second")
            row = row.model_copy(update={"p_holm": p_holm[place], "decision": row.decision if one_way else "differs"})
        else:
            row = row.model_copy(update={"decision": None})
            why |= dict.fromkeys(("p_holm", "decision"), because("described_only"))
        if fitted.no_p is not None:
            why |= dict.fromkeys(("ci95", "ci90", "p", *(("p_holm",) if inside else ())), fitted.no_p)
        rows.append((row, why))
    return rows


def _coefficient(
    study: StudyData, curves: Curves, fitted: Regression, compared: Compared, share: float
) -> ConvergenceRow:
    """The row of a coefficient without its estimate."""
    factor = study.design.factor
    named = (name if name == factor else f"{name}[{level}]" for name, level in compared.levels.items())
    return ConvergenceRow(
        model="aft_regression",
        eval_set=curves.eval_set,
        bn_mode=curves.bn_mode,
        target=study.design.targets[0],
        at=compared.levels,
        against=compared.against,
        term=":".join(named),
        p_method=p_method(fitted.seeds),
        n_seeds=fitted.seeds,
        censored_share=share,
        left_out=fitted.left_out,
    )
