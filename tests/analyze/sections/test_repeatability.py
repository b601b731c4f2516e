"""Rows on new runs and on differences between cells: what each uses, and why one is missing."""

from collections.abc import Callable

import numpy as np
import pytest

from analyze.inference import repeatability as chances
from analyze.sections.repeatability import PAIRS, heterogeneity, rows
from analyze.study.pairing import Arms


def arms(difference: np.ndarray, noise: np.ndarray | None = None) -> Arms:
    """Two activations with these differences, (S, 2); both arms share the seed's noise."""
    second = 97.0 + (np.zeros(difference.shape) if noise is None else noise)
    return Arms(second + difference, second, tuple(range(len(difference))), ("activation",), (("relu", "tanh"),))


def study(seeds: int = 10) -> np.ndarray:
    """Differences of two cells, (S, 2)."""
    return np.random.default_rng(1).normal([0.2, -0.4], 0.3, (seeds, 2))


def test_one_row_a_cell_and_number_of_pairs() -> None:
    """The mean over cells uses seed means, a cell its own; each by the formulas on its mean and sd."""
    difference = study()
    found = [row for row, _ in rows(arms(difference), 0.05)]
    assert [(row.cell, row.k) for row in found] == [
        (cell, k) for cell in (None, {"activation": "relu"}, {"activation": "tanh"}) for k in PAIRS
    ]
    for row in found:
        column = {"relu": difference[:, 0], "tanh": difference[:, 1]}
        one = difference.mean(axis=1) if row.cell is None else column[str(row.cell["activation"])]
        given = (one.mean(), one.std(ddof=1), 10)
        assert row.p_sign == pytest.approx(chances.p_sign(*given, row.k))
        assert row.new_seed_interval == pytest.approx(chances.new_seed_interval(*given))
        assert (row.method, row.n_seeds) == ("model", 10)


def test_the_unpaired_share_is_on_the_side_of_the_gap() -> None:
    """Where the second level is ahead, the share is of pairs in which it is; shared noise counts there alone."""
    difference = study()
    noise = np.random.default_rng(2).normal(0, 1, difference.shape)
    paired = arms(difference, noise)
    row = next(row for row, _ in rows(paired, 0.05) if row.cell == {"activation": "tanh"})
    beaten = paired.second[:, [1]] > paired.first[:, 1]
    assert row.p_sign_unpaired == pytest.approx(beaten.mean())
    assert row.p_sign > row.p_sign_unpaired > 0.5


def test_forty_seeds_speak_for_themselves() -> None:
    """From forty complete seeds on, sets of them are counted; thirty-nine are not enough."""
    row = rows(arms(study(40)), 0.05)[0][0]
    one = study(40).mean(axis=1)
    assert row.method == "subsets"
    assert row.p_sign == (np.sign(one) == np.sign(one.mean())).mean()
    lost = study(40)
    lost[3, 0] = np.nan
    assert [rows(arms(lost), 0.05)[at][0].method for at in (0, 4, 8)] == ["model", "model", "subsets"]


CASES: dict[str, tuple[Callable[[], np.ndarray], dict[str, str]]] = {
    "no pair": (lambda: np.full((1, 2), np.nan), dict.fromkeys(("p_sign", "p_sign_unpaired"), "two_complete_pairs")),
    "one seed": (lambda: np.full((1, 2), 0.3), {"p_sign": "two_complete_pairs"}),
    "constant": (lambda: np.full((8, 2), 0.3), {"new_seed_interval": "all_differences_equal"}),
    "identical": (
        lambda: np.zeros((8, 2)),
        {"p_significant": "all_differences_equal", "p_sign_unpaired": "gap_without_sign"},
    ),
    "no side": (
        lambda: np.tile([[0.5], [-0.5]], (4, 2)),
        dict.fromkeys(("p_sign", "p_significant", "p_sign_unpaired"), "gap_without_sign"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_says_why(case: str) -> None:
    """Every null of a row, and nothing else, has a reason."""
    draw, codes = CASES[case]
    for row, why in rows(arms(draw()), 0.05):
        assert {name for name, value in row.model_dump().items() if value is None and name != "cell"} == set(why)
        assert {name: why[name].code for name in codes} == codes


def test_one_pair_has_no_test() -> None:
    """The only null of a complete study is the significance of one pair."""
    assert [(row.k, *why) for row, why in rows(arms(study()), 0.05) if why] == [(1, "p_significant")] * 3


def test_cells_that_were_run_are_compared_on_complete_seeds() -> None:
    """The observed gaps are means over the same seeds, and the shrunken ones lie between them and their mean."""
    difference = study()
    difference[0, 1] = np.nan
    found, why = heterogeneity(arms(difference), 0.05)
    kept = difference[1:]
    assert [row.observed for row in found.shrunken] == pytest.approx(kept.mean(axis=0))
    assert why == {}
    assert found.tau > 0
    for row in found.shrunken:
        assert abs(row.gap - kept.mean()) < abs(row.observed - kept.mean())


def test_one_cell_has_no_heterogeneity() -> None:
    """A cell that no seed has is not counted."""
    difference = study()
    difference[:, 1] = np.nan
    assert [(found.tau, why["tau"].code) for found, why in [heterogeneity(arms(difference), 0.05)]] == [
        (None, "one_cell")
    ]
    assert heterogeneity(arms(study(1)), 0.05)[1]["tau"].code == "two_complete_seeds"
