"""How components join: corrections, refutations, levels, the family of claims, and the seeds an open claim needs."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from analyze.claims.components import Contrast, Part, correlation, flips_of, mean
from analyze.claims.joining import every, nested, some
from analyze.claims.judge import judged
from analyze.claims.verdict import Ruling, not_tested, over_levels, ruled
from analyze.findings import Claim, Side, because
from analyze.inference.multiplicity import holm
from analyze.report.json_twin import in_english

ALPHA = 0.05


def contrast(center: float, sd: float, seeds: int = 10, code: str = "gap_early", margin: float = 0.1) -> Contrast:
    """Scores of exactly this mean and standard deviation."""
    shape = np.linspace(-1, 1, seeds)
    return mean(because(code), center + sd * shape / shape.std(ddof=1), margin=margin)


def part(p: float, side: Side = "greater", seeds: int = 10) -> Part:
    """A component with this one-sided p of t; flips and t agree on scores so even."""
    t = stats.t.isf(p, seeds - 1)
    return Part(contrast(t / math.sqrt(seeds) if side == "greater" else -t / math.sqrt(seeds), 1.0, seeds), side)


def verdict(*rulings: Ruling) -> Claim:
    """The first claim among these."""
    return judged(["small_effect"] * len(rulings), rulings, ALPHA)[0][0]


OPEN = (part(0.5), part(0.5, "less"))


def test_a_union_is_corrected_for_its_components() -> None:
    """Any of three at .05 means each at .05/3, the smallest first: .03 among three is .09."""
    parts = [part(0.03), part(0.9), part(0.9)]
    assert some(parts, ALPHA).p == pytest.approx(0.09)
    assert not some(parts, ALPHA).holds(ALPHA)
    assert some([part(0.01), part(0.9), part(0.9)], ALPHA).holds(ALPHA)


def test_an_intersection_needs_every_component() -> None:
    """Its p is the largest, without a correction; the weakest component is the one that is named."""
    weaker = part(0.04)
    assert every([weaker, part(0.001)], ALPHA).p == pytest.approx(0.04)
    assert every([weaker, part(0.001)], ALPHA).by is weaker
    assert not every([weaker, part(0.06)], ALPHA).holds(ALPHA)


def test_one_component_refutes_an_intersection_and_every_one_a_union() -> None:
    """Test loss lower, its excess higher: overfitting is refuted. Faster, spread undecided: instability is not."""
    good, bad, vague = contrast(1, 0.3), contrast(-1, 0.3), contrast(0, 0.6)
    both = ruled(
        every([Part(good, "greater"), Part(bad, "greater")], ALPHA),
        some([Part(good, "less"), Part(bad, "less")], ALPHA),
    )
    assert verdict(both).verdict == "refuted"
    calm = [nested([Part(one, "equivalent"), Part(one, "less")], ALPHA) for one in (bad, vague)]
    any_of = ruled(some([Part(bad, "greater"), Part(vague, "greater")], ALPHA), every(calm, ALPHA))
    assert verdict(any_of).verdict == "inconclusive"
    calm = [nested([Part(one, "equivalent"), Part(one, "less")], ALPHA) for one in (bad, contrast(0, 0.01))]
    all_calm = ruled(some([Part(bad, "greater"), Part(vague, "greater")], ALPHA), every(calm, ALPHA))
    assert verdict(all_calm).verdict == "refuted"
    assert "the weakest: gap at a tenth of the budget, batch statistics was −1.00\u00a0pp" in in_english(
        verdict(all_calm).why
    )


def test_flips_and_parametric_p_are_both_needed() -> None:
    """Scores of which one is far out pass the flips, not t; six equal ones pass t at any level, flips at 1/64."""
    far = mean(because("gap_early"), np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 30.0]))
    assert flips_of([Part(far, "greater")], ALPHA)[0] == 1 / 256
    assert not every([Part(far, "greater")], ALPHA).holds(ALPHA)
    same = Part(mean(because("gap_early"), np.full(6, 0.5)), "greater")
    assert (same.p, flips_of([same], ALPHA)) == (0.0, [1 / 64])
    assert not every([same], 0.01).holds(0.01)


def test_beyond_the_margin_is_shifted_and_signed() -> None:
    """A true gap of zero is beyond the margin on neither side; flips turn the distance to the margin."""
    inside = [Part(contrast(0, 0.05), side) for side in ("above_margin", "below_margin")]
    assert all(one.p > 0.9 for one in inside)
    assert all(p is not None and p > 0.9 for p in flips_of(inside, ALPHA))
    shifted = Part(contrast(0.15, 0.05), "above_margin")
    assert shifted.p == pytest.approx(stats.ttest_1samp(shifted.contrast.kept - 0.1, 0, alternative="greater").pvalue)
    assert flips_of([shifted], ALPHA)[0] == flips_of([Part(contrast(0.05, 0.05), "greater")], ALPHA)[0]


@pytest.mark.parametrize("seeds", [2, 5])
def test_below_six_seeds_nothing_holds(seeds: int) -> None:
    """One-sided flips could reach 1/32 with five; equivalence and t could too."""
    for side in ("greater", "equivalent", "above_margin", "two-sided"):
        center = 0.0 if side == "equivalent" else 9.0
        assert every([Part(contrast(center, 1e-3, seeds), side)], ALPHA).p == 1  # type: ignore[arg-type]
        assert every([Part(contrast(center, 1e-3, 6), side)], ALPHA).holds(ALPHA)  # type: ignore[arg-type]


def levels(*p_values: float) -> Ruling:
    """A claim over levels: at each a one-sided p of support, negative where it is one of refutation."""
    parts = [part(p) if p > 0 else part(1 + p) for p in p_values]
    return over_levels(
        {index: ([one], [Part(one.contrast, "less")]) for index, one in enumerate(parts)},
        ALPHA,
    )


@pytest.mark.parametrize(
    ("p_values", "expected", "at_levels"),
    [
        ((0.02, 0.02), "supported", ["supported", "supported"]),
        ((0.0001, -0.0001), "mixed", ["supported", "refuted"]),
        ((-0.0001, 0.3), "refuted", ["refuted", "inconclusive"]),
        ((0.0001, 0.3), "inconclusive", ["supported", "inconclusive"]),
        ((-0.02, 0.3), "inconclusive", ["inconclusive", "inconclusive"]),
        ((0.0001, -0.02), "inconclusive", ["supported", "inconclusive"]),
    ],
)
def test_a_claim_over_levels(p_values: Sequence[float], expected: str, at_levels: list[str]) -> None:
    """All levels support it: supported, uncorrected. Else each side counts if it holds corrected over the levels."""
    found = verdict(levels(*p_values))
    assert found.verdict == expected
    assert [one.verdict for one in found.levels] == at_levels


def test_a_claim_over_levels_may_need_more() -> None:
    """Each level supports it, the part beside them does not: the levels keep their verdicts, the claim is open."""
    one = part(0.0001)
    ruling = over_levels({"relu": ([one], [Part(one.contrast, "less")])}, ALPHA, also=[part(0.3)])
    assert verdict(ruling).verdict == "inconclusive"
    assert [level.verdict for level in verdict(ruling).levels] == ["supported"]
    assert verdict(over_levels({"relu": ([one], [Part(one.contrast, "less")])}, ALPHA)).verdict == "supported"


def test_a_correlation_is_a_part() -> None:
    """Pearson's r with an interval and a p on Fisher's scale that agree with scipy's; none where an arm is constant."""
    x = np.random.default_rng(5).normal(size=30)
    y = 1.5 * x + np.random.default_rng(6).normal(size=30)
    one = correlation(because("gap_early"), x, y)
    found = stats.pearsonr(x, y)
    row, _ = Part(one, "greater").component(None, ALPHA)
    assert row.estimate == pytest.approx(found.statistic)
    assert row.ci95 == pytest.approx(tuple(found.confidence_interval()), abs=0.1)
    assert Part(one, "greater").p < 0.01
    assert Part(one, "less").p > 0.99
    assert flips_of([Part(one, "greater")], ALPHA) == [None]
    for constant in (
        correlation(because("gap_early"), x, np.ones(30)),
        correlation(because("gap_early"), x[:2], y[:2]),
    ):
        assert Part(constant, "greater").p == 1


def test_p_of_a_mixed_claim() -> None:
    """Twice the larger of the least p of either side, each corrected over the levels."""
    ruling = levels(0.001, 0.4, -0.002)
    assert ruling.mixed
    assert ruling.p == pytest.approx(2 * max(3 * 0.001, 3 * 0.002))


def test_a_premise_stands_before_both_verdicts() -> None:
    """Where it is not shown nothing else is said, and the claim still counts with the larger p."""
    strong, premise = every([part(0.001)], ALPHA), every([part(0.2)], ALPHA)
    ruling = ruled(every([part(0.001), part(0.2)], ALPHA), strong, premise)
    assert verdict(ruling).verdict == "premise_not_met"
    assert ruling.p == pytest.approx(0.4)


def test_a_verdict_counts_the_claims_it_was_picked_from() -> None:
    """One-sided p = .01 is .02 for a claim alone; among three it is Holm's .06, and said to hold by itself only."""
    strong = ruled(every([part(0.01)], ALPHA), every([part(0.9, "less")], ALPHA))
    vague = ruled(every([OPEN[0]], ALPHA), every([OPEN[1]], ALPHA))
    lacking = not_tested("needs_curves")
    assert verdict(strong).verdict == verdict(strong, lacking, lacking, vague).verdict == "supported"
    among = verdict(strong, vague, vague, lacking)
    assert among.verdict == "inconclusive"
    assert among.p_holm == pytest.approx(0.06)
    assert "not after correction over the 3 claims" in in_english(among.why)


def test_four_cells_each_just_equivalent() -> None:
    """TOST p = .03 in each of four cells: every cell is equivalent, and said to be; the claim counts its two sides."""
    center = 0.1 - stats.t.isf(0.03, 9) * 0.1 / math.sqrt(10)
    cells = [contrast(center, 0.1) for _ in range(4)]
    beyond = some([Part(cell, "above_margin") for cell in cells], ALPHA)
    found = verdict(ruled(every([Part(cell, "equivalent") for cell in cells], ALPHA), beyond))
    assert found.p_support == pytest.approx(0.03)
    assert (found.verdict, found.reason) == ("inconclusive", because("only_one_side"))
    assert "within −0.1 to 0.1" in in_english(found.why)


def test_verdicts_are_those_of_holm() -> None:
    """With flips out of the way a claim has a verdict if and only if its Holm p is at or below alpha."""
    generator = np.random.default_rng(3)
    for _ in range(20):
        p_values = generator.choice([0.0005, 0.003, 0.006, 0.01, 0.02, 0.4], 5)
        rulings = [ruled(every([part(p)], ALPHA), every([part(0.9, "less")], ALPHA)) for p in p_values]
        found = [claim for claim, _ in judged(["small_effect"] * 5, rulings, ALPHA)]
        expected = holm([min(1.0, 2 * p) for p in p_values])
        assert [one.p_holm for one in found] == pytest.approx(expected)
        assert [one.verdict == "supported" for one in found] == [p is not None and p <= ALPHA for p in expected]


@pytest.mark.parametrize("side", ["greater", "two-sided", "equivalent"])
def test_an_interval_says_what_its_test_says(side: Side) -> None:
    """At the edge of .05 the interval in the sentence just excludes what the test rejects."""
    for seeds in (8, 20):
        t = stats.t.isf(0.025 if side == "two-sided" else 0.05, seeds - 1)
        shift = {"equivalent": 0.1 - 1e-4}.get(side, 1e-6)
        sd = 0.04
        center = shift - t * sd / math.sqrt(seeds) if side == "equivalent" else shift + t * sd / math.sqrt(seeds)
        one = Part(contrast(center, sd, seeds), side)
        assert one.p <= ALPHA
        values = one.measured().values
        edge = values["high_pp"] if side == "equivalent" else values["low_pp"]
        assert edge == pytest.approx(shift)


@pytest.mark.parametrize("join", [every, some])
def test_seeds_needed_is_what_a_power_analysis_asks_for(join: object) -> None:
    """The fewest seeds of a one-sided t test at this level with power 80 %, as statsmodels has them."""
    found = join([Part(contrast(0.2, 0.6, 12), "greater")], ALPHA).seeds_needed(0.01)  # type: ignore[operator]
    asked = TTestPower().solve_power(effect_size=0.2 / 0.6, alpha=0.01, power=0.8, alternative="larger")
    assert found == math.ceil(asked)
