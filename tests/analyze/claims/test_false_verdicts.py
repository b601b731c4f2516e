"""How often all claims together give a false verdict, on simulated studies of which the truth is known.

Ten seeds; three orderings, two depths and three activations; both modes of BatchNorm, losses, gradients and learning
curves. A study counts as wrong if any claim has a false verdict. `make soak` runs 4000 studies a truth.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.claims.judge import judge
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData
from analyze.study.question import Design
from analyze.study.scores import COLUMN

SEEDS, DEPTHS, ACTIVATIONS, ORDERINGS = 10, (2, 8), ("relu", "elu", "tanh"), ("bn_act", "act_bn", "none")
RUNS = pd.MultiIndex.from_product(
    [range(SEEDS), ORDERINGS, DEPTHS, ACTIVATIONS], names=["seed", "ordering", "depth", "activation"]
).to_frame(index=False)
FIRST = (RUNS["ordering"] == "act_bn").to_numpy()
EXAMPLES = np.geomspace(100, 20_000, 12)

CELLS = list(product(DEPTHS, ACTIVATIONS))


@dataclass(frozen=True)
class Truth:
    """A world: act_bn's gap by cell, the factors of its spread and of its time to learn, and what is true in it.

    Any verdict on a claim that `true` does not name is false, and so is any other verdict on one that it names.
    """

    gaps: Mapping[tuple[int, str], float]
    true: Mapping[str, str]
    wider: float = 1.0
    sooner: float = 1.0


CALM = {"relu_instability": "refuted"}
TRUTHS = {
    "no effect": Truth({}, CALM | {"small_effect": "supported"}),
    "every cell at the margin": Truth(dict.fromkeys(CELLS, 0.1), CALM),
    "every cell .5": Truth(dict.fromkeys(CELLS, 0.5), CALM | {"small_effect": "refuted", "depth_crossover": "refuted"}),
    "crossed": Truth(
        {cell: 0.5 if cell[0] == 2 else -0.5 for cell in CELLS},
        CALM | {"small_effect": "refuted", "depth_crossover": "supported"},
    ),
    "one cell .5": Truth({(2, "relu"): 0.5}, CALM | {"small_effect": "refuted", "bounded_gain": "refuted"}),
    "unstable and fast": Truth(
        {},
        {
            "small_effect": "supported",
            "relu_instability": "supported",
            "early_speed": "supported",
            "stale_statistics": "refuted",
        },
        wider=2.0,
        sooner=0.8,
    ),
}


def simulated(truth: str, generator: np.random.Generator) -> tuple[StudyData, Curves]:
    """A study in memory: seeds vary, and favour an ordering; spread, losses, gradients and curves vary by run."""
    world = TRUTHS[truth]
    gap = np.array([world.gaps.get(cell, 0.0) for cell in zip(RUNS["depth"], RUNS["activation"], strict=True)])
    noise = generator.normal(0, 0.2, len(RUNS)) * np.where(FIRST, world.wider, 1.0)
    favour = generator.normal(0, 0.15 / 2, (SEEDS, len(ORDERINGS)))
    at = favour[RUNS["seed"], RUNS["ordering"].map(ORDERINGS.index)]
    running = 97 + generator.normal(0, 0.2, SEEDS)[RUNS["seed"]] + noise + at + FIRST * gap
    trials = RUNS.assign(
        trial_id=[str(number) for number in range(len(RUNS))],
        status="completed",
        test_loss=generator.normal(0.1, 0.01, len(RUNS)),
        train_loss=generator.normal(0.05, 0.01, len(RUNS)),
    )
    bare = trials["ordering"] == "none"
    trials[COLUMN["running"]] = running
    trials[COLUMN["batch"]] = (trials[COLUMN["running"]] + generator.normal(0, 0.05, len(RUNS))).mask(bare)
    study = StudyData(
        command="",
        folder=Path(),
        name="simulated",
        trials=trials,
        design=Design(
            {"ordering": ORDERINGS, "depth": DEPTHS, "activation": ACTIVATIONS}, "ordering", ("act_bn", "bn_act")
        ),
        planned=len(trials),
        pending=0,
        extended=False,
        deviations=(),
        notes=(),
        metadata=None,
    )
    vars(study)["layers"] = _layers(trials, generator)
    return study, _curves(trials, np.where(FIRST, world.sooner, 1.0), generator)


def _layers(trials: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Log gradient norms that fall or rise over three convolutions, by run."""
    layers = np.arange(3)
    logs = generator.normal(0, 0.3, (len(trials), 1)) * layers
    return pd.DataFrame(
        {
            "trial_id": np.repeat(trials["trial_id"].to_numpy(), len(layers)),
            "step": 100,
            "layer": np.tile(layers, len(trials)),
            "kind": "conv",
            "grad_norm": np.exp(logs).ravel(),
        }
    )


def _curves(trials: pd.DataFrame, factor: np.ndarray, generator: np.random.Generator) -> Curves:
    """Accuracy that rises exponentially to the run's own, within a time that varies by run."""
    scale = 1500 * factor * np.exp(generator.normal(0, 0.15, len(trials)))
    final = trials[COLUMN["batch"]].fillna(trials[COLUMN["running"]]).to_numpy()[:, None]
    accuracy = final - (final - 10) * np.exp(-EXAMPLES / scale[:, None])
    points = pd.DataFrame(
        {
            "trial": np.repeat(np.arange(len(trials)), len(EXAMPLES)),
            "examples_seen": np.tile(EXAMPLES, len(trials)),
            "accuracy": accuracy.ravel() / 100,
        }
    )
    return Curves(points, "subset", "batch")


def false_verdicts(truth: str, studies: int) -> tuple[float, Counter[str]]:
    """Share of studies with any false verdict, and how often each claim has each verdict."""
    generator = np.random.default_rng(20_260_401)
    wrong, counts = 0, Counter[str]()
    for _ in range(studies):
        said = [(claim.id, claim.verdict) for claim, _ in judge(*simulated(truth, generator))[0]]
        wrong += _any_false(said, TRUTHS[truth].true)
        counts.update(f"{claim} {verdict}" for claim, verdict in said)
    return wrong / studies, counts


def _any_false(said: Iterable[tuple[str, str]], true: Mapping[str, str]) -> bool:
    return any(verdict in {"supported", "refuted", "mixed"} and verdict != true.get(claim) for claim, verdict in said)


def check(truth: str, studies: int) -> Counter[str]:
    """False verdicts are as rare as one test's at .05; what is large and true is found."""
    share, counts = false_verdicts(truth, studies)
    assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies), (share, counts)
    found = {"every cell .5": "small_effect refuted", "crossed": "depth_crossover supported"}
    if truth in found:
        assert counts[found[truth]] / studies > 0.7, counts
    if truth == "unstable and fast":
        assert counts["relu_instability refuted"] / studies <= 0.01, counts
    return counts


@pytest.mark.parametrize("truth", TRUTHS)
def test_false_verdicts(truth: str) -> None:
    """Twelve studies of each truth."""
    check(truth, 12)


@pytest.mark.soak
@pytest.mark.parametrize("truth", TRUTHS)
def test_false_verdicts_in_full(truth: str, record_property: Callable[[str, object], None]) -> None:
    """4000 studies of each truth, within .060."""
    for name, count in check(truth, 4000).items():
        record_property(name, count)
