"""Step-down max-T against R's brute force over every flip, and what it must do whatever the data."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyze.inference.max_t import max_t
from analyze.inference.multiplicity import holm
from analyze.inference.paired import compare
from analyze.inference.signflip import flip_p, flips
from analyze.sections.cells import corrected
from tests import reference

RESULTS = reference.results("max_t")


def members(tables: list[Any]) -> list[np.ndarray]:
    """Scores of each member, (S, df), NaN where a seed is missing."""
    return [np.array(table, dtype=float) for table in tables]


@pytest.mark.parametrize("case", RESULTS["families"].values(), ids=RESULTS["families"])
def test_families_of_means(case: dict[str, Any]) -> None:
    """The p of every member: equal n, few seeds, one member, ties, constant, one-sided, unequal n, nested seeds."""
    assert max_t(members(case["members"]), flips(), case["side"]) == pytest.approx(case["p"], abs=1e-12)


def test_effects_of_unlike_degrees_of_freedom() -> None:
    """Effects of three, two and one columns weigh by the parametric p of their F."""
    case = RESULTS["effects"]
    assert max_t(members(case["members"]), flips()) == pytest.approx(case["p"], abs=1e-12)


def test_beyond_the_margin() -> None:
    """Both sides of every cell are one family of signed t; a cell has the smaller p of its two."""
    case = RESULTS["beyond"]
    differences = np.array(case["differences"])
    found = [compare(column, np.zeros_like(column), margin=case["margin"]) for column in differences.T]
    assert corrected(found, differences, case["margin"], 0.05).p_beyond == pytest.approx(case["p"], abs=1e-12)
    assert case["p"][1] > 0.5, "a gap of zero is not beyond the margin"


scores = st.integers(2, 7).flatmap(
    lambda seeds: st.lists(
        st.lists(st.integers(-3, 4).map(float), min_size=seeds, max_size=seeds), min_size=1, max_size=4
    )
)


@given(scores)
def test_a_corrected_p_is_never_below_its_own_and_its_order_is_that_of_the_members(table: list[list[float]]) -> None:
    """Of any whole numbers, many of them tied; turned signs and another order of the members change nothing."""
    family = [np.array(one)[:, None] for one in table]
    found = max_t(family, flips())
    for one, alone in zip(found, flip_p(family, flips()), strict=True):
        assert (one is None) == (alone is None)
        assert one is None or alone <= one + 1e-12 <= 1 + 2e-12
    assert max_t([-one for one in family[::-1]], flips()) == pytest.approx(found[::-1])


def test_sampled_flips_come_near_the_exact_p() -> None:
    """Seventeen labels, eight of which never differ: 99 999 flips are drawn of what nine seeds enumerate."""
    case = RESULTS["families"]["equal"]
    sampled = max_t([np.append(one, np.zeros((8, 1)), axis=0) for one in members(case["members"])], flips())
    assert sampled == pytest.approx(case["p"], abs=0.006)
    assert sampled != case["p"]


def test_the_least_p_is_that_of_one_test_however_many_members() -> None:
    """Forty-eight cells whose seeds all agree: 2/2^6, where Holm would ask for 48 times as much."""
    family = [np.random.default_rng(1).normal(1, 0.01, (6, 1)) for _ in range(48)]
    assert max_t(family, flips()) == [2 / 2**6] * 48


def test_members_without_the_seeds_for_alpha_leave_the_family() -> None:
    """Five of ten seeds cannot reach .05: the others' p are those of a family without that member, here greater."""
    generator = np.random.default_rng(7)
    full = [generator.normal(0.25, 0.2, (10, 1)) for _ in range(3)]
    thin = np.where(np.arange(10)[:, None] < 5, generator.normal(1, 0.1, (10, 1)), np.nan)
    assert max_t([thin, *full], flips(), alpha=0.05) == [None, *max_t(full, flips())]
    assert max_t([thin, *full], flips())[1:] != max_t(full, flips())


@pytest.mark.parametrize(("seeds", "cells", "by_holm", "by_max_t"), [(6, 4, 0, 0.82), (8, 9, 0, 0.98), (10, 4, 1, 1)])
def test_power_beside_holm(seeds: int, cells: int, by_holm: float, by_max_t: float) -> None:
    """Share of real effects found in 100 studies: gaps of .6 in half the cells, sd .2 and .15 shared by a seed."""
    generator, found = np.random.default_rng(11), np.zeros(2)
    real = cells // 2
    for _ in range(100):
        noise = generator.normal(0, 0.15, (seeds, 1)) + generator.normal(0, 0.2, (seeds, cells))
        family = [(noise[:, [cell]] + 0.6 * (cell < real)) for cell in range(cells)]
        corrected_p = holm(flip_p(family, flips())), max_t(family, flips())
        found += [np.mean([(p or 1.0) <= 0.05 for p in one[:real]]) for one in corrected_p]
    assert found / 100 == pytest.approx([by_holm, by_max_t], abs=4 * np.sqrt(0.82 * 0.18 / 100))
