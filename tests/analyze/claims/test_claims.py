"""Every claim: a study built to support it, one built to refute it, and what is said where it cannot be tested."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.claims.judge import declared, judge
from analyze.findings import Claim, because
from analyze.measures.time_to_target import convergence_curves
from analyze.report.json_twin import in_english
from analyze.study.load import load
from tests.synthetic import describe, write_study

ACTIVATIONS = {"ordering": ("bn_act", "act_bn"), "depth": (2, 8), "activation": ("relu", "leaky_relu", "elu", "tanh")}
WITH_NONE = {"ordering": ("bn_act", "act_bn", "none"), "activation": ("relu", "elu")}
BOUNDED = ("tanh", "sigmoid", "softsign")


def verdicts(folder: Path, change: Callable[[Path], None] = lambda _: None, **options: Any) -> dict[str, Claim]:
    """The claims of a synthetic study of twelve quiet seeds; `change` may edit its files first."""
    defaults: dict[str, Any] = {"seeds": 12, "noise_sd": 0.02, "seed_sd": 0.1, "margin_pp": 0.1, "test_n": 20_000}
    write_study(folder, np.random.default_rng(4), **(defaults | options))
    change(folder)
    study = load(folder)
    judged, reason = judge(study, convergence_curves(study))
    assert reason is None
    return {claim.id: claim for claim, _ in judged}


def by(**gaps: float) -> Callable[[Any], float]:
    """A gap by activation, 0 unless named."""
    return lambda s: gaps.get(s.get("activation", "relu"), 0.0)


def at_depth(shallow: float, deep: float) -> Callable[[Any], float]:
    """A gap at depth 2 and another at depth 8."""
    return lambda s: shallow if s["depth"] == 2 else deep


def none_below(points: float, *, of: str = "") -> Callable[[Any], float]:
    """Accuracy 97, without BatchNorm lower by this, for one activation or all."""
    return lambda s: 97.0 - points * (s["ordering"] == "none" and s["activation"].startswith(of))


def losses(test: float, train: float) -> Callable[[Path], None]:
    """Add these to act_bn's losses."""

    def change(folder: Path) -> None:
        table = pd.read_parquet(folder / "trials.parquet")
        first = table["ordering"] == "act_bn"
        noise = np.random.default_rng(0).normal(0, 0.001, (2, len(table)))
        table["test_loss"], table["train_loss"] = 0.1 + noise[0] + test * first, 0.05 + noise[1] + train * first
        keep_metadata(folder, table)

    return change


def keep_metadata(folder: Path, table: pd.DataFrame) -> None:
    """Replace trials.parquet, its metadata kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    old = pq.read_schema(folder / "trials.parquet").metadata
    new = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(new.replace_schema_metadata(old), folder / "trials.parquet")
    describe(folder)


def steeper(factor: float) -> Callable[[Path], None]:
    """Multiply the slope of act_bn's log gradient norms."""

    def change(folder: Path) -> None:
        table = pd.read_parquet(folder / "layers.parquet")
        first = table["ordering"] == "act_bn"
        table.loc[first, "grad_norm"] **= factor
        table.to_parquet(folder / "layers.parquet")
        describe(folder)

    return change


def validated(best: dict[str, float]) -> Callable[[Path], None]:
    """Validation accuracies that make each ordering's best learning rate this one."""

    def change(folder: Path) -> None:
        table = pd.read_parquet(folder / "trials.parquet")
        chosen = [
            best[ordering] == rate for ordering, rate in zip(table["ordering"], table["learning_rate"], strict=True)
        ]
        table["validation_accuracy"] = np.where(chosen, 0.97, 0.95)
        keep_metadata(folder, table)

    return change


RATES = {"ordering": ("bn_act", "act_bn"), "learning_rate": (1e-3, 1e-2)}
SPREAD = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", "tanh")}


def noisy(level: str, sd: float) -> Callable[[Any], float]:
    """Noise of one ordering, the other quiet."""
    return lambda s: sd if s["ordering"] == level else 0.02


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("small_effect", "supported", {}),
    ("small_effect", "refuted", {"gap": by(relu=0.6)}),
    ("small_effect", "inconclusive", {"noise_sd": 0.6}),
    ("depth_crossover", "supported", {"factors": ACTIVATIONS, "gap": at_depth(0.4, -0.4)}),
    ("depth_crossover", "refuted", {"factors": ACTIVATIONS, "gap": at_depth(0.4, 0.4)}),
    ("depth_crossover", "inconclusive", {"factors": ACTIVATIONS, "gap": at_depth(0.4, 0.0)}),
    ("relu_instability", "supported", {"factors": SPREAD, "noise_sd": noisy("act_bn", 0.8)}),
    ("relu_instability", "refuted", {"factors": SPREAD, "noise_sd": noisy("bn_act", 0.8)}),
    ("leaky_repair", "supported", {"factors": ACTIVATIONS, "gap": by(relu=-0.5)}),
    ("leaky_repair", "refuted", {"factors": ACTIVATIONS, "gap": by(relu=-0.9, leaky_relu=-0.5, elu=-0.5)}),
    ("leaky_repair", "premise_not_met", {"factors": ACTIVATIONS}),
    ("vanishing", "supported", {"factors": ACTIVATIONS, "change": steeper(3.0)}),
    ("vanishing", "refuted", {"factors": ACTIVATIONS, "change": steeper(0.1)}),
    ("early_speed", "supported", {"examples_to_learn": lambda s: 900.0 if s["ordering"] == "act_bn" else 2500.0}),
    ("early_speed", "refuted", {"examples_to_learn": lambda s: 2500.0 if s["ordering"] == "act_bn" else 900.0}),
    ("bounded_gain", "supported", {"factors": ACTIVATIONS, "gap": by(tanh=0.5)}),
    ("bounded_gain", "refuted", {"factors": ACTIVATIONS, "gap": by(tanh=-0.5)}),
    ("bounded_gain", "inconclusive", {"factors": ACTIVATIONS}),
    (
        "relu_bn_first",
        "supported",
        {"factors": RATES, "gap": -0.5, "change": validated({"act_bn": 1e-2, "bn_act": 1e-3})},
    ),
    ("relu_bn_first", "refuted", {"factors": RATES, "gap": 0.5, "change": validated({"act_bn": 1e-2, "bn_act": 1e-3})}),
    ("bn_helps", "supported", {"factors": WITH_NONE, "accuracy": none_below(1.0)}),
    ("bn_helps", "refuted", {"factors": WITH_NONE, "accuracy": none_below(-1.0)}),
    ("family_washout", "supported", {"factors": WITH_NONE, "accuracy": none_below(1.0, of="relu")}),
    ("family_washout", "refuted", {"factors": WITH_NONE, "accuracy": lambda s: 97.0 - (s["activation"] == "relu")}),
    ("overfit", "supported", {"change": losses(0.05, 0.0)}),
    ("overfit", "refuted", {"change": losses(-0.05, 0.0)}),
    ("overfit", "inconclusive", {"change": losses(0.05, 0.08)}),
    ("stale_statistics", "refuted", {"factors": SPREAD, "noise_sd": noisy("bn_act", 0.8)}),
    ("stale_statistics", "premise_not_met", {"factors": SPREAD}),
]


@pytest.mark.parametrize(
    ("claim", "verdict", "options"), CASES, ids=[f"{claim}-{verdict}" for claim, verdict, _ in CASES]
)
def test_verdict(tmp_path: Path, claim: str, verdict: str, options: dict[str, Any]) -> None:
    """A study in which the truth is known gets the verdict the rule declares, with the numbers that decided it."""
    options = {"recipe": {"activation": "relu"}, "with_bits": False} | options
    found = verdicts(tmp_path / "s", **options)[claim]
    assert found.verdict == verdict, found
    assert found.components
    assert found.reason


def test_stale_statistics_supported(tmp_path: Path) -> None:
    """Runs that are erratic with running statistics alone support the claim that staleness is the cause."""
    lag = dict(enumerate(np.random.default_rng(1).gamma(1.0, 2.0, 12)))
    found = verdicts(
        tmp_path / "s", factors=SPREAD, stale=lambda s: lag[s["seed"]] if s["ordering"] == "bn_act" else 0.0
    )["stale_statistics"]
    assert found.verdict == "supported", found


NEEDS = {
    "depth_crossover": "depth",
    "leaky_repair": "leaky_relu",
    "vanishing": "layers.parquet",
    "bounded_gain": "tanh",
    "relu_bn_first": "learning rate",
    "bn_helps": "none",
    "family_washout": "elu",
}


def test_not_tested_by_this_design(tmp_path: Path) -> None:
    """Each claim the design cannot answer names the factor or the table to add."""
    found = verdicts(
        tmp_path / "s",
        factors={"ordering": ("bn_act", "act_bn")},
        recipe={"activation": "relu", "depth": 4},
        with_layers=False,
    )
    for claim, needed in NEEDS.items():
        assert found[claim].verdict == "not_tested"
        assert needed in in_english(found[claim].reason)
        assert found[claim].p_holm is None


def test_too_few_seeds(tmp_path: Path) -> None:
    """Four seeds cannot reach .05 by a sign-flip: every claim says how many could."""
    found = verdicts(tmp_path / "s", seeds=4)
    assert {claim.verdict for claim in found.values()} == {"not_tested"}
    assert all("needs 5 seeds" in in_english(claim.reason) for claim in found.values())


def test_inconclusive_says_how_many_seeds_would_decide(tmp_path: Path) -> None:
    """A small true effect among noise: more seeds than there are, and not beyond reason."""
    found = verdicts(tmp_path / "s", factors=ACTIVATIONS, gap=by(tanh=0.2), noise_sd=0.5)["bounded_gain"]
    assert found.verdict == "inconclusive"
    assert found.seeds_needed is None or 12 < found.seeds_needed < 2000


def test_all_claims_are_judged_and_corrected_together(tmp_path: Path) -> None:
    """Twelve claims in the declared order; Holm's p is never below the claim's own."""
    found = verdicts(tmp_path / "s")
    assert list(found) == [claim.id for _, claim in declared()]
    assert len(found) == 12
    for claim in found.values():
        assert (claim.p_holm is None) == (claim.verdict in {"not_tested", "premise_not_met"})


def test_another_contrast_has_no_claims(tmp_path: Path) -> None:
    """The article's claims are about act_bn − bn_act alone."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    study = load(folder, factor="depth", contrast=("4", "2"))
    claims, reason = judge(study, convergence_curves(study))
    assert claims == []
    assert reason == because("no_claims", factor="depth")
