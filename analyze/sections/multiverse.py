"""Does the headline survive other reasonable choices? A share of choices, not a probability.

Within an estimand an analyst may choose the scale, the test, how diverged and stuck runs are scored, what is done
about missing runs. BatchNorm's mode, the area under the curve and the loss are other estimands; weighting cells by
their precision is another too. A row agrees when its sign (of loss, turned) and its side of alpha are those of what was
decided of the mean over cells; of so few seeds that no exact test could decide it does neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analyze.findings import ACCURACY, BY_WINS, Cell, Message, MultiverseRow, Primary, Why, because
from analyze.inference.paired import spread, t_p, wilcoxon_p
from analyze.inference.signflip import flip_p, flips, least_seeds
from analyze.measures import curve_shape, response
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections import descriptions
from analyze.sections.decision import decidable
from analyze.sections.time_ratios import least_squares_ratio
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]

#: Decisions that another p can agree with; equivalence is not among them, for no row tests it again.
DECIDED = ("first", "second", "undecided")

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
    p_flip = flip_p([one.seed_means[:, None] for one in universes], flips())
    alpha = study.design.alpha
    table = [
        _row(universe, test, primary, alpha, flipped)
        for universe, flipped in zip(universes, p_flip, strict=True)
        for test in TESTS
    ]
    return table if curves is None else [*table, _of_time(study, curves)]


def _of_time(study: StudyData, curves: Curves) -> tuple[MultiverseRow, Why]:
    """The time ratio by least squares on log times with seeds as clusters; the headline asks another question."""
    theirs = least_squares_ratio(study, crossings(study, curves, study.design.targets[0]))
    choices: dict[str, str | Cell] = {"model": "least squares", "test": "t over seeds as clusters"}
    if theirs is None:
        row = MultiverseRow(estimand="time to the target", choices=choices, estimate=None, p=None, agrees=None)
        return row, dict.fromkeys(("estimate", "p"), because("times_tell_nothing")) | {
            "agrees": because("no_p_to_compare")
        }
    estimate = float(np.exp(theirs.estimate))
    row = MultiverseRow(estimand="time to the target", choices=choices, estimate=estimate, p=theirs.p, agrees=None)
    return row, {"agrees": because("another_question")}


def _row(
    universe: Universe, test: str, primary: Primary, alpha: float, flipped: float | None
) -> tuple[MultiverseRow, Why]:
    means = universe.seed_means[np.isfinite(universe.seed_means)]
    estimate = float(means.mean()) if len(means) else None
    p = _p(means, test, flipped)
    agrees = None
    by_wins = primary.rule in BY_WINS
    few = not decidable(len(means), alpha)
    decided = primary.decision in DECIDED and not by_wins and not few
    if estimate is not None and p is not None and primary.estimate is not None and decided:
        same_sign = np.sign(-estimate if universe.turned else estimate) == np.sign(primary.estimate)
        agrees = bool(same_sign and (p <= alpha) == (primary.decision in ("first", "second")))
    row = MultiverseRow(
        estimand=universe.estimand, choices=universe.choices | {"test": test}, estimate=estimate, p=p, agrees=agrees
    )
    why: Why = {}
    if estimate is None:
        why["estimate"] = because("no_complete_seed_here")
    if p is None:
        why["p"] = because("equal_means")
    if agrees is None:
        why["agrees"] = _why_not_compared(primary, least_seeds(alpha) if few and p is not None else None)
    return row, why


def _why_not_compared(primary: Primary, needed: int | None) -> Message:
    """Why a choice neither agrees nor does not; `needed` are the seeds of which it has too few."""
    if primary.rule in BY_WINS:
        return because("decided_by_wins")
    if primary.decision == "equivalent":
        return because("equivalence_not_retested")
    return because("no_p_to_compare") if needed is None else because("seeds_too_few", count=needed)


def _p(means: Array, test: str, flipped: float | None) -> float | None:
    if len(means) < 2:
        return None
    if test == "sign-flip":
        return flipped
    if test == "Wilcoxon":
        return wilcoxon_p(np.round(means, 9))
    return t_p(means) if spread(means) > 0 else None


def _universes(study: StudyData, curves: Curves | None) -> Iterator[Universe]:
    scales = response.scales(study, "running")
    estimand = "final accuracy" if study.design.response.name == ACCURACY.name else "the response"
    for scale, (policy, kept) in product(scales, _policies(study).items()):
        values = scales[scale]
        if values is None:
            continue
        paired = arms(study.trials, np.where(kept, values, np.nan), study.design)
        base: dict[str, str | Cell] = {"scale": scale, "failures": policy}
        yield Universe(
            estimand,
            base | {"seeds": "complete"},
            by_seed(paired.difference, paired.everywhere),
        )
        if not paired.complete.all():
            yield Universe(estimand, base | {"seeds": "all"}, _available(paired))
    if study.design.response.name == ACCURACY.name:
        yield from _other_estimands(study, curves)
    else:
        primary = arms(study.trials, response.values(study), study.design)
        choices: dict[str, str | Cell] = {"failures": "pairs that trained", "seeds": "complete"}
        yield Universe("gap in standard deviations of its cell", choices, _standardised(primary))


def _other_estimands(study: StudyData, curves: Curves | None) -> Iterator[Universe]:
    plain: dict[str, str | Cell] = {"failures": "at chance", "seeds": "complete"}

    def universe(estimand: str, values: Array, *, turned: bool = False, failures: str = "at chance") -> Universe:
        paired = arms(study.trials, values, study.design)
        choices = plain | {"failures": failures}
        return Universe(estimand, choices, by_seed(paired.difference, paired.everywhere), turned)

    if "batch" in response.modes(study):
        yield universe("final accuracy, batch statistics", response.accuracy(study, "batch"))
    primary = arms(study.trials, response.values(study), study.design)
    yield Universe("gap in standard deviations of its cell", plain, _standardised(primary))
    if "test_loss" in study.trials and study.trials["test_loss"].notna().any():
        loss = study.trials["test_loss"].to_numpy(dtype=float)
        finite = np.isfinite(loss)
        ran = study.trials[study.design.factor].isin(study.design.contrast) & (study.trials["status"] != "failed")
        failures = "at chance" if finite[ran].all() else "finite losses only"
        yield universe("final test loss", np.where(finite, loss, np.nan), turned=True, failures=failures)
    if curves is not None:
        budget = crossings(study, curves, study.design.targets[0]).budget
        yield universe("area under the learning curve", curve_shape.area(study, curves, budget))


def _policies(study: StudyData) -> dict[str, NDArray[np.bool_]]:
    """Which trials count: all, with failures at chance; or those that trained, the only ones with another response."""
    every = np.ones(len(study.trials), bool)
    if study.design.response.name != ACCURACY.name:
        return {"pairs that trained": every}
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
