"""Normality and sphericity against SciPy, pingouin's own designs and Mauchly's formula."""

import numpy as np
import pingouin
import pytest
from scipy import stats

from analyze.inference import assumptions
from analyze.inference.anova import contrast_scores


def test_normality_is_shapiro_wilks() -> None:
    """W and p are SciPy's; too few values, or equal ones, have a reason."""
    sample = np.random.default_rng(1).normal(size=10) ** 3
    assert assumptions.normality(sample) == pytest.approx(tuple(stats.shapiro(sample)), rel=1e-12)
    assert assumptions.normality(sample[:3]) == "four_values"
    assert assumptions.normality(np.full(9, 0.1)) == "all_differences_equal"


@pytest.mark.parametrize("within", [(False, True), (True, True)])
def test_sphericity_of_two_factors_is_pingouins(within: tuple[bool, bool]) -> None:
    """A main effect and an interaction of pingouin's rm_anova2, which it takes as they are."""
    table = pingouin.read_dataset("rm_anova2").sort_values(["Subject", "Time", "Metric"])
    responses = table["Performance"].to_numpy(float).reshape(-1, 2, 3)
    names = [name for name, inside in zip(("Time", "Metric"), within, strict=True) if inside]
    theirs = pingouin.sphericity(table, dv="Performance", subject="Subject", within=names)
    assert assumptions.sphericity(contrast_scores(responses, within)) == pytest.approx(
        (theirs.W, theirs.pval), rel=1e-9
    )


def test_sphericity_of_three_factors_is_mauchlys() -> None:
    """W is the determinant of the covariance over that of a sphere; p is uniform where the truth is one."""
    draw = np.random.default_rng(2)
    scores = contrast_scores(draw.normal(size=(12, 2, 3, 3)), (True, True, True))
    W, _ = assumptions.sphericity(scores)
    covariance = np.cov(scores.T)
    assert pytest.approx(np.linalg.det(covariance) / (np.trace(covariance) / 4) ** 4, rel=1e-9) == W
    p = [assumptions.sphericity(draw.normal(size=(12, 4)))[1] for _ in range(400)]
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_what_has_no_sphericity() -> None:
    """As many degrees of freedom as seeds, or scores that do not vary, have a reason; a dependence has p = 0."""
    scores = np.random.default_rng(3).normal(size=(4, 4))
    assert assumptions.sphericity(scores) == "sphericity_needs_seeds"
    assert assumptions.sphericity(np.ones((9, 2))) == "response_constant"
    assert assumptions.sphericity(np.repeat(np.arange(9.0)[:, None], 2, axis=1)) == pytest.approx((0, 0), abs=1e-9)
