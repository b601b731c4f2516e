"""Properties: what must not change, and what must turn, when data are relabelled, shifted or scaled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analyze.inference import anova, paired, signflip
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import flip_p, mean_flip_p
from analyze.sections.mean import Mean, mean_over_cells
from analyze.study.pairing import Arms

VALUES = st.floats(-50, 50, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def responses(draw: st.DrawFn) -> np.ndarray:
    """(S, 2, 2, 3) responses that vary between seeds."""
    seeds = draw(st.integers(3, 7))
    found = draw(hnp.arrays(float, (seeds, 2, 2, 3), elements=VALUES))
    return found + np.random.default_rng(0).normal(0, 1, found.shape)


FACTORS = ["ordering", "depth", "activation"]


def f_values(data: np.ndarray) -> dict[str, float | None]:
    """F by effect."""
    return {effect.name: effect.F for effect in anova.effects(data, FACTORS)}


def flips(data: np.ndarray) -> list[float | None]:
    """Flip p of the four effects of the first factor."""
    difference = data[:, 1] - data[:, 0]
    masks = [[False, False], [True, False], [False, True], [True, True]]
    return flip_p([anova.contrast_scores(difference, mask) for mask in masks], signflip.flips())


@settings(max_examples=40, deadline=None)
@given(responses(), st.permutations([0, 1, 2]), st.floats(-100, 100), st.floats(0.1, 10))
def test_levels_order_origin_and_unit_do_not_matter(
    data: np.ndarray, order: list[int], shift: float, unit: float
) -> None:
    """Relabelled levels, seeds in another order, a constant added and another unit leave F and p as they are."""
    changed = data[::-1][..., order] * unit + shift
    for name, value in f_values(data).items():
        assert f_values(changed)[name] == pytest.approx(value, rel=1e-6, abs=1e-9)
    assert flips(changed) == pytest.approx(flips(data), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(responses())
def test_swapping_the_contrast_turns_the_sign_alone(data: np.ndarray) -> None:
    """F, p and the width of the interval stay; the estimate and t change sign, one-sided p change places."""
    swapped = data[:, ::-1]
    assert list(f_values(swapped).values()) == pytest.approx(list(f_values(data).values()), rel=1e-6, abs=1e-9)
    one, other = (paired.compare(d[:, 1, 0, 0], d[:, 0, 0, 0], margin=0.1) for d in (data, swapped))
    assert (one.gap, one.t, one.d_z) == pytest.approx((-other.gap, -other.t, -other.d_z), rel=1e-9)
    assert (one.p_t, one.p_tost, one.p_wilcoxon) == pytest.approx((other.p_t, other.p_tost, other.p_wilcoxon))
    assert one.ci95 == pytest.approx((-other.ci95[1], -other.ci95[0]))
    scores = data[:, 1].mean(axis=(1, 2)) - data[:, 0].mean(axis=(1, 2))
    assert mean_flip_p(scores, signflip.flips(), "greater") == mean_flip_p(-scores, signflip.flips(), "less")


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(float, st.integers(3, 9), elements=VALUES))
def test_p_is_a_probability_no_smaller_than_it_can_be(scores: np.ndarray) -> None:
    """Exact flips: multiples of 2/2^S between 2/2^S and 1, and both sides' p sum to at least one."""
    p = mean_flip_p(scores, signflip.flips())
    if p is None:
        assert not scores.any()
        return
    assert 2 / 2 ** len(scores) <= p <= 1
    greater, less = (mean_flip_p(scores, signflip.flips(), side) for side in ("greater", "less"))
    assert greater + less >= 1
    assert min(1.0, 2 * min(greater, less)) == pytest.approx(p, abs=1e-12) or p <= 2 * min(greater, less)


@given(st.lists(st.floats(0, 1) | st.none(), max_size=12))
def test_holm_keeps_order_and_never_helps(p_values: list[float | None]) -> None:
    """Corrected p are at least the raw ones, in the same order, and missing ones stay missing."""
    adjusted = holm(p_values)
    pairs = [(p, a) for p, a in zip(p_values, adjusted, strict=True) if p is not None]
    assert [a is None for a in adjusted] == [p is None for p in p_values]
    assert all(p <= a <= 1 for p, a in pairs)
    ordered = [a for _, a in sorted(pairs)]
    assert ordered == sorted(ordered)


@settings(max_examples=30, deadline=None)
@given(responses())
def test_a_lost_run_costs_its_seed_and_nothing_else(data: np.ndarray) -> None:
    """The headline with one run missing is the headline without that seed."""

    def headline(d: np.ndarray) -> Mean:
        cells = d.reshape(len(d), 2, 6)
        levels = ((2, 4), ("relu", "elu", "tanh"))
        return mean_over_cells(
            Arms(cells[:, 1], cells[:, 0], tuple(range(len(d))), ("depth", "activation"), levels), margin=0.1
        )

    lost = data.copy()
    lost[1, 0, 1, 2] = np.nan
    without = np.delete(data, 1, axis=0)
    assert headline(lost) == headline(without)
