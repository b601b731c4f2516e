"""What `analyze check` finds wrong with a design, and its exit code."""

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
        ({"seeds": 4}, "seeds", "fatal", "no sign-flip can reach alpha with fewer than 6"),
        ({"seeds": 6}, "seeds", "lacks", "under Holm's correction need"),
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
    assert equal_hashes(study.trials, study.design) == (36, 40)
    pairing = next(one for one in check.examine(study) if one.topic == "pairing")
    assert pairing.state == "note"
    assert "36 of 40" in pairing.says


def test_primary_factor_that_changes_shapes(tmp_path: Path) -> None:
    """Heads have different weights: pairs share the seed only, which is said."""
    factors = {"head": ("flatten", "gap"), "depth": (2, 4)}
    study = load(
        write_study(
            tmp_path / "s", np.random.default_rng(1), factors=factors, primary="head", contrast=("gap", "flatten")
        )
    )
    assert equal_hashes(study.trials, study.design) == (0, 20)
    assert check.able(check.examine(study))


def test_a_level_that_so_many_tests_cannot_reach(tmp_path: Path) -> None:
    """At the least level that a study may ask for, ten seeds are too few, and seventeen answer the headline alone."""
    few, many = (load(write_study(tmp_path / str(seeds), np.random.default_rng(1), seeds=seeds)) for seeds in (10, 17))
    few, many = (replace(one, design=replace(one.design, alpha=schema.LEAST_ALPHA)) for one in (few, many))
    said = [{one.topic: one.says for one in check.examine(study)}["seeds"] for study in (few, many)]
    assert "no sign-flip can reach alpha with fewer than 17" in said[0]
    assert "4 tests under Holm's correction can be decided by no number of seeds" in said[1]
    assert {claim.verdict for claim in analyse(few).claims} == {"not_tested"}
