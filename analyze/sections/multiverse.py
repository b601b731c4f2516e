"""Does the headline survive other reasonable choices? A share of choices, not a probability.

Within an estimand an analyst may choose the scale, the test, how diverged and stuck runs are scored, what is done
about missing runs, and whether one level of a moderator is left out. BatchNorm's mode, the area under the curve and
the loss are other estimands; weighting cells by their precision is another too. A row agrees when its sign (of loss,
turned) and its side of alpha are those of the primary result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, MultiverseRow, Primary, Why, because
from analyze.inference.paired import spread, t_p, wilcoxon_p
from analyze.inference.signflip import flip_p, flips
from analyze.measures import curve_shape, response
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections import descriptions
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]

TESTS = ("t", "sign-flip", "Wilcoxon")


@dataclass(frozen=True)
class Universe:
    """One way to get seed means, (S,), NaN where a seed lacks them. `turned`: less is better, as of a loss."""

    estimand: str
    choices: dict[str, str | Cell]
    seed_means: Array
    turned: bool = False


def rows(study: StudyData, primary: Primary, curves: Curves | None) -> list[tuple[MultiverseRow, Why]]:
    """Every choice within the primary's estimand, then the other estimands."""
    universes = list(_universes(study, curves))
    p_flip = flip_p([np.nan_to_num(one.seed_means)[:, None] for one in universes], flips())
    alpha = study.design.alpha
    return [
        _row(universe, test, primary, alpha, flipped)
        for universe, flipped in zip(universes, p_flip, strict=True)
        for test in TESTS
    ]


def _row(
    universe: Universe, test: str, primary: Primary, alpha: float, flipped: float | None
) -> tuple[MultiverseRow, Why]:
    means = universe.seed_means[np.isfinite(universe.seed_means)]
    estimate = float(means.mean()) if len(means) else None
    p = _p(means, test, flipped)
    agrees = None
    if estimate is not None and p is not None and primary.estimate is not None and primary.p_t is not None:
        same_sign = np.sign(-estimate if universe.turned else estimate) == np.sign(primary.estimate)
        agrees = bool(same_sign and (p <= alpha) == (primary.p_t <= alpha))
    row = MultiverseRow(
        estimand=universe.estimand, choices=universe.choices | {"test": test}, estimate=estimate, p=p, agrees=agrees
    )
    why: Why = {}
    if estimate is None:
        why["estimate"] = because("no_complete_seed_here")
    if p is None:
        why["p"] = because("equal_means")
    if agrees is None:
        why["agrees"] = because("no_p_to_compare")
    return row, why


def _p(means: Array, test: str, flipped: float | None) -> float | None:
    if len(means) < 2:
        return None
    if test == "sign-flip":
        return flipped
    if test == "Wilcoxon":
        return wilcoxon_p(np.round(means, 9))
    sd = spread(means)
    return t_p(float(means.mean()), sd, len(means)) if sd > 0 else None


def _universes(study: StudyData, curves: Curves | None) -> Iterator[Universe]:
    scales = {"raw": response.percent(study, "running"), "logit": response.logit(study, "running")}
    for scale, (policy, kept) in product(scales, _policies(study).items()):
        values = scales[scale]
        if values is None:
            continue
        paired = arms(study.trials, np.where(kept, values, np.nan), study.design)
        base: dict[str, str | Cell] = {"scale": scale, "failures": policy}
        yield Universe(
            "final accuracy",
            base | {"seeds": "complete", "left out": "nothing"},
            by_seed(paired.difference, paired.everywhere),
        )
        if not paired.complete.all():
            yield Universe("final accuracy", base | {"seeds": "all", "left out": "nothing"}, _available(paired))
        for moderator, levels in zip(paired.moderators, paired.levels, strict=True):
            for level in levels:
                choices = base | {"seeds": "complete", "left out": {moderator: level}}
                yield Universe("final accuracy", choices, by_seed(paired.difference, ~paired.mask(moderator, level)))
    yield from _other_estimands(study, curves)


def _other_estimands(study: StudyData, curves: Curves | None) -> Iterator[Universe]:
    plain: dict[str, str | Cell] = {"failures": "at chance", "seeds": "complete", "left out": "nothing"}

    def universe(estimand: str, values: Array, *, turned: bool = False) -> Universe:
        paired = arms(study.trials, values, study.design)
        return Universe(estimand, plain, by_seed(paired.difference, paired.everywhere), turned)

    if "batch" in response.modes(study):
        yield universe("final accuracy, batch statistics", response.percent(study, "batch"))
    primary = arms(study.trials, response.percent(study, "running"), study.design)
    yield Universe("gap in standard deviations of its cell", plain, _standardised(primary))
    if "test_loss" in study.trials and study.trials["test_loss"].notna().any():
        yield universe("final test loss", study.trials["test_loss"].to_numpy(dtype=float), turned=True)
    if curves is not None:
        budget = crossings(study, curves, study.design.targets[0]).budget
        yield universe("area under the learning curve", curve_shape.area(study, curves, budget))


def _policies(study: StudyData) -> dict[str, NDArray[np.bool_]]:
    """Which trials count: all, with failures at chance; or those that trained."""
    every = np.ones(len(study.trials), bool)
    stuck = descriptions.stuck(study)
    trained = (study.trials["status"] != "diverged").to_numpy() & ~(stuck if stuck is not None else ~every)
    policies = {"at chance": every}
    return policies if trained.all() else policies | {"pairs that trained": trained}


def _available(paired: Arms) -> Array:
    """Means over the cells that each seed has."""
    values = paired.difference
    count = np.isfinite(values).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def _standardised(paired: Arms) -> Array:
    """Means over cells of the gap in units of the cell's sd(D), so that loud cells weigh no more than quiet ones."""
    values = paired.difference[:, paired.present]
    sds = np.array(
        [spread(column[np.isfinite(column)]) if np.isfinite(column).sum() > 1 else 0.0 for column in values.T]
    )
    loud = sds > 0
    return np.asarray((values[:, loud] / sds[loud]).mean(axis=1)) if loud.any() else np.full(len(values), np.nan)
