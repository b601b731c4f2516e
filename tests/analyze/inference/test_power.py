"""Power against R's power.t.test, simulation, and figures published in the analysis plan."""

import numpy as np
import pytest
from scipy import stats

from analyze.inference import power
from tests import reference


@pytest.mark.parametrize("case", reference.results()["power_t"])
def test_t_power(case: dict[str, float]) -> None:
    """power.t.test(type = "one.sample", strict = TRUE) of R."""
    found = power.t_power(case["gap"], case["sd"], case["seeds"])
    assert found == pytest.approx(case["power"], rel=1e-6)


def test_smallest_detectable_has_the_power_it_promises() -> None:
    """The gap found is found with power 80 %."""
    gap = power.smallest_detectable(0.2, 10)
    assert power.t_power(gap, 0.2, 10) == pytest.approx(0.8, abs=1e-9)
    assert power.smallest_detectable(0.2, 1) is None
    assert power.smallest_detectable(0.0, 10) is None


@pytest.mark.parametrize(("sd", "chance", "seeds"), [(0.15, 0.28, 21), (0.20, 0.07, 36), (0.25, 0.01, 55)])
def test_cost_of_equivalence(sd: float, chance: float, seeds: int) -> None:
    """Margin .1, true gap 0: the power of ten seeds, and the seeds for 80 %."""
    assert power.tost_power(sd, 10, 0.1) == pytest.approx(chance, abs=0.006)
    assert power.seeds_for_margin(sd, 0.1) == seeds


def test_tost_power_by_simulation() -> None:
    """The integral is the rejection rate of the test itself."""
    draws = np.random.default_rng(1).normal(0, 0.12, (40_000, 8))
    mean, se = draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(8)
    rate = (abs(mean) + stats.t.ppf(0.95, 7) * se < 0.1).mean()
    assert power.tost_power(0.12, 8, 0.1) == pytest.approx(rate, abs=0.008)


@pytest.mark.parametrize("seeds", [2, 3, 10, 100, 1667, 50_000])
def test_power_is_a_probability_that_grows(seeds: int) -> None:
    """At any number of seeds, however far in the tails."""
    gaps = [power.t_power(gap, 0.2, seeds) for gap in (0.0, 0.01, 0.1, 1.0, 10.0)]
    assert gaps == sorted(gaps)
    assert gaps[0] == pytest.approx(0.05)
    assert 0 <= power.tost_power(0.2, seeds, 0.1) <= 1 + 1e-9


def test_upper_limit_of_the_spread() -> None:
    """The chi-square limit holds the true sd in 80 % of samples."""
    draws = np.random.default_rng(2).normal(0, 1, (20_000, 10)).std(axis=1, ddof=1)
    held = np.mean([power.upper_sd(sd, 10) > 1 for sd in draws])
    assert held == pytest.approx(0.8, abs=0.01)


def test_spread_that_can_be_seen() -> None:
    """The ratio found is found in 80 % of simulated studies, and more seeds see a smaller one."""
    few = power.detectable_spread_ratio(10, np.random.default_rng(3))
    many = power.detectable_spread_ratio(40, np.random.default_rng(3))
    assert 1 < many < few < 10
    assert power.detectable_spread_ratio(2, np.random.default_rng(3)) is None


@pytest.mark.parametrize("seeds", [2, 3, 10, 40, 100_000])
def test_power_where_scipys_noncentral_t_ends(seeds: int) -> None:
    """Power rises with the gap through every place where a tail of it is NaN."""
    found = np.array([power.t_power(gap, 1.0, seeds) for gap in np.geomspace(1e-3, 1e5, 200)])
    assert (np.diff(found) >= -1e-9).all()
    assert found[-1] == pytest.approx(1)
