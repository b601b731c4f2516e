"""Both arms of a contrast by seed and cell."""

from pathlib import Path

import numpy as np
import pytest

from analyze.study.load import load
from analyze.study.pairing import Arms, one_start, shared_parameters
from tests.synthetic import write_study


@pytest.mark.parametrize("present", [(), (1,)])
def test_no_seed_is_complete_over_no_cell(present: tuple[int, ...]) -> None:
    """Where no cell has a pair no seed is complete; where one has, its seeds are."""
    first, second = np.full((3, 2), 97.0), np.full((3, 2), np.nan)
    second[0, list(present)] = 96.0
    paired = Arms(first, second, (0, 1, 2), ("depth",), ((2, 4),))
    assert paired.present.sum() == len(present)
    assert paired.complete.tolist() == [bool(present), False, False]


def test_what_starts_alike_is_said_of_pairs_that_do_not_as_a_whole(tmp_path: Path) -> None:
    """Of both arms, as each has parameters of its own; a pair that starts alike is not among them."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(0), seeds=3))
    design, trials = study.design, study.trials.assign(shared_parameters=1.0)
    assert shared_parameters(study.trials, design) is None
    assert shared_parameters(trials, design) is None
    apart = trials["seed"] == 0
    other = apart & (trials["ordering"] == "act_bn")
    trials.loc[other, "init_hash"] = "another"
    trials.loc[apart, "shared_parameters"] = 0.05
    trials.loc[other, "shared_parameters"] = 0.9
    assert shared_parameters(trials, design) == (0.05, 0.9)
    trials.loc[(trials["seed"] == 1) & (trials["ordering"] == "act_bn"), "order_hash"] = "another"
    assert shared_parameters(trials, design) == (0.05, 1.0)


def test_one_start_is_that_of_every_network_at_all_its_seeds(tmp_path: Path) -> None:
    """Not where one network begins otherwise at one seed, nor of one seed, nor where nothing is known."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(0), seeds=2))
    alike = study.trials.assign(init_hash=study.trials["ordering"])
    assert one_start(alike, study.design)
    assert not one_start(study.trials, study.design)
    assert not one_start(alike[alike["seed"] == 0], study.design)
    assert not one_start(alike.assign(init_hash=None), study.design)
    alike.iloc[0, alike.columns.get_loc("init_hash")] = "another"
    assert not one_start(alike, study.design)
