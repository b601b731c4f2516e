"""The seed sign-flip against brute force."""

import tracemalloc
from itertools import product

import numpy as np
import pytest
from scipy import stats

from analyze.inference import anova, signflip
from collect import schema


def brute_force(responses: np.ndarray, factors: list[str], effect: str) -> float:
    """Share of sign vectors under which the effect's F, from the ANOVA of the flipped data, is as large."""
    half = (responses[:, 1:] - responses[:, :1]) / 2
    mean = responses.mean(axis=1, keepdims=True)

    def f_of(signs: tuple[int, ...]) -> float:
        flipped = half * np.array(signs).reshape(-1, *[1] * (half.ndim - 1))
        data = np.concatenate([mean - flipped, mean + flipped], axis=1)
        return next(e.F for e in anova.effects(data, factors) if e.name == effect)

    observed = f_of((1,) * len(responses))
    every = [f_of(signs) for signs in product((-1, 1), repeat=len(responses))]
    return float(np.mean(np.array(every) >= observed * (1 - 1e-9)))


@pytest.mark.parametrize("effect", ["ordering", "ordering:depth", "ordering:activation", "ordering:depth:activation"])
def test_every_ordering_effect(effect: str) -> None:
    """P equals that of recomputing the whole ANOVA for each of the 2^6 flips of whole seeds."""
    factors = ["ordering", "depth", "activation"]
    responses = np.random.default_rng(3).normal(size=(6, 2, 2, 3)) + np.arange(6)[:, None, None, None]
    responses[:, 1] += 0.5
    within = [name in effect.split(":") for name in factors[1:]]
    scores = anova.contrast_scores(responses[:, 1] - responses[:, 0], within)
    found = signflip.flip_p([scores], np.random.default_rng(0))
    assert found[0] == pytest.approx(brute_force(responses, factors, effect), abs=1e-12)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_mean(side: str) -> None:
    """The test of one mean, each side, against all 2^9 sign vectors."""
    scores = np.random.default_rng(4).normal(0.4, 1, 9)
    means = np.array([np.mean(scores * np.array(signs)) for signs in product((-1, 1), repeat=9)])
    observed = scores.mean()
    expected = {
        "two-sided": np.mean(abs(means) >= abs(observed) - 1e-12),
        "greater": np.mean(means >= observed - 1e-12),
        "less": np.mean(means <= observed + 1e-12),
    }
    found = signflip.mean_flip_p(scores, np.random.default_rng(0), side)
    assert found == pytest.approx(expected[side], abs=1e-12)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_scipys_permutation_test(side: str) -> None:
    """SciPy's test of paired samples on counts with ties, every sign vector."""
    counts = np.random.default_rng(8).integers(-4, 7, 10).astype(float)
    theirs = stats.permutation_test(
        (counts,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=side, vectorized=True
    )
    found = signflip.mean_flip_p(counts, np.random.default_rng(0), side)
    assert found == pytest.approx(theirs.pvalue, abs=1e-12)


def test_sampled_flips_near_the_exact_p_and_never_zero() -> None:
    """Above sixteen seeds flips are drawn: near the exact p of the same data, repeatable, (b + 1)/(B + 1)."""
    scores = np.concatenate([np.random.default_rng(6).normal(0.5, 1, 16), np.zeros(1)])
    exact = signflip.mean_flip_p(scores[:16], np.random.default_rng(1))
    sampled = signflip.mean_flip_p(scores, np.random.default_rng(1))
    assert sampled == pytest.approx(exact, abs=0.004)
    assert sampled == signflip.mean_flip_p(scores, np.random.default_rng(1))
    assert signflip.mean_flip_p(np.full(40, 1.0), np.random.default_rng(1)) == 1 / 100_000


def test_all_zero_has_no_p() -> None:
    """Differences that are all zero say nothing about a p."""
    assert signflip.mean_flip_p(np.zeros(8), np.random.default_rng(0)) is None
    assert signflip.flip_p([np.zeros((8, 2)), np.ones((8, 1))], np.random.default_rng(0)) == [None, 2 / 256]


def test_a_seed_an_effect_lacks_counts_for_nothing() -> None:
    """Zeros in place of a lost pair give the p of the pairs that exist."""
    scores = np.random.default_rng(8).normal(0.5, 1, 9)
    without = signflip.mean_flip_p(scores, np.random.default_rng(0))
    assert signflip.mean_flip_p(np.append(scores, 0.0), np.random.default_rng(0)) == without


@pytest.mark.parametrize(("p", "seeds"), [(1.0, 1), (0.5, 2), (0.05, 6), (2 / 2**16, 16), (1e-5, 17), (9e-6, None)])
def test_least_seeds(p: float, seeds: int | None) -> None:
    """The first number of seeds whose least p is as small, and none below what sampled flips can give."""
    assert signflip.least_seeds(p) == seeds
    if seeds is not None and seeds > 1:
        assert signflip.least_p(seeds) <= p < signflip.least_p(seeds - 1)


def test_the_least_level_of_a_study_is_one_that_flips_can_reach() -> None:
    """A study may not ask for a level at which nothing could ever be found."""
    assert signflip.least_p(signflip.ENUMERATED_SEEDS + 1) == schema.LEAST_ALPHA


def test_very_many_effects_take_bounded_memory_and_keep_their_p() -> None:
    """Fourteen seeds of 2000 cells: 260 MB of statistics at once; in parts each p is still a count over every flip."""
    scores = np.random.default_rng(3).normal(0.4, 1.0, (14, 2000))
    tracemalloc.start()
    found = signflip.flip_p([scores[:, [cell]] for cell in range(2000)], signflip.flips())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5e8
    signs = 1 - 2 * ((np.arange(2**14)[:, None] >> np.arange(14)) & 1)
    for cell in (0, 999, 1999):
        sums = np.abs(signs @ scores[:, cell])
        assert found[cell] == np.mean(sums >= abs(scores[:, cell].sum()) * (1 - 1e-9))
