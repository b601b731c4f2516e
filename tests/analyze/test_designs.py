"""Every shape of design gets through the whole plan: no warning, no traceback, no null without a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze import check
from analyze.analysis import analyse
from analyze.report import result_tables
from analyze.report.json_twin import to_json
from analyze.study.load import load
from tests.analyze.test_analysis import unexplained
from tests.synthetic import write_study

ORDERING = ("bn_act", "act_bn")

DESIGNS: dict[str, dict[str, Any]] = {
    "no moderator": {"factors": {"ordering": ORDERING}},
    "one seed": {"seeds": 1},
    "two seeds": {"seeds": 2},
    "more seeds than are enumerated": {"seeds": 18},
    "seeds with names of their own": {"seeds": (3, 11, 12, 40, 41, 99)},
    "four factors": {
        "factors": {"ordering": ORDERING, "depth": (2, 4), "head": ("flatten", "gap"), "learning_rate": (1e-3, 1e-2)},
        "seeds": 6,
    },
    "a Boolean and a number as factors": {
        "factors": {"ordering": ORDERING, "decay_bn": (True, False), "width": (0.5, 1.0)}
    },
    "head is primary, ordering moderates": {
        "factors": {"head": ("flatten", "gap"), "ordering": (*ORDERING, "none")},
        "primary": "head",
        "contrast": ("gap", "flatten"),
    },
    "levels with the signs of a JSON Pointer": {
        "factors": {"head": ("a/b", "c~d"), "depth": (2, 4)},
        "primary": "head",
        "contrast": ("a/b", "c~d"),
    },
    "depth is primary": {"primary": "depth", "contrast": (4, 2)},
    "data sets are crossed": {"factors": {"ordering": ORDERING, "dataset": ("digits", "mnist")}},
    "all perfect": {"accuracy": lambda _: 100.0, "noise_sd": 0.0, "seed_sd": 0.0},
    "all stuck": {"stuck": lambda _: True},
    "all of one arm diverged": {"diverged": lambda s: s["ordering"] == "act_bn"},
    "everything diverged": {"diverged": lambda _: True},
    "half pending": {"missing": lambda s: s["seed"] >= 5},
    "one arm never run": {"missing": lambda s: s["ordering"] == "act_bn" and s["seed"] > 0},
    "one pair only": {"missing": lambda s: s["seed"] > 0 or s["depth"] == 4 or s["activation"] == "relu"},
    "no target reached": {"targets": (0.999,)},
    "targets reached at once": {"targets": (0.05,)},
    "a different seed lost in each cell": {"failed": lambda s: s["seed"] == s["depth"] + (s["activation"] == "relu")},
    "no bits, no layers": {"with_bits": False, "with_layers": False},
}


@pytest.mark.parametrize("options", DESIGNS.values(), ids=DESIGNS)
def test_design(tmp_path: Path, options: dict[str, Any]) -> None:
    """Analysis, JSON, tables and check, warnings being errors."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(6), **({"seeds": 8} | options)))
    found = analyse(study)
    assert unexplained(found) == []
    assert to_json(found)
    assert result_tables.write(found, tmp_path / "tables", fmt="parquet")
    assert check.examine(study)
