"""Inference that holds at all n at once: against the integral, against R, and by looking at simulated studies."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analyze.inference import anytime
from tests import reference
from tests.analyze import by_roots

RESULTS = reference.results("anytime")

#: Jennison & Turnbull (2000), Group Sequential Methods, table 2.1: Pocock's constants C_P(K, alpha).
POCOCK = {
    0.01: {2: 2.772, 3: 2.873, 4: 2.939, 5: 2.986, 6: 3.023, 7: 3.053, 8: 3.078, 9: 3.099, 10: 3.117, 20: 3.225},
    0.05: {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 6: 2.453, 7: 2.485, 8: 2.512, 9: 2.535, 10: 2.555, 20: 2.672},
    0.10: {2: 1.875, 3: 1.992, 4: 2.067, 5: 2.122, 6: 2.164, 7: 2.197, 8: 2.225, 9: 2.249, 10: 2.270, 20: 2.392},
}


def integrated(values: np.ndarray, c2: float) -> float:
    """The log of the mixture's ratio by the trapezoid rule over log sigma and the standardised mean.

    Both integrands are smooth and vanish at the ends, so that the rule errs by rounding alone.
    """
    n, mean, squares = len(values), values.mean(), (values**2).sum()
    log_sigma = np.linspace(-4, max(4, 40 / n), 1201)[:, None] + math.log(math.sqrt(squares / n))
    effect = np.linspace(-1, 1, 2401)[None] * 9 * math.sqrt(c2)
    sigma = np.exp(log_sigma)

    def likelihood(delta: np.ndarray) -> np.ndarray:
        exponent = -(squares - 2 * delta * sigma * n * mean + n * (delta * sigma) ** 2) / (2 * sigma**2)
        return np.exp(exponent + n / 2 - n * (log_sigma - math.log(math.sqrt(squares / n))))

    prior = np.exp(-(effect**2) / (2 * c2))
    mixed = (likelihood(effect) * prior).sum() / prior.sum()
    return math.log(mixed / likelihood(np.zeros((1, 1))).sum())


@pytest.mark.parametrize(("n", "shift", "c2"), [(2, 0.4, 0.25), (6, 0.0, 1.0), (10, 0.5, 0.25), (40, -0.6, 0.5)])
def test_closed_form_is_the_integral(n: int, shift: float, c2: float) -> None:
    """The e-value is the mixture that it says it is: priors N(0, c²) and right-Haar, both integrated by number."""
    values = np.random.default_rng(n).normal(shift, 1.3, n)
    t = float(stats.ttest_1samp(values, 0).statistic)
    assert anytime.log_e_value(t, n, c2) == pytest.approx(integrated(values, c2), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("case", RESULTS["mixture"])
def test_against_avlm(case: dict[str, Any]) -> None:
    """Interval and p of a mean by R's avlm, the coefficient of lm(x ~ 1); infinite where avlm has no end."""
    values, alpha, c2 = np.array(case["values"]), case["alpha"], case["c2"]
    n, sd = len(values), float(values.std(ddof=1))
    found = anytime.interval(float(values.mean()), sd, n, alpha, c2)
    if case["interval"]:
        assert found == pytest.approx(case["interval"], rel=1e-11)
    else:
        assert found == (-math.inf, math.inf)
    t = float(values.mean()) / (sd / n**0.5)
    assert anytime.p_value(t, n, c2) == pytest.approx(case["p"], rel=1e-11)


@pytest.mark.parametrize(("n", "alpha", "c2"), [(6, 0.05, 0.5), (10, 0.05 / 16, 1.0), (200, 0.1, 0.25), (7, 0.2, 1.0)])
def test_interval_and_p_are_one_test(n: int, alpha: float, c2: float) -> None:
    """At the end of the interval the p is alpha."""
    assert anytime.p_value(anytime.critical_t(n, alpha, c2), n, c2) == pytest.approx(alpha, rel=1e-12)


def test_few_values_have_no_end() -> None:
    """Where no e-value can reach 1/alpha, whatever t, the interval is infinite; from one value on more it has ends."""
    ends = [math.isfinite(anytime.critical_t(n, 0.05, 0.25)) for n in range(1, 40)]
    first = ends.index(True) + 1
    assert all(ends[first - 1 :])
    assert anytime.log_e_value(1e9, first - 1, 0.25) < math.log(20) < anytime.log_e_value(1e9, first, 0.25)


def test_widths() -> None:
    """In standard deviations at alpha .05, c² .25 and .5; and those of t, which holds at one n alone."""
    widths = {c2: [anytime.critical_t(n, 0.05, c2) / n**0.5 for n in (10, 20, 50, 100)] for c2 in (0.25, 0.5)}
    assert widths[0.25] == pytest.approx([1.53, 0.77, 0.45, 0.32], abs=0.005)
    assert widths[0.5] == pytest.approx([1.29, 0.76, 0.46, 0.32], abs=0.005)


@pytest.mark.parametrize("skewness", [-2.5, -0.3, 0.0, 1e-9, 1.4, 4.0])
@pytest.mark.parametrize("n", [7, 30, 200])
def test_skewness_is_taken_away_as_hall_does(skewness: float, n: int) -> None:
    """An end is where t is at the limit, or Hall's polynomial of it, whichever is further; so never a narrower one."""
    limit = anytime.critical_t(n, 0.05, 0.25)
    low, high = anytime.within(0.3, 2.0, n, limit, skewness)
    se = 2.0 / math.sqrt(n)
    assert low == pytest.approx(0.3 - se * max(limit, by_roots.t_of(limit, skewness, n)), rel=1e-9)
    assert high == pytest.approx(0.3 - se * min(-limit, by_roots.t_of(-limit, skewness, n)), rel=1e-9)
    plain = anytime.interval(0.3, 2.0, n, 0.05, 0.25)
    further = np.array([plain[0] - low, high - plain[1]])
    assert further.min() >= -1e-12
    if n >= 30 and abs(skewness) > 0.1:
        assert (further > 1e-3).tolist() == [skewness < 0, skewness > 0]
    assert anytime.within(-0.3, 2.0, n, limit, -skewness) == pytest.approx((-high, -low))


def test_without_an_end_skewness_changes_nothing() -> None:
    """As long as t has no limit, neither has its transformation."""
    assert anytime.within(0.3, 2.0, 3, math.inf, 1.4) == (-math.inf, math.inf)


def ever_missed(studies: int, c2: float, draw: np.random.Generator) -> tuple[float, float]:
    """The share of samples whose mean any interval from n = 10 to 200 misses: the mixture's, and Student's."""
    values = draw.normal(0, 1, (studies, 200))
    n = np.arange(10, 201)
    sums, squares = values.cumsum(axis=1)[:, 9:], (values**2).cumsum(axis=1)[:, 9:]
    t = np.abs(sums / n) / np.sqrt((squares - sums**2 / n) / (n - 1) / n)
    limits = (
        np.array([anytime.critical_t(int(one), 0.05, c2) for one in n]),
        stats.t.ppf(0.975, n - 1),
    )
    mixture, student = ((t > limit).any(axis=1).mean() for limit in limits)
    return float(mixture), float(student)


def test_covers_at_all_n_at_once() -> None:
    """Between n = 10 and 200 it ever misses about .025 of samples at alpha .05, Student's interval .34."""
    mixture, student = ever_missed(4000, 0.25, np.random.default_rng(1))
    assert 0.015 < mixture < 0.035
    assert 0.31 < student < 0.37


@pytest.mark.soak
@pytest.mark.parametrize("c2", [0.1, 0.25, 0.5])
def test_covers_in_many_samples(c2: float) -> None:
    """The same over 100 000 samples for each prior."""
    found = [ever_missed(10_000, c2, np.random.default_rng([2, number]))[0] for number in range(10)]
    assert 0.02 < np.mean(found) < 0.031


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_sign_flip_e_has_mean_one(n: int) -> None:
    """Over all signs of any differences the mean of the e-process is 1 at every step, zeros among them or not."""
    sizes = np.abs(np.random.default_rng(n).standard_t(2, n))
    sizes[n // 2] = 0.0 if n > 2 else sizes[n // 2]
    flipped = [np.exp(anytime.sign_flip_log_e(np.array(one) * sizes)) for one in itertools.product([-1, 1], repeat=n)]
    assert np.mean(flipped, axis=0) == pytest.approx(np.ones(n), rel=1e-12)


def test_sign_flip_e_by_its_definition() -> None:
    """The mean over bets and both signs of the product of factors, each from the values before it, written out."""
    values, against = np.array([0.3, -0.1, 0.4, 0.0, 0.7]), 0.05
    products = []
    for theta in (*anytime.BETS, *(-one for one in anytime.BETS)):
        product = 1.0
        for i in range(1, len(values)):
            rms = math.sqrt(sum((one - against) ** 2 for one in values[:i]) / i)
            product *= 2 / (1 + math.exp(-2 * theta / rms * (values[i] - against)))
        products.append(product)
    assert np.exp(anytime.sign_flip_log_e(values, against)[-1]) == pytest.approx(np.mean(products), rel=1e-13)


def test_sign_flip_e_grows_where_there_is_an_effect() -> None:
    """It takes a shifted sample apart from a symmetric one, in the same way whichever side the shift is on."""
    values = np.random.default_rng(3).standard_t(4, 150) + 0.6
    e = anytime.sign_flip_log_e(values)
    assert e[-1] > math.log(1000)
    assert anytime.sign_flip_log_e(-values) == pytest.approx(e, rel=1e-12)
    assert anytime.sign_flip_log_e(values, 0.6).max() < math.log(20)


@pytest.mark.parametrize("alpha", POCOCK)
def test_pocock_as_published(alpha: float) -> None:
    """Constants of equally spaced looks, to the three decimals of the table."""
    found = {K: stats.norm.isf(anytime.pocock_level(range(1, K + 1), alpha) / 2) for K in POCOCK[alpha]}
    assert found == pytest.approx(POCOCK[alpha], abs=0.00051)


@pytest.mark.parametrize("case", RESULTS["pocock"])
def test_pocock_at_uneven_looks(case: dict[str, Any]) -> None:
    """The chance to cross at any look, by R's multivariate normal."""
    assert anytime.crossing(case["looks"], case["z"]) == pytest.approx(case["crossing"], abs=3 * case["error"] + 1e-8)


def test_one_look_is_no_correction() -> None:
    """A single look rejects at alpha, as a test that is made once."""
    assert anytime.pocock_level([10], 0.05) == pytest.approx(0.05, rel=1e-6)
