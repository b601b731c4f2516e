"""Descriptions that figures draw: time-to-target as steps, probes by layer, and what more seeds would detect."""

from collections.abc import Sequence

import numpy as np

from analyze.findings import LayerPoint, PowerPoint, PowerRow, SurvivalPoint
from analyze.inference.power import level_of_one, smallest_detectable
from analyze.measures import probes
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections.decision import decidable
from analyze.sections.descriptions import BAND
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of

#: Numbers of seeds at which the power curve is drawn.
SEEDS = (6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


def survival(study: StudyData, curves: Curves) -> list[SurvivalPoint]:
    """Share of runs that have not reached the primary target, where it changes and at the budget's end.

    A run counts as below the target up to the evaluation that first finds it reached, and a diverged run to the end.
    """
    target = study.design.targets[0]
    crossed = crossings(study, curves, target)
    names, number = cells_of(study)
    levels = study.design.factors[study.design.factor]
    rank = codes_of(study.trials[study.design.factor], levels)
    points = []
    for cell, name in enumerate(names):
        for one, level in enumerate(levels):
            here = (number == cell) & (rank == one) & ~np.isnan(crossed.high)
            if not here.any():
                continue
            reached, end = crossed.high[here], crossed.budget[here].max()
            points += [
                SurvivalPoint(
                    cell=name,
                    level=level,
                    target=target,
                    bn_mode=curves.bn_mode,
                    examples_seen=int(examples),
                    surviving=float((reached > examples).mean()),
                    n=len(reached),
                )
                for examples in np.unique([*reached[np.isfinite(reached)], end])
            ]
    return points


def layer_profile(study: StudyData) -> list[LayerPoint]:
    """Every probe of a layer below the classifier, in the window of its measure: median over seeds, central 80 %."""
    table = probes.by_layer(study)
    if table is None:
        return []
    names, number = cells_of(study)
    levels = study.design.factors[study.design.factor]
    rank = codes_of(study.trials[study.design.factor], levels)
    here = table["trial"].to_numpy()
    table = table.assign(cell=number[here], rank=rank[here])
    points = []
    for measure in (name for name in probes.OF_LAYERS if name in table):
        known = table[np.isfinite(table[measure].to_numpy(dtype=float))]
        grouped = known.groupby(["cell", "rank", "layer"])[measure]
        for (cell, one, layer), values in grouped:
            low, middle, high = np.quantile(values, [BAND[0], 0.5, BAND[1]])
            points.append(
                LayerPoint(
                    measure=measure,
                    cell=names[cell],
                    level=levels[one],
                    layer=int(layer),
                    value=float(middle),
                    low=float(low),
                    high=float(high),
                    n_seeds=len(values),
                )
            )
    return points


def power_curve(rows: Sequence[PowerRow], alpha: float, seeds: Sequence[int] = SEEDS) -> list[PowerPoint]:
    """Smallest detectable gap for other numbers of seeds; it is proportional to the sd of the differences."""
    level = {True: level_of_one(alpha, sum(bool(row.cell) for row in rows)), False: alpha}
    unit = {
        (count, in_cell): smallest_detectable(1.0, count, level[in_cell])
        for count in seeds
        if decidable(count, alpha)
        for in_cell in level
    }
    return [
        PowerPoint(cell=row.cell or None, n_seeds=count, smallest_detectable=row.sd * gap)
        for row in rows
        if row.sd
        for (count, in_cell), gap in unit.items()
        if gap is not None and in_cell == bool(row.cell)
    ]
