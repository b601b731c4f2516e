"""How often the decisions are false, and how often they find what is there, on simulated studies of known truth.

Two by two cells or one, a margin of .1 and a level of .05. A difference varies by seed and cell with `sd`, and its mean
over cells by seed with 3/8 of it. Arms go the way of `analyse`: cells, effects, headline. `make soak` runs 4000 studies
a truth, the suite a hundred or so.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.findings import ACCURACY, Primary, SimpleEffect
from analyze.inference import anova, paired
from analyze.sections import cells, effects, headline
from analyze.study.load import StudyData
from analyze.study.pairing import Arms
from analyze.study.question import Design

ALPHA, MARGIN, CONTRAST = 0.05, 0.1, ("act_bn", "bn_act")
MODERATORS = {"depth": (2, 4), "activation": ("relu", "tanh")}
#: What may be false of an answer, each on its own at ALPHA; "any" is their union, which is reported. "It depends" is
#: said by two families of one level each, interactions and cells beside a mean that is equivalent: each rule that says
#: it is bounded, and both together are reported, .07 where there is no effect and a mean is known precisely.
BOUNDED = ("interaction", "cells_differ", "yes", "no", "a cell")


@dataclass(frozen=True)
class Truth:
    """A world: the gap in each cell, what varies, and shares of answers that were measured when the rules were made.

    `lost` is the share of pairs that are missing, `failing` that of runs at chance, in either arm.
    """

    gaps: tuple[float, ...]
    seeds: int
    sd: float
    lost: float = 0.0
    failing: float = 0.0
    measured: Mapping[str, float] = field(default_factory=dict)
    studies: int = 60


#: Studies behind each measured share.
MEASURED = 600
NONE, EACH, CROSSED = (0.0,) * 4, (0.5,) * 4, (0.5, -0.5, -0.5, 0.5)
TRUTHS = {
    "no effect, 8 seeds": Truth(NONE, 8, 0.2, measured={"yes": 0.045, "no": 0.338, "undecided": 0.56}, studies=150),
    "no effect, noisy": Truth(NONE, 10, 0.45, measured={"yes": 0.048, "no": 0.007, "undecided": 0.90}),
    "no effect, precise": Truth(NONE, 10, 0.1),
    "no effect, pairs lost": Truth(NONE, 10, 0.2, lost=0.03),
    "no effect, runs fail": Truth(NONE, 10, 0.2, failing=0.05),
    "at the margin": Truth((0.1,) * 4, 10, 0.2, measured={"yes": 0.56, "no": 0.047, "undecided": 0.36}, studies=150),
    "at the margin, precise": Truth((0.1,) * 4, 10, 0.05),
    "each .5, 6 seeds": Truth(EACH, 6, 0.2, measured={"depends": 0.002, "yes": 0.998}),
    "each .5, noisy": Truth(EACH, 6, 0.45, measured={"depends": 0.03, "yes": 0.75, "undecided": 0.22}),
    "crossed, 6 seeds": Truth(CROSSED, 6, 0.2, measured={"depends": 0.987, "yes": 0.002, "no": 0.005}),
    "crossed, noisy": Truth(CROSSED, 8, 0.45, measured={"depends": 0.99, "undecided": 0.01}),
    "one cell .5": Truth((0.5, 0.0, 0.0, 0.0), 8, 0.2, measured={"depends": 0.97, "yes": 0.02, "undecided": 0.01}),
    "an arm diverges in one cell": Truth((-87.0, 0.0, 0.0, 0.0), 8, 0.2, measured={"depends": 1.0}),
    "one cell alone, no effect": Truth((0.0,), 10, 0.2, studies=150),
    "one cell alone, at the margin": Truth((0.1,), 10, 0.1, studies=150),
    "one cell alone, .5": Truth((0.5,), 10, 0.2, measured={"yes": 1.0}),
}


@pytest.fixture
def decisions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the numbers that are printed beside a decision and take most of the time."""
    for owner, name in [
        (paired, "bayes_factor"),
        (paired, "d_z_interval"),
        (paired, "pair_correlation"),
        (paired, "wilcoxon_p"),
        (anova, "partial_eta_sq_interval"),
        (headline, "_seeds_to_decide"),
    ]:
        monkeypatch.setattr(owner, name, lambda *_: None)


def simulated(truth: Truth, generator: np.random.Generator) -> Arms:
    """The arms of one study."""
    shape = truth.seeds, len(truth.gaps)
    favour = generator.normal(0, 0.375 * truth.sd, (truth.seeds, 1))
    second = generator.normal(97, 0.2, shape)
    first = second + truth.gaps + favour + generator.normal(0, truth.sd, shape)
    first[generator.random(shape) < truth.lost] = np.nan
    for arm in (first, second):
        arm[generator.random(shape) < truth.failing] = 10.0
    moderators = MODERATORS if len(truth.gaps) > 1 else {}
    return Arms(first, second, tuple(range(truth.seeds)), tuple(moderators), tuple(moderators.values()))


def answered(arms: Arms) -> tuple[Primary, list[SimpleEffect]]:
    """The headline of these arms and their cells, by the functions of the analysis."""
    factors = {"ordering": CONTRAST, **dict(zip(arms.moderators, arms.levels, strict=True))}
    study = StudyData(
        command="",
        folder=Path(),
        name="simulated",
        trials=pd.DataFrame(),
        design=Design(
            factors, "ordering", CONTRAST, response=ACCURACY.model_copy(update={"margin": MARGIN}), alpha=ALPHA
        ),
        planned=0,
        pending=0,
        extended=False,
        deviations=(),
        notes=(),
        metadata=None,
    )
    in_cells = [row for row, _ in cells.simple_effects([cells.Pair(CONTRAST, arms)], "running", "raw", MARGIN, ALPHA)]
    of_effects = effects.anova_rows(arms, "ordering", ALPHA, response="accuracy", scale="raw", mode="running")
    return headline.primary(study, arms, in_cells, [row for row, _ in of_effects])[0], in_cells


def false(truth: Truth, answer: Primary, in_cells: list[SimpleEffect]) -> Iterator[str]:
    """What is false of this answer: "depends" and what is bounded."""
    gap, within = float(np.mean(truth.gaps)), [abs(one) < MARGIN for one in truth.gaps]
    if answer.headline == "depends" and all(one == other for one, other in pairwise(truth.gaps)):
        yield from ("depends", answer.rule)
    yes, side = answer.headline in ("yes", "yes_trivial"), answer.decision
    if yes and not _ahead(side, gap):
        yield "yes"
    everywhere = answer.rule == "equivalent_in_every_cell" and not all(within)
    if everywhere or (answer.headline in ("no", "yes_trivial") and abs(gap) >= MARGIN):
        yield "no"
    if any(_called_wrongly(row, one) for row, one in zip(in_cells, truth.gaps, strict=True)):
        yield "a cell"


def _ahead(decision: str, gap: float) -> bool:
    """Whether a direction that was decided is that of the gap."""
    return gap > 0 if decision == "first" else gap < 0


def _called_wrongly(row: SimpleEffect, gap: float) -> bool:
    within = row.decision == "equivalent" or row.trivial
    return (row.decision in ("first", "second") and not _ahead(row.decision, gap)) or (within and abs(gap) >= MARGIN)


def shares(truth: Truth, studies: int) -> tuple[dict[str, float], dict[str, float]]:
    """Share of studies with each headline, a trivial yes being one, and with each falsehood."""
    generator = np.random.default_rng(20_260_501)
    said, wrong = Counter[str](), Counter[str]()
    for _ in range(studies):
        answer, in_cells = answered(simulated(truth, generator))
        found = list(false(truth, answer, in_cells))
        said[answer.headline.removesuffix("_trivial")] += 1
        wrong.update([*found, "any"] if found else [])
    return tuple({key: count / studies for key, count in one.items()} for one in (said, wrong))


def check(truth: Truth, studies: int) -> dict[str, float]:
    """No falsehood in more than .05 of studies and three standard errors; answers as often as they were measured."""
    said, wrong = shares(truth, studies)
    bound = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / studies)
    for name in BOUNDED:
        assert wrong.get(name, 0.0) <= bound, (wrong, said)
    for name, share in truth.measured.items():
        likely = (share * MEASURED + said.get(name, 0.0) * studies + 1) / (MEASURED + studies + 2)
        error = np.sqrt(likely * (1 - likely) * (1 / MEASURED + 1 / studies))
        assert said.get(name, 0.0) == pytest.approx(share, abs=4 * error), (name, said)
    return {f"says {name}": share for name, share in said.items()} | {f"false: {name}": wrong[name] for name in wrong}


@pytest.mark.usefixtures("decisions_only")
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_rates(truth: Truth, record_property: Callable[[str, object], None]) -> None:
    """Few studies of each truth: a rule that doubles its level, or finds half of what it found, fails."""
    for name, share in check(truth, truth.studies).items():
        record_property(name, share)


@pytest.mark.soak
@pytest.mark.usefixtures("decisions_only")
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_rates_in_full(truth: Truth, record_property: Callable[[str, object], None]) -> None:
    """4000 studies of each truth, within .060."""
    for name, share in check(truth, 4000).items():
        record_property(name, share)


def test_numbers_beside_a_decision_do_not_decide(request: pytest.FixtureRequest) -> None:
    """The same studies with and without them have the same answers."""
    studies = [simulated(truth, np.random.default_rng(3)) for truth in TRUTHS.values()]
    whole = [answered(arms) for arms in studies]
    request.getfixturevalue("decisions_only")
    for (answer, in_cells), arms in zip(whole, studies, strict=True):
        bare, others = answered(arms)
        assert (bare.headline, bare.rule, bare.decision) == (answer.headline, answer.rule, answer.decision)
        assert [row.decision for row in others] == [row.decision for row in in_cells]
