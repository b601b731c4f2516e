"""One number for the ratio of times: Cox in pairs against coxph, least squares against R's, and separation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg

from analyze.measures.curve_shape import restricted_times
from analyze.measures.time_to_target import Crossings
from analyze.sections.time_ratios import hazard_ratio, least_squares_ratio, time_ratio
from analyze.sections.time_regression import regression
from tests import reference
from tests.analyze.sections.reference_times import reference_crossings

RESULTS = reference.results()


def test_cox_in_pairs(tmp_path: Path) -> None:
    """The counted hazard ratio is coxph's with Efron ties and a stratum a pair; so is its jackknife."""
    loaded, found = reference_crossings(tmp_path)
    everything = np.ones(len(loaded.trials), bool)
    overall = hazard_ratio(loaded, found, everything)
    assert overall.estimate == pytest.approx(RESULTS["cox"]["coefficient"], rel=1e-9)
    assert overall.se == pytest.approx(RESULTS["cox"]["jackknife_se"], rel=1e-9)
    for cell, coefficient in enumerate(RESULTS["cox_cells"], start=1):
        one = hazard_ratio(loaded, found, (loaded.trials["depth"] == cell).to_numpy())
        assert one.estimate == pytest.approx(coefficient, rel=1e-6)


def test_cox_agrees_with_statsmodels(tmp_path: Path) -> None:
    """PHReg with Efron ties, the default being Breslow, on the same strata."""
    loaded, found = reference_crossings(tmp_path)
    crossed = np.isfinite(found.high)
    strata = loaded.trials["seed"].to_numpy() * 10 + loaded.trials["depth"].to_numpy()
    arm = (loaded.trials["ordering"] == "act_bn").to_numpy(float)
    times = np.where(crossed, found.high, found.budget)
    theirs = PHReg(times, arm[:, None], status=crossed, strata=strata, ties="efron").fit(disp=0).params[0]
    ours = hazard_ratio(loaded, found, np.ones(len(arm), bool)).estimate
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_separation_has_no_hazard_ratio(tmp_path: Path) -> None:
    """One level first in every pair: no coefficient of -25 with a standard error of 56 000, but a reason."""
    loaded, found = reference_crossings(tmp_path)
    first = (loaded.trials["ordering"] == "act_bn").to_numpy()
    apart = Crossings(found.low, np.where(first, 1024.0, 2048.0), found.budget)
    assert hazard_ratio(loaded, apart, np.ones(len(first), bool)) == "partial_likelihood_without_maximum"


def test_least_squares_with_seeds_as_clusters(tmp_path: Path) -> None:
    """Coefficient and p of lm with the cluster-robust variance (CR1) and t with seeds − 1, the budget 3584."""
    loaded, found = reference_crossings(tmp_path)
    ours, theirs = least_squares_ratio(loaded, found), RESULTS["least_squares"]
    assert ours.estimate == pytest.approx(theirs["coefficient"], rel=1e-9)
    assert ours.p == pytest.approx(theirs["p"], rel=1e-9)
    assert ours.ci95[0] < ours.estimate < ours.ci95[1]


def test_least_squares_of_equal_times_has_no_p(tmp_path: Path) -> None:
    """No residual, no standard error."""
    loaded, found = reference_crossings(tmp_path)
    equal = np.full(len(found.low), 1024.0)
    assert least_squares_ratio(loaded, Crossings(equal, equal, found.budget)) is None


def test_least_squares_need_a_cell_with_both_levels(tmp_path: Path) -> None:
    """Where each cell ran one level, their difference is that of cells, of which nothing can be told."""
    loaded, found = reference_crossings(tmp_path)
    first = loaded.trials["ordering"] == loaded.design.contrast[0]
    kept = ((loaded.trials["depth"] == loaded.trials["depth"].min()) == first).to_numpy()
    apart = replace(loaded, trials=loaded.trials[kept])
    assert least_squares_ratio(apart, Crossings(found.low[kept], found.high[kept], found.budget[kept])) is None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_what_turns_and_what_stays(tmp_path_factory: pytest.TempPathFactory, seed: int, unit: float) -> None:
    """In another unit of time nothing changes; with the levels swapped the log ratio turns and its p stays."""
    draw = np.random.default_rng(seed)
    loaded, found = reference_crossings(tmp_path_factory.mktemp("times"), crossed=True)
    times = np.exp(draw.normal(7.4, 0.5, len(found.low)))
    points = np.array([0, 512, 1024, 1536, 2048, 3584, np.inf])
    place = np.searchsorted(points, times)
    low, high = points[place - 1], points[place]
    here = Crossings(low, high, found.budget)
    scaled = Crossings(low * unit, high * unit, found.budget * unit)
    other = replace(loaded, design=replace(loaded.design, contrast=loaded.design.contrast[::-1]))
    everything = np.ones(len(low), bool)
    for model in (time_ratio, hazard_ratio):
        one, same = model(loaded, here, everything), model(loaded, scaled, everything)
        turned = model(other, here, everything)
        assert not isinstance(one, str)
        assert (same.estimate, same.p) == pytest.approx((one.estimate, one.p), rel=1e-5, abs=1e-8)
        assert (turned.estimate, turned.p) == pytest.approx((-one.estimate, one.p), rel=1e-5, abs=1e-8)
    restricted = restricted_times(here)
    assert (restricted.left <= restricted.middle).all()
    assert (restricted.middle <= restricted.right).all()
    both = zip(regression(loaded, here).coefficients, regression(loaded, scaled).coefficients, strict=True)
    for (what, a), (_, b) in both:
        assert (a.estimate, a.p) == pytest.approx((b.estimate, b.p), rel=1e-5, abs=1e-8), what
