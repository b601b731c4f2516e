"""Claims about LayerNorm's place: studies built to support and to refute each, and a report that says so."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.claims.judge import judge
from analyze.findings import Claim
from analyze.measures import initial_gradients
from analyze.report.figures import FIGURES, placed
from analyze.report.json_twin import in_english
from analyze.report.tables.claims import claims
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.analyze.claims.test_claims import keep_metadata
from tests.analyze.test_contradictions import LANGUAGES
from tests.synthetic import describe, write_study

FACTORS: dict[str, tuple[Any, ...]] = {
    "norm": ("pre", "post"),
    "depth": (2, 8),
    "warmup": (0, 100),
    "learning_rate": (1e-3, 1e-2),
}
Change = Callable[[Path], None]


def written(folder: Path, *changes: Change, **options: Any) -> Path:
    """A synthetic study of twelve quiet seeds, validated by its accuracies on test; `changes` edit its files."""
    defaults = {"seeds": 12, "noise_sd": 0.02, "seed_sd": 0.1, "test_n": 20_000, "factors": FACTORS, "with_bits": False}
    question = {"primary": "norm", "contrast": ("pre", "post")}
    write_study(folder, np.random.default_rng(4), **(defaults | question | options))
    table = pd.read_parquet(folder / "trials.parquet")
    keep_metadata(folder, table.assign(validation_accuracy=table["test_accuracy"]))
    for change in changes:
        change(folder)
    return folder


def verdicts(folder: Path) -> dict[str, Claim]:
    """The claims of a study."""
    judged, reason = judge(load(folder), None)
    assert reason is None
    return {claim.id: claim for claim, _ in judged}


def lost(points: Callable[[Mapping[str, Any]], float]) -> dict[str, Any]:
    """Accuracy 97, less what this loses."""
    return {"accuracy": lambda s: 97.0 - points(s)}


def cold(s: Mapping[str, Any], norm: str) -> bool:
    """A network of this kind, trained without warm-up."""
    return bool(s["norm"] == norm and s["warmup"] == 0)


def gradients(**of_order: float) -> Change:
    """Before training, norms near the output are this power of the depth for either place."""

    def change(folder: Path) -> None:
        table = pd.read_parquet(folder / "layers.parquet")
        power = table["norm"].map(of_order).where(table["step"] == 0, 0.0)
        table["grad_norm"] *= table["depth"].astype(float) ** power
        table.to_parquet(folder / "layers.parquet")
        describe(folder)

    return change


def untested_gap(s: Mapping[str, Any]) -> float:
    """Post-LN trains badly but at its best setting."""
    return 2.0 * (s["norm"] == "post" and (s["warmup"], s["learning_rate"]) != (100, 1e-3))


CASES: list[tuple[str, str, dict[str, Any], tuple[Change, ...]]] = [
    ("post_needs_warmup", "supported", lost(lambda s: 1.0 * cold(s, "post")), ()),
    ("post_needs_warmup", "refuted", {}, ()),
    ("post_needs_warmup", "refuted", lost(lambda s: -1.0 * cold(s, "post")), ()),
    ("post_needs_warmup", "mixed", lost(lambda s: 1.0 * (cold(s, "post") and s["depth"] == 8)), ()),
    ("post_needs_warmup", "inconclusive", {"noise_sd": 0.8}, ()),
    ("pre_without_warmup", "supported", lost(lambda s: 1.0 * cold(s, "post")), ()),
    ("pre_without_warmup", "supported", lost(lambda s: -1.0 * cold(s, "pre")), ()),
    ("pre_without_warmup", "refuted", lost(lambda s: 1.0 * (cold(s, "pre") and s["depth"] == 8)), ()),
    ("pre_without_warmup", "inconclusive", {"noise_sd": 0.8}, ()),
    ("pre_gradients", "supported", {}, (gradients(pre=-0.5, post=0.0),)),
    ("pre_gradients", "refuted", {}, (gradients(pre=0.5, post=1.0),)),
    ("pre_gradients", "refuted", {}, (gradients(pre=-0.5, post=-1.0),)),
    ("pre_gradients", "inconclusive", {}, (gradients(pre=-0.5, post=-0.5),)),
    ("tuned_alike", "supported", lost(untested_gap), ()),
    ("tuned_alike", "refuted", {"gap": 0.5}, ()),
    ("tuned_alike", "refuted", lost(lambda s: 0.5 * (s["norm"] == "pre" and s["depth"] == 2)), ()),
    ("tuned_alike", "inconclusive", {"noise_sd": 0.8}, ()),
]


@pytest.mark.parametrize(("claim", "verdict", "options", "changes"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_verdict(
    tmp_path: Path, claim: str, verdict: str, options: dict[str, Any], changes: tuple[Change, ...]
) -> None:
    """A study in which the truth is known gets the verdict that the rule declares."""
    found = verdicts(written(tmp_path / "s", *changes, **options))
    assert set(found) == {"post_needs_warmup", "pre_without_warmup", "pre_gradients", "tuned_alike"}
    assert found[claim].verdict == verdict, found[claim]


def test_the_numbers_are_those_of_the_study(tmp_path: Path) -> None:
    """Each gain over the learning rates at a depth, the power of depth, the ratio, and both arms at their best."""
    folder = written(
        tmp_path / "s", gradients(pre=-0.5, post=0.0), **lost(lambda s: 1.0 * cold(s, "post") + untested_gap(s))
    )
    found = verdicts(folder)
    trials = pd.read_parquet(folder / "trials.parquet")
    means = 100 * trials.groupby(["norm", "depth", "warmup", "learning_rate"])["test_accuracy"].mean()
    needs = [one for one in found["post_needs_warmup"].components if one.side == "above_margin"]
    for depth, one in zip((2, 8), needs, strict=True):
        gain = means["post", depth, 100].mean() - means["post", depth, 0].mean()
        assert one.estimate == pytest.approx(gain)
        assert dict(one.contrast)["values"]["cell"] == {"depth": depth}
    falls, ratio = found["pre_gradients"].components
    assert falls.estimate == pytest.approx(-0.5, abs=0.05)
    assert ratio.estimate == pytest.approx(8**-0.5, rel=0.05)
    for depth, one in zip((2, 8), found["tuned_alike"].components, strict=True):
        gap, (warmup, rate) = dict(one.contrast)["values"], means["pre", depth].idxmax()
        assert gap["first"] == {"learning_rate": rate, "warmup": warmup}
        assert gap["second"] == {"learning_rate": 1e-3, "warmup": 100}
        assert one.estimate == pytest.approx(means["pre", depth].max() - means["post", depth, 100, 1e-3])


def test_gradients_near_the_output(tmp_path: Path) -> None:
    """Those of the last layer but one before the first step, of each trial; none without that step."""
    folder = written(tmp_path / "s")
    study = load(folder)
    layers = pd.read_parquet(folder / "layers.parquet")
    found = initial_gradients.near_output(study)
    assert found is not None
    for trial_id, value in list(zip(study.trials["trial_id"], found, strict=True))[:20]:
        own = layers[(layers["trial_id"] == trial_id) & (layers["step"] == 0)].sort_values("layer")
        assert value == pytest.approx(np.log(own["grad_norm"].iloc[-2]))
    layers[layers["step"] > 0].to_parquet(folder / "layers.parquet")
    describe(folder)
    assert initial_gradients.near_output(load(folder)) is None


def test_what_a_design_lacks(tmp_path: Path) -> None:
    """One depth, one rate, no warm-up, no probes: each claim says what is to be added, and counts for none."""
    fixed = {"recipe": {"depth": 4, "warmup": 0, "learning_rate": 1e-3}, "with_layers": False}
    found = verdicts(written(tmp_path / "s", factors={"norm": ("pre", "post")}, **fixed))
    needed = {"warmup": "warm-up", "gradients": "layers.parquet", "alike": "learning rates"}
    assert {claim.verdict for claim in found.values()} == {"not_tested"}
    for name, claim in found.items():
        assert needed[name.rpartition("_")[2]] in in_english(claim.reason)
        assert claim.p_holm is None


def test_depths_may_be_names(tmp_path: Path) -> None:
    """Which of them is deeper is then unknown; gains by warm-up are told at each."""
    named = FACTORS | {"depth": (2, 8)}

    def rename(folder: Path) -> None:
        for table in ("trials", "layers"):
            rows = pd.read_parquet(folder / f"{table}.parquet")
            rows["depth"] = rows["depth"].map({2: "shallow", 8: "deep"})
            rows.to_parquet(folder / f"{table}.parquet")
        (folder / "datapackage.json").unlink()

    folder = written(tmp_path / "s", rename, factors=named, **lost(lambda s: 1.0 * cold(s, "post")))
    study = load(folder, factor="norm", contrast=["pre", "post"])
    found = {claim.id: claim.verdict for claim, _ in judge(study, None)[0]}
    assert (found["post_needs_warmup"], found["pre_gradients"]) == ("supported", "not_tested")


def test_the_report_says_what_was_found(tmp_path: Path) -> None:
    """In both languages the claims that were tested, and the drawing of this question."""
    shape = {"factors": {name: FACTORS[name] for name in ("norm", "depth", "warmup")}, "seeds": 8}
    folder = written(tmp_path / "s", gradients(pre=-0.5, post=0.0), **shape, **lost(lambda s: 1.0 * cold(s, "post")))
    (folder / "curves.parquet").unlink()
    describe(folder)
    found = analyse(load(folder))
    assert [figure for figure in placed("blocks") if FIGURES[figure].data_of(found)] == ["layernorm_places"]
    for lang in LANGUAGES:
        table = claims(found, catalogue(lang))
        assert table is not None
        for row, claim in zip(table.rows, found.claims, strict=True):
            assert catalogue(lang).text(f"said.{claim.statement.code}") in plain(row[1])
            assert claim.verdict == "supported"
