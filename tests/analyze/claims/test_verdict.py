"""How components join: corrections, refutations, and the seeds that an open claim needs."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from analyze.claims.evidence import Contrast
from analyze.claims.verdict import Part, intersection, naming, union
from analyze.findings import Component, because


def contrast(mean: float, sd: float, seeds: int, code: str = "gap_early") -> Contrast:
    """Scores of exactly this mean and standard deviation."""
    shape = np.linspace(-1, 1, seeds)
    return Contrast(because(code), mean + sd * shape / shape.std(ddof=1))


def part(p: float) -> Part:
    """A component with this p, whose scores decide nothing else."""
    one = contrast(0.5, 1.0, 10)
    component = Component(contrast=one.name, side="greater", estimate=0.5, ci95=None, p=p)
    return Part(one, component, 0.1)


def test_a_union_is_corrected_for_its_components() -> None:
    """Any of three at .05 means each at .05/3, the smallest first: .03 among three is .09."""
    assert union([part(0.03), part(0.9), part(0.9)], 0.05, None).verdict == "inconclusive"
    assert union([part(0.03), part(0.9), part(0.9)], 0.05, None).p == pytest.approx(0.09)
    assert union([part(0.016), part(0.9), part(0.9)], 0.05, None).verdict == "supported"


def test_an_intersection_needs_every_component() -> None:
    """Its p is the largest, without a correction."""
    assert intersection([part(0.04), part(0.03)], 0.05, None).verdict == "supported"
    ruling = intersection([part(0.04), part(0.06)], 0.05, None)
    assert (ruling.verdict, ruling.p) == ("inconclusive", 0.06)
    assert intersection([part(0.04), part(0.06)], 0.05, because("all_equivalent")).verdict == "refuted"
    assert intersection([part(0.04)], 0.05, because("all_equivalent")).verdict == "supported"


@pytest.mark.parametrize("join", [intersection, union])
def test_seeds_needed_is_what_a_power_analysis_asks_for(join: Callable[..., object]) -> None:
    """The fewest seeds of a one-sided t test at alpha with power 80 %, as statsmodels has them."""
    one = contrast(0.2, 0.6, 12)
    component = one.tested("greater")
    found = join([Part(one, component.model_copy(update={"p": 0.2}), 0.1)], 0.05, None).seeds_needed  # type: ignore[attr-defined]
    asked = TTestPower().solve_power(effect_size=0.2 / 0.6, alpha=0.05, power=0.8, alternative="larger")
    assert found == math.ceil(asked)


def test_a_reason_names_its_contrasts() -> None:
    """In their order; none, no reason."""
    ones = [contrast(0.2, 0.6, 12, code) for code in ("gap_early", "gap_early_less_final")]
    assert naming("beyond_margin", ones) == because("beyond_margin", contrasts=(ones[0].name, ones[1].name))
    assert naming("beyond_margin", []) is None
