"""Train accuracy and the losses: what test accuracy has, on average and in every cell.

Each response is a family of its own: its cells, and the interactions of its model. Nothing is corrected over responses.
"""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import AnovaRow, Cell, Decision, ResponseRow, Why, because
from analyze.inference.paired import Comparison, spread
from analyze.inference.signflip import least_seeds
from analyze.measures import response
from analyze.measures.response import Further
from analyze.sections.cells import Pair, compared, corrected
from analyze.sections.decision import decidable, of_one
from analyze.sections.effects import anova_rows
from analyze.sections.mean import cells_of_mean, mean_over_cells, reasons_of
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]


def effects(study: StudyData) -> list[tuple[AnovaRow, Why]]:
    """The model of every further response."""
    return [
        row
        for one in response.further(study)
        for row in anova_rows(
            arms(study.trials, one.values, study.design),
            study.design.factor,
            study.design.alpha,
            response=one.name,
            scale="raw",
            mode="running",
        )
    ]


def rows(study: StudyData) -> list[tuple[ResponseRow, Why]]:
    """Every further response: the mean over cells, then each cell."""
    primary = arms(study.trials, response.values(study), study.design)
    rows = []
    for one in response.further(study):
        paired = arms(study.trials, one.values, study.design)
        missing = (np.isfinite(primary.difference) & ~np.isfinite(paired.difference)).sum(axis=0)
        rows += [_mean(study, one, paired, int(missing.sum())), *_cells(study, one, paired, missing)]
    return rows


def _margin(study: StudyData, one: Further) -> float | None:
    """The margin of an accuracy is in percentage points: equivalence of losses is not declared."""
    return study.design.response.margin if one.unit == "pp" and study.design.response.is_accuracy else None


def _mean(study: StudyData, one: Further, paired: Arms, missing: int) -> tuple[ResponseRow, Why]:
    margin, alpha = _margin(study, one), study.design.alpha
    inside = cells_of_mean(paired, alpha)
    mean = mean_over_cells(paired, margin, inside)
    decided = of_one(mean.comparison, mean.p_signflip, margin, alpha)
    complete = np.isfinite(by_seed(paired.difference, inside))
    return _row(
        one,
        mean.comparison,
        (by_seed(paired.first, inside)[complete], by_seed(paired.second, inside)[complete]),
        missing=missing,
        margin=margin,
        left_out=tuple(cell for cell, here in zip(paired.cells, inside, strict=True) if not here),
        p=(mean.p_signflip, mean.p_signflip),
        decision=decided.decision,
        trivial=decided.trivial,
    )


def _cells(study: StudyData, one: Further, paired: Arms, missing: NDArray[np.int64]) -> list[tuple[ResponseRow, Why]]:
    margin, alpha = _margin(study, one), study.design.alpha
    found = compared(Pair(study.design.contrast, paired), margin)
    flipped = corrected(found, paired.difference, margin, alpha)
    few = because("seeds_too_few", count=least_seeds(alpha))
    rows = []
    for index, cell in enumerate(paired.cells):
        both = np.isfinite(paired.difference[:, index])
        p, decided = flipped.p_max_t[index], flipped.decisions[index]
        row, why = _row(
            one,
            found[index],
            (paired.first[both, index], paired.second[both, index]),
            cell=cell,
            missing=int(missing[index]),
            margin=margin,
            p=(flipped.p_signflip[index], p),
            decision=decided.decision,
            trivial=decided.trivial,
        )
        if p is None and not decidable(row.n, alpha):
            why["p_max_t"] = few
        rows.append((row, why))
    return rows


def _row(
    one: Further,
    found: Comparison,
    levels: tuple[Array, Array],
    *,
    p: tuple[float | None, float | None],
    decision: Decision,
    trivial: bool,
    missing: int,
    margin: float | None,
    cell: Cell | None = None,
    left_out: tuple[Cell, ...] = (),
) -> tuple[ResponseRow, Why]:
    """A row of the responses of both levels over complete pairs, (n,) each, and why its nulls are null."""
    means = [float(values.mean()) if len(values) else None for values in levels]
    sds = [spread(values) if len(values) > 1 else None for values in levels]
    row = ResponseRow(
        response=one.name,
        cell=cell,
        unit=one.unit,
        better=one.better,
        n=found.n,
        missing=missing,
        left_out=left_out,
        mean_first=means[0],
        sd_first=sds[0],
        mean_second=means[1],
        sd_second=sds[1],
        gap=found.gap,
        sd=found.sd,
        ci95=found.ci95,
        ci90=found.ci90,
        t=found.t,
        p_t=found.p_t,
        p_signflip=p[0],
        p_max_t=p[1],
        p_tost=found.p_tost,
        decision=decision,
        trivial=trivial,
    )
    why = reasons_of(row, found, row.p_signflip)
    if row.p_max_t is None and "p_signflip" in why:
        why["p_max_t"] = why["p_signflip"]
    if margin is None:
        why["p_tost"] = because("no_margin" if one.unit == "pp" else "margin_in_points")
    if found.n < 2:
        why |= dict.fromkeys(("sd_first", "sd_second"), because("two_complete_pairs"))
    if found.n < 1:
        why |= dict.fromkeys(("mean_first", "mean_second"), because("no_pair"))
    return row, why
