"""Every claim: a study built to support it, one built to refute it, and what is said where it cannot be tested."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyze.claims.judge import declared, judge
from analyze.errors import InvalidTableError
from analyze.findings import Claim, because
from analyze.measures.time_to_target import convergence_curves
from analyze.report.json_twin import in_english
from analyze.study.load import load
from tests.synthetic import describe, write_study

ACTIVATIONS = {"ordering": ("bn_act", "act_bn"), "depth": (2, 8), "activation": ("relu", "leaky_relu", "elu", "tanh")}
WITH_NONE = {"ordering": ("bn_act", "act_bn", "none"), "activation": ("relu", "elu")}
TWO_BOUNDED = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", "tanh", "sigmoid")}


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
    old = pq.read_schema(folder / "trials.parquet").metadata
    new = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(new.replace_schema_metadata(old), folder / "trials.parquet")
    describe(folder)


def declaring(*claims: str) -> Callable[[Path], None]:
    """A study file that names these claims."""

    def change(folder: Path) -> None:
        table = pq.read_table(folder / "trials.parquet")
        study = json.loads(table.schema.metadata[b"study"])
        study["analysis"]["claims"] = list(claims)
        said = table.schema.metadata | {b"study": json.dumps(study).encode()}
        pq.write_table(table.replace_schema_metadata(said), folder / "trials.parquet")
        describe(folder)

    return change


def steeper(factor: float, **of: float) -> Callable[[Path], None]:
    """Multiply the slope of act_bn's log gradient norms, that of an activation by a factor of its own."""

    def change(folder: Path) -> None:
        table = pd.read_parquet(folder / "layers.parquet")
        first = table["ordering"] == "act_bn"
        table.loc[first, "grad_norm"] **= table.loc[first, "activation"].map(of).fillna(factor)
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


LOW, HIGH = 0.25, 0.5


def evenness(**first: float) -> dict[str, Any]:
    """Options of a study: act_bn's largest class share by activation, lower in some seeds, where bn_act's is HIGH.

    The lower a trial's share, the faster it learns.
    """

    def share(s: Any) -> float:
        lower = 0.02 * (s["seed"] % 7) if s["ordering"] == "act_bn" else 0.0
        return (first[s["activation"]] if s["ordering"] == "act_bn" else HIGH) - lower

    return {
        "factors": {"ordering": ("bn_act", "act_bn"), "activation": tuple(first)},
        "initial_share": share,
        "examples_to_learn": lambda s: 6000.0 * float(np.exp(4 * (share(s) - HIGH))),
    }


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
    ("vanishing", "mixed", {"factors": ACTIVATIONS, "change": steeper(0.1, tanh=3.0)}),
    ("early_speed", "supported", {"examples_to_learn": lambda s: 900.0 if s["ordering"] == "act_bn" else 2500.0}),
    ("early_speed", "refuted", {"examples_to_learn": lambda s: 2500.0 if s["ordering"] == "act_bn" else 900.0}),
    ("bounded_gain", "supported", {"factors": ACTIVATIONS, "gap": by(tanh=0.5)}),
    ("bounded_gain", "refuted", {"factors": ACTIVATIONS, "gap": by(tanh=-0.5)}),
    ("bounded_gain", "mixed", {"factors": TWO_BOUNDED, "gap": by(tanh=0.5, sigmoid=-0.5)}),
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
    ("overfit", "refuted", {"change": losses(0.05, 0.08)}),
    ("overfit", "inconclusive", {"change": losses(0.05, 0.05)}),
    ("stale_statistics", "refuted", {"factors": SPREAD, "noise_sd": noisy("bn_act", 0.8)}),
    ("stale_statistics", "premise_not_met", {"factors": SPREAD}),
    ("initial_bias", "supported", evenness(relu=LOW, tanh=LOW)),
    ("initial_bias", "refuted", evenness(relu=0.8, tanh=0.9)),
    ("initial_bias", "inconclusive", {**evenness(relu=LOW, tanh=LOW), "examples_to_learn": lambda _: 1500.0}),
    ("initial_bias", "mixed", evenness(relu=LOW, tanh=0.7)),
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


def test_a_mean_over_cells_says_in_how_many_it_is_above_zero(tmp_path: Path) -> None:
    """One activation lifts the mean, and without BatchNorm the other is more accurate: the sentence has the number."""

    def accuracy(run: Mapping[str, Any]) -> float:
        return 97.0 + (0.0 if run["ordering"] != "none" else -12.0 if run["activation"] == "relu" else 0.5)

    found = verdicts(tmp_path / "s", factors=WITH_NONE, accuracy=accuracy)["bn_helps"]
    assert found.verdict == "supported"
    assert "mean over the cells (above zero in 1 of 2 cells) was" in in_english(found.why)


def test_stale_statistics_supported(tmp_path: Path) -> None:
    """Runs that are erratic with running statistics alone support the claim that staleness is the cause."""
    lag = dict(enumerate(np.random.default_rng(1).gamma(1.0, 2.0, 24)))
    found = verdicts(
        tmp_path / "s", seeds=24, factors=SPREAD, stale=lambda s: lag[s["seed"]] if s["ordering"] == "bn_act" else 0.0
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


def test_initial_bias_shows_each_activation_and_what_it_goes_with(tmp_path: Path) -> None:
    """Gaps are shares of images, and the last component is Pearson's correlation of both gaps over seeds."""
    found = verdicts(tmp_path / "s", **evenness(relu=LOW, tanh=LOW + 0.1))["initial_bias"]
    relu, tanh, goes_with = found.components
    assert [one.side for one in found.components] == ["less"] * 3
    lower = np.mean([0.02 * (seed % 7) for seed in range(12)])
    assert relu.estimate == pytest.approx(LOW - HIGH - lower)
    assert tanh.estimate == pytest.approx(LOW + 0.1 - HIGH - lower)
    assert (relu.p_max_t, tanh.p_max_t) == (1 / 2**12, 1 / 2**12)
    assert max(relu.p, tanh.p) < 1e-6
    assert -1 <= goes_with.ci95[0] < goes_with.estimate < goes_with.ci95[1] < 0
    assert goes_with.p < 0.01


@pytest.mark.parametrize("lost", ["max_class_share", "step"])
def test_initial_bias_needs_a_look_before_training(tmp_path: Path, lost: str) -> None:
    """A study of an earlier release has no such column, and another's curves may have no steps."""

    def without(folder: Path) -> None:
        pd.read_parquet(folder / "curves.parquet").drop(columns=lost).to_parquet(folder / "curves.parquet")
        describe(folder)

    found = verdicts(tmp_path / "s", change=without)["initial_bias"]
    assert found.verdict == "not_tested"
    assert "max_class_share" in in_english(found.reason)


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
    """Five seeds cannot reach .05 by a sign-flip, six can: every claim says so, those tested by t and TOST too."""
    found = verdicts(tmp_path / "s", seeds=5, gap=9.0)
    assert {claim.verdict for claim in found.values()} == {"not_tested"}
    assert all("too few seeds: with fewer than 6" in in_english(claim.why) for claim in found.values())
    assert verdicts(tmp_path / "t", seeds=6, gap=9.0)["small_effect"].verdict == "refuted"


def test_cells_of_too_few_seeds_decide_nothing(tmp_path: Path) -> None:
    """Where one cell has five pairs, it alone cannot refute; and not every cell is shown to be equivalent."""
    few = {"missing": lambda s: s["depth"] == 2 and s["activation"] == "tanh" and s["seed"] > 4}
    apart = {"gap": lambda s: 9.0 * (s["depth"] == 2 and s["activation"] == "tanh")}
    alike, refuted = verdicts(tmp_path / "s", **few), verdicts(tmp_path / "t", **few, **apart)
    assert alike["small_effect"].verdict == refuted["small_effect"].verdict == "inconclusive"
    assert verdicts(tmp_path / "u", **apart)["small_effect"].verdict == "refuted"


def test_levels_of_a_mixed_claim(tmp_path: Path) -> None:
    """Gradients flatter with all but tanh, where they are steeper: each level has its verdict, both a number."""
    options = {"factors": ACTIVATIONS, "change": steeper(0.1, tanh=3.0)}
    found = verdicts(tmp_path / "s", **options)["vanishing"]
    assert {one.level: one.verdict for one in found.levels} == {
        "relu": "refuted",
        "leaky_relu": "refuted",
        "elu": "refuted",
        "tanh": "supported",
    }
    said = in_english(found.why)
    assert "tanh supports it (gap of the steepness of log gradient norms, tanh" in said
    assert "relu refutes it (gap of the steepness of log gradient norms, relu was −" in said
    assert found.p_support is not None
    assert found.p_refute is not None
    assert found.p_holm is not None
    assert found.p_holm >= 2 * max(found.p_support, found.p_refute)


def test_declared_claims_are_the_family(tmp_path: Path) -> None:
    """A study that declares two claims is judged on these, and its correction counts no other."""
    every = verdicts(tmp_path / "s", gap=0.6)
    some = verdicts(tmp_path / "t", gap=0.6, change=declaring("small_effect", "overfit"))
    assert list(some) == ["small_effect", "overfit"]
    for name, one in some.items():
        assert (one.p_support, one.p_refute) == (every[name].p_support, every[name].p_refute)
        assert one.p_holm is not None
        assert one.p_holm <= (every[name].p_holm or 0)


def test_a_claim_that_does_not_exist(tmp_path: Path) -> None:
    """It is refused with the closest that does."""
    with pytest.raises(InvalidTableError, match=r"small_efect is not one of .*, did you mean small_effect\?"):
        verdicts(tmp_path / "s", change=declaring("small_efect"))


def test_inconclusive_says_how_many_seeds_would_decide(tmp_path: Path) -> None:
    """A small true effect among noise: more seeds than there are, and not beyond reason."""
    found = verdicts(tmp_path / "s", factors=ACTIVATIONS, gap=by(tanh=0.2), noise_sd=0.5)["bounded_gain"]
    assert found.verdict == "inconclusive"
    assert found.seeds_needed is None or 12 < found.seeds_needed < 2000


def test_all_claims_are_judged_and_corrected_together(tmp_path: Path) -> None:
    """Every claim in the declared order; those that the design can test are the family, a failed premise included."""
    found = verdicts(tmp_path / "s")
    assert list(found) == [claim.id for about, claim in declared() if about.factor == "ordering"]
    assert {claim.verdict for claim in found.values()} >= {"not_tested", "premise_not_met"}
    for claim in found.values():
        assert (claim.p_holm is None) == (claim.verdict == "not_tested")


def test_another_contrast_has_no_claims(tmp_path: Path) -> None:
    """The article's claims are about act_bn − bn_act alone."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    study = load(folder, factor="depth", contrast=("4", "2"))
    claims, reason = judge(study, convergence_curves(study))
    assert claims == []
    assert reason == because("no_claims", factor="depth")
