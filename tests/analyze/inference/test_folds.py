"""The t test over folds that share training examples, against base R and against WEKA's formula."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analyze.inference.folds import compare, variance_factor
from tests import reference

CASES: dict[str, Any] = reference.results("folds")["cases"]


@pytest.mark.parametrize("name", CASES)
def test_as_r_has_it(name: str) -> None:
    """Of ten folds, ten times ten, five, and five times two: gap, t, p, both intervals and equivalence."""
    case = CASES[name]
    found = compare(np.array(case["first"]), np.array(case["second"]), folds=case["folds"], margin=case["margin"])
    assert (found.gap, found.t, found.p_t) == pytest.approx([case[key] for key in ("gap", "t", "p")])
    assert (found.n - 1, found.p_tost) == (case["df"], pytest.approx(case["p_tost"]))
    assert found.ci95 == pytest.approx(case["ci95"])
    assert found.ci90 == pytest.approx(case["ci90"])


@pytest.mark.parametrize("name", CASES)
def test_as_weka_has_it(name: str) -> None:
    """WEKA 3.8, PairedStatsCorrected: mean / sqrt((1/count + ratio) sd²), its square held against F(1, count − 1)."""
    case = CASES[name]
    first, second = np.array(case["first"]), np.array(case["second"])
    difference, ratio = first - second, 1 / (case["folds"] - 1)
    t = difference.mean() / math.sqrt((1 / len(first) + ratio) * difference.std(ddof=1) ** 2)
    found = compare(first, second, folds=case["folds"], margin=None)
    assert (found.t, found.p_t) == pytest.approx((t, stats.f.sf(t**2, 1, len(first) - 1)))


def test_the_ratio_is_of_test_to_training_examples() -> None:
    """A tenth that is tested against nine tenths that train, however often: 1/9."""
    assert variance_factor(10, 10) == pytest.approx(1 / 10 + 0.1 / 0.9)
    assert variance_factor(100, 10) == pytest.approx(1 / 100 + 0.1 / 0.9)


def test_repeats_do_not_add_what_folds_share() -> None:
    """Ten times the same folds: the usual t grows threefold, the corrected one by less than half."""
    first, second = (np.array(CASES["ten"][arm]) for arm in ("first", "second"))
    once, often = (compare(np.tile(first, r), np.tile(second, r), folds=10, margin=None).t for r in (1, 10))
    assert once is not None
    assert often is not None
    assert 1 < often / once < 1.5


def test_a_fold_needs_both_runs_and_a_spread_two_folds() -> None:
    """A fold without a run is left out; one fold has a gap alone, equal differences no t; each null has its code."""
    lost = compare(np.array([1.0, 2.0, np.nan, 4.0]), np.array([0.0, 3.0, 3.0, 1.0]), folds=10, margin=1.0)
    assert (lost.n, lost.gap) == (3, 1.0)
    one = compare(np.array([1.0]), np.array([0.5]), folds=10, margin=1.0)
    assert (one.n, one.gap, one.t, one.decidable, one.why["t"]) == (1, 0.5, None, False, "two_complete_folds")
    none = compare(np.array([np.nan]), np.array([0.5]), folds=10, margin=1.0)
    assert (none.n, none.gap, none.why["gap"]) == (0, None, "two_complete_folds")
    equal = compare(np.array([1.0, 2.0]), np.array([0.0, 1.0]), folds=10, margin=1.0)
    assert (equal.gap, equal.sd, equal.t, equal.why["p_t"]) == (1.0, 0.0, None, "all_differences_equal")


def test_what_takes_independent_pairs_is_not_given() -> None:
    """Ranks, effect sizes in standard deviations of pairs and the Bayes factor."""
    found = compare(np.array(CASES["ten"]["first"]), np.array(CASES["ten"]["second"]), folds=10, margin=1.0)
    assert (found.p_wilcoxon, found.d_z, found.d_z_ci95, found.bf10) == (None,) * 4
    assert {found.why[name] for name in ("p_wilcoxon", "d_z", "d_z_ci95", "bf10")} == {"folds_overlap"}
