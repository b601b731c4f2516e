"""How often the claims about LayerNorm's place together give a false verdict, on simulated studies of known truth.

Ten seeds; both places at two depths, without and with warm-up, at two learning rates; validation accuracies and
gradients before training. A study counts as wrong if any claim has a false verdict. `make soak` runs 4000 studies a
truth.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.claims.judge import judge
from analyze.findings import ACCURACY
from analyze.study.load import StudyData
from analyze.study.question import Design
from analyze.study.scores import COLUMN

SEEDS, MARGIN = 10, 0.3
FACTORS = {"norm": ("pre", "post"), "depth": (2, 8), "warmup": (0, 100), "learning_rate": (1e-3, 1e-2)}
RUNS = pd.MultiIndex.from_product([range(SEEDS), *FACTORS.values()], names=["seed", *FACTORS]).to_frame(index=False)
#: Standard deviations in points: of a run, of a seed; and of a log gradient norm, by seed, depth and place.
RUN, SEED, GRADIENT = 0.12, 0.2, 0.1
FLAT = {"pre": 0.0, "post": 0.0}


@dataclass(frozen=True)
class Truth:
    """A world: points that a run loses, the powers of depth that gradients are of, and the verdicts that are true."""

    true: Mapping[str, str]
    lost: Callable[[pd.DataFrame], "pd.Series[float]"] = lambda runs: 0.0 * runs["depth"]
    power: Mapping[str, float] = field(default_factory=lambda: FLAT)


def _cold(runs: pd.DataFrame, *, norm: str | None = None, least: int = 0) -> "pd.Series[float]":
    """One for a run without warm-up, of a place and from a depth on."""
    there = (runs["warmup"] == 0) & (runs["depth"] >= least)
    return 1.0 * (there if norm is None else there & (runs["norm"] == norm))


ALIKE = {"post_needs_warmup": "refuted", "pre_without_warmup": "supported", "tuned_alike": "supported"}
TRUTHS = {
    "no effect": Truth(ALIKE),
    "at the margin": Truth({}, lambda runs: MARGIN * (_cold(runs) - (runs["norm"] == "pre"))),
    "as Xiong et al. say": Truth(
        ALIKE | {"post_needs_warmup": "supported", "pre_gradients": "supported"},
        lambda runs: 2.0 * _cold(runs, norm="post"),
        {"pre": -0.5, "post": 0.0},
    ),
    "only deep networks need it": Truth(
        {"post_needs_warmup": "mixed", "pre_without_warmup": "refuted", "tuned_alike": "supported"}
        | {"pre_gradients": "refuted"},
        lambda runs: 2.0 * _cold(runs, least=8),
        {"pre": 0.5, "post": 0.5},
    ),
    "unlike at the best": Truth(
        ALIKE | {"tuned_alike": "refuted"}, lambda runs: 1.0 * ((runs["norm"] == "post") & (runs["depth"] == 2))
    ),
}


def simulated(truth: str, generator: np.random.Generator) -> StudyData:
    """A study in memory: seeds vary, runs vary about them, and validation and test see the same network."""
    world = TRUTHS[truth]
    network = 95 + generator.normal(0, SEED, SEEDS)[RUNS["seed"]] + generator.normal(0, RUN, len(RUNS))
    trials = RUNS.assign(trial_id=[str(number) for number in range(len(RUNS))], status="completed")
    trials[COLUMN["running"]] = network - world.lost(RUNS)
    trials["validation_accuracy"] = (trials[COLUMN["running"]] + generator.normal(0, RUN, len(RUNS))) / 100
    study = StudyData(
        command="",
        folder=Path(),
        name="simulated",
        trials=trials,
        design=Design(FACTORS, "norm", ("pre", "post"), response=ACCURACY.model_copy(update={"margin": MARGIN})),
        planned=len(trials),
        pending=0,
        extended=False,
        deviations=(),
        notes=(),
        metadata=None,
    )
    vars(study)["layers"] = _layers(trials, world.power, generator)
    return study


def _layers(trials: pd.DataFrame, power: Mapping[str, float], generator: np.random.Generator) -> pd.DataFrame:
    """Gradient norms of two layers before training, alike for runs that differ in how they are trained."""
    drawn = pd.Series(generator.normal(0, GRADIENT, SEEDS * 4), trials.groupby(["seed", "norm", "depth"]).size().index)
    logs = drawn.loc[list(trials[["seed", "norm", "depth"]].itertuples(index=False))].to_numpy()
    logs = logs + trials["norm"].map(power).to_numpy() * np.log(trials["depth"].to_numpy())
    one = pd.DataFrame({"trial_id": trials["trial_id"], "step": 0, "layer": 1, "grad_norm": np.exp(logs)})
    return pd.concat([one, one.assign(layer=2, grad_norm=1.0)], ignore_index=True)


def false_verdicts(truth: str, studies: int) -> tuple[float, Counter[str]]:
    """Share of studies with any false verdict, and how often each claim has each verdict."""
    generator = np.random.default_rng(20_261_126)
    wrong, counts = 0, Counter[str]()
    for _ in range(studies):
        said = [(claim.id, claim.verdict) for claim, _ in judge(simulated(truth, generator), None)[0]]
        true = TRUTHS[truth].true
        wrong += any(one in {"supported", "refuted", "mixed"} and one != true.get(claim) for claim, one in said)
        counts.update(f"{claim} {verdict}" for claim, verdict in said)
    return wrong / studies, counts


def check(truth: str, studies: int) -> Counter[str]:
    """False verdicts are as rare as one test's at .05; what is true is found, where the design can show it."""
    share, counts = false_verdicts(truth, studies)
    assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies), (share, counts)
    for claim, verdict in TRUTHS[truth].true.items():
        assert counts[f"{claim} {verdict}"] / studies > 0.4, counts
    return counts


@pytest.mark.parametrize("truth", TRUTHS)
def test_false_verdicts(truth: str) -> None:
    """Ten studies of each truth."""
    check(truth, 10)


@pytest.mark.soak
@pytest.mark.parametrize("truth", TRUTHS)
def test_false_verdicts_in_full(truth: str, record_property: Callable[[str, object], None]) -> None:
    """4000 studies of each truth, within .060."""
    for name, count in check(truth, 4000).items():
        record_property(name, count)
