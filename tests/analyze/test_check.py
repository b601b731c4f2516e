"""What `analyze check` finds wrong with a design, and its exit code."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze import check
from analyze.analysis import analyse
from analyze.study.load import load
from analyze.study.pairing import equal_hashes
from collect import schema
from tests.synthetic import describe, write_study


def states(folder: Path, **options: object) -> dict[str, check.Check]:
    """The checks of a synthetic study by topic, the first target only."""
    found = check.examine(load(write_study(folder, np.random.default_rng(1), **options)))
    return {one.topic: one for one in reversed(found)}


def test_a_sound_design(tmp_path: Path) -> None:
    """Nothing is fatal, and the pairs are verified by their hashes."""
    found = states(tmp_path / "s")
    assert check.able(list(found.values()))
    assert found["pairing"].state == "ok"
    assert "all 40 pairs" in found["pairing"].says
    assert found["pairs"].state == found["coverage"].state == found["seeds"].state == "ok"


@pytest.mark.parametrize(
    ("options", "topic", "state", "says"),
    [
        (
            {"seeds": 4},
            "seeds",
            "fatal",
            "4 complete seeds: no exact test can reach 0.05, whatever the gap; it takes 6",
        ),
        ({"seeds": 6}, "seeds", "ok", "6 complete seeds"),
        ({"missing": lambda s: s["depth"] == 4 and s["seed"] > 3}, "seeds", "ok", "10 complete seeds"),
        ({"accuracy": lambda _: 100.0, "noise_sd": 0.0, "seed_sd": 0.0}, "ceiling", "fatal", "nothing to compare"),
        (
            {"missing": lambda s: s["ordering"] == "act_bn" and s["seed"] > -1 and s["depth"] == 4},
            "pairs",
            "lacks",
            "depth=4",
        ),
        ({"missing": lambda s: s["seed"] == 0}, "coverage", "lacks", "72 of 80 planned trials are here, 8 pending"),
        ({"failed": lambda s: s["seed"] == 0}, "pairs", "lacks", "9 of 10 seeds complete"),
        ({"test_n": 100}, "resolution", "lacks", "one of 100 test images is more than the equivalence margin"),
        ({"targets": (0.99,)}, "targets", "lacks", "reached by 0% of the runs"),
        ({"noise_sd": 1.0}, "margin", "lacks", "seeds"),
        (
            {"examples_to_learn": lambda s: 500.0 if s["ordering"] == "act_bn" else 3000.0},
            "separation",
            "note",
            "first in every decided pair of 4 of 4 cells",
        ),
    ],
)
def test_what_is_missing(tmp_path: Path, options: dict[str, object], topic: str, state: str, says: str) -> None:
    """Each defect is found, with what would mend it."""
    found = states(tmp_path / "s", **options)[topic]
    assert found.state == state
    assert says in found.says


def test_pairs_that_are_not_pairs(tmp_path: Path) -> None:
    """A pair whose arms began with different weights is counted out, and that is said, not refused."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    trials = pd.read_parquet(folder / "trials.parquet")
    here = (trials["ordering"] == "act_bn") & (trials["seed"] == 3)
    trials.loc[here, "init_hash"] = "other"
    trials.to_parquet(folder / "trials.parquet")
    describe(folder)
    study = load(folder)
    assert equal_hashes(study.trials, study.design) == (36, 40, 40)
    pairing = next(one for one in check.examine(study) if one.topic == "pairing")
    assert pairing.state == "note"
    assert "36 of 40" in pairing.says


def test_primary_factor_that_changes_shapes(tmp_path: Path) -> None:
    """Heads have different weights: no pair of these is alike, and that is no obstacle."""
    factors = {"head": ("flatten", "gap"), "depth": (2, 4)}
    study = load(
        write_study(
            tmp_path / "s", np.random.default_rng(1), factors=factors, primary="head", contrast=("gap", "flatten")
        )
    )
    assert equal_hashes(study.trials, study.design) == (0, 0, 20)
    assert check.able(check.examine(study))


def test_the_least_level_needs_most_seeds(tmp_path: Path) -> None:
    """At the least level that a study may ask for, ten seeds are too few, and seventeen decide any number of cells."""
    few, many = (load(write_study(tmp_path / str(seeds), np.random.default_rng(1), seeds=seeds)) for seeds in (10, 17))
    few, many = (replace(one, design=replace(one.design, alpha=schema.LEAST_ALPHA)) for one in (few, many))
    said = [{one.topic: one.says for one in check.examine(study)}["seeds"] for study in (few, many)]
    assert "no exact test can reach 1e-05, whatever the gap; it takes 17" in said[0]
    assert said[1] == "17 complete seeds"
    assert {claim.verdict for claim in analyse(few).claims} == {"not_tested"}


def test_five_thousand_cells_are_looked_at(tmp_path: Path) -> None:
    """The widest cell alone says how many seeds equivalence needs: each by itself took minutes."""
    levels = range(72)
    trials = pd.DataFrame(
        [
            {"norm": norm, "a": a, "b": b, "seed": seed}
            for seed in range(2)
            for norm in ("x", "y")
            for a in levels
            for b in levels
        ]
    )
    accuracy = np.random.default_rng(1).normal(0.9, 0.001, len(trials))
    trials.assign(test_accuracy=accuracy).to_parquet(tmp_path / "trials.parquet")
    started = time.monotonic()
    found = check.examine(load(tmp_path, factor="norm", moderators=["a", "b"]))
    assert time.monotonic() - started < 30
    assert {one.topic: one.state for one in found}["seeds"] == "fatal"
    assert not check.able(found)


def test_check_does_not_contradict_itself(tmp_path: Path) -> None:
    """Eight seeds in one cell and three in the other: each count says over which cells."""
    rows = [{"norm": n, "k": k, "seed": s} for s in range(8) for n in "ab" for k in (1, 2) if k == 1 or s < 3]
    accuracy = np.random.default_rng(1).normal(0.9, 0.01, len(rows))
    pd.DataFrame(rows).assign(test_accuracy=accuracy).to_parquet(tmp_path / "trials.parquet")
    said = {one.topic: one.says for one in check.examine(load(tmp_path, factor="norm"))}
    assert said["seeds"] == "8 complete seeds over the 1 of 2 cells that the mean is taken over"
    assert said["pairs"] == "11 of 16 pairs, 3 of 8 seeds complete over all cells"
