"""Labels permuted within seeds: against R's enumeration, Friedman's published p, and a plain recomputation."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from analyze.inference import anova
from analyze.inference.level_permutations import orders, permutation_p
from analyze.inference.signflip import flips
from tests import reference

RESULTS = reference.results("levels")


def scores(values: np.ndarray, within: list[bool]) -> np.ndarray:
    """Contrast scores of the moderators for every level, (S, k, d)."""
    return np.stack([anova.contrast_scores(values[:, level], within) for level in range(values.shape[1])], axis=1)


def test_a_factorial_as_r_has_it() -> None:
    """The levels alone, and their interactions as a family, over all 6^5 orders; F and its p are those of aov."""
    case = RESULTS["factorial"]
    values = np.array(case["values"])
    members = [scores(values, within) for within in ([False, False], [True, False], [False, True], [True, True])]
    alone, _ = permutation_p(members, flips())
    _, together = permutation_p(members[1:], flips())
    assert alone == pytest.approx(case["permuted"], abs=1e-12)
    assert together == pytest.approx(case["max_t"], abs=1e-12)
    for member, F, p in zip(members, case["F"], case["p"], strict=True):
        contrasts = np.einsum("skd,kc->scd", member, anova.orthonormal(3)).reshape(5, -1)
        found = anova.effect_of(contrasts, ("level",))
        assert (found.F, found.p_uncorrected) == pytest.approx((F, p), rel=1e-9)


def test_ranks_give_friedmans_exact_test() -> None:
    """On ranks p is that of the published tables of Friedman's statistic.

    Of four seeds and three levels, Q = 8.0, 6.5 and 4.5 have .0046, .042 and .125 (Friedman 1937, table V; Hollander,
    Wolfe & Chicken, Nonparametric Statistical Methods).
    """
    published = (0.0046, 0.042, 0.125)
    for case, p in zip(RESULTS["friedman"], published, strict=True):
        ranks = np.array(case["ranks"], dtype=float)
        assert stats.friedmanchisquare(*ranks.T).statistic == pytest.approx(case["Q"])
        ((found,), _) = permutation_p([ranks[:, :, None]], flips())
        assert found == pytest.approx(case["p"], abs=1e-12)
        assert found == pytest.approx(p, abs=5e-4)


def test_every_order_counts_once() -> None:
    """Few seeds: all (k!)^S, whatever the number of rows at once; many: drawn orders, each a permutation."""
    rows = np.concatenate(list(orders(3, 3, flips(), 50)))
    each = list(permutations(range(3)))
    assert sorted(map(tuple, rows.reshape(len(rows), -1).tolist())) == sorted(
        tuple(np.ravel(one)) for one in product(each, repeat=3)
    )
    drawn = list(orders(12, 4, flips(), 40_000))
    assert sum(map(len, drawn)) == 99_999
    assert (np.sort(drawn[0], axis=2) == np.arange(4)).all()


def test_drawn_orders_estimate_the_same_p() -> None:
    """Six seeds of three levels by enumeration, and the same six by 99 999 drawn orders, agree within their error."""
    values = np.random.default_rng(3).normal(0, 1, (6, 3, 1)) + np.array([0.0, 0.4, 0.9])[:, None]
    ((exact,), _) = permutation_p([values], flips())
    statistic = lambda table: (table.sum(axis=-2) ** 2).sum(axis=-1)  # noqa: E731
    drawn = flips().permuted(np.broadcast_to(values[:, :, 0], (99_999, 6, 3)), axis=2)
    assert exact is not None
    share = float((statistic(drawn) >= statistic(values[:, :, 0]) - 1e-9).mean())
    assert abs(share - exact) < 4 * (exact * (1 - exact) / 99_999) ** 0.5


def test_without_any_difference_there_is_no_p() -> None:
    """Levels that are alike in every seed have none; beside them the others are as they were."""
    values = np.random.default_rng(4).normal(0, 1, (5, 3, 1))
    flat = np.broadcast_to(values[:, :1], values.shape)
    alone, together = permutation_p([flat, values], flips())
    ((own,), _) = permutation_p([values], flips())
    assert alone == together == [None, own]
