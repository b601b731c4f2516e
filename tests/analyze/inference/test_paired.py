"""Paired tests of one cell against R."""

import numpy as np
import pytest
from scipy import stats

from analyze.inference import paired
from tests import reference

RESULTS = reference.results()


@pytest.mark.parametrize("case", RESULTS["paired"])
def test_r(case: dict[str, object]) -> None:
    """t, interval, TOST, Wilcoxon with ties by enumeration and the JZS Bayes factor as R gives them."""
    difference = np.array(case["difference"], dtype=float)
    found = paired.compare(90 + difference, np.full(10, 90.0), margin=case["margin"], counts=difference)
    for field in ("t", "p_t", "p_tost", "p_wilcoxon"):
        assert getattr(found, field) == pytest.approx(case[field], rel=1e-9), field
    assert found.ci95 == pytest.approx(tuple(case["ci95"]), rel=1e-9)
    # Both integrate numerically, to about 1e-8.
    assert found.bf10 == pytest.approx(case["bf10"], rel=1e-6)
    assert found.d_z == pytest.approx(difference.mean() / difference.std(ddof=1))


def test_wilcoxon_beyond_enumeration() -> None:
    """Eighty differences with ties and zeros: R's normal approximation with tie correction."""
    case = RESULTS["wilcoxon_normal"]
    assert paired.wilcoxon_p(np.array(case["difference"], float)) == pytest.approx(case["p"], rel=1e-9)


def test_wilcoxon_without_ties_is_scipys_exact() -> None:
    """Without ties the enumeration is the textbook distribution."""
    difference = np.random.default_rng(1).normal(0.4, 1, 12)
    assert paired.wilcoxon_p(difference) == pytest.approx(stats.wilcoxon(difference, method="exact").pvalue, rel=1e-12)


def test_wilcoxon_ranks_counts_not_rounding_noise() -> None:
    """Accuracies whose equal differences differ in the last bit are ties: counts decide."""
    right = np.random.default_rng(2).integers(9000, 9900, 8)
    counts = np.array([13, 13, 13, 13, -13, 13, 13, -13])
    first, second = right / 10_000 * 100, (right - counts) / 10_000 * 100
    assert len(set(abs(first - second))) > 1, "the trap is gone: these floats no longer differ"
    with_counts = paired.compare(first, second, margin=None, counts=counts).p_wilcoxon
    assert with_counts == paired.wilcoxon_p(counts)
    assert paired.compare(first, second, margin=None).p_wilcoxon == with_counts


@pytest.mark.parametrize("size", [6, 9, 12])
def test_wilcoxon_with_ties_is_the_permutation_of_signs(size: int) -> None:
    """SciPy's permutation_test of the rank sum on counts, every sign vector, ties at mid-ranks."""
    counts = np.random.default_rng(size).integers(-3, 6, size)
    counts = counts[counts != 0].astype(float)
    assert len(set(np.abs(counts))) < len(counts), "no ties"
    ranks = stats.rankdata(np.abs(counts))
    theirs = stats.permutation_test(
        (counts,),
        lambda signed, axis=-1: np.abs((np.sign(signed) * ranks).sum(axis=axis)),
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="greater",
    )
    assert paired.wilcoxon_p(counts) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_without_all_counts_differences_are_ranked() -> None:
    """A pair whose count is unknown leaves the cell to its accuracies."""
    difference = np.random.default_rng(3).normal(0.4, 1, 8)
    counts = np.where(np.arange(8) == 2, np.nan, 5.0)
    found = paired.compare(90 + difference, np.full(8, 90.0), margin=None, counts=counts)
    assert found.p_wilcoxon == paired.wilcoxon_p(difference)


@pytest.mark.parametrize("n", [2, 3, 10, 40, 500])
@pytest.mark.parametrize("t", [0.0, 0.3, -2.2, 7.0, -80.0, 1e3])
def test_d_z_interval_is_the_noncentral_ts(t: float, n: int) -> None:
    """Under either bound the t found is the .975 or the .025 quantile of SciPy's noncentral t; signs mirror."""
    low, high = paired.d_z_interval(t, n)
    assert low < high
    reached = [stats.nct.cdf(t, n - 1, bound * n**0.5) for bound in (low, high)]
    assert reached == pytest.approx([0.975, 0.025], abs=1e-7)
    assert paired.d_z_interval(-t, n) == pytest.approx((-high, -low))


@pytest.mark.parametrize("n", [2, 10, 500])
def test_d_z_interval_of_any_t(n: int) -> None:
    """Beyond ten thousand the bounds go on as they were, however large t is."""
    before, after, far = (np.array(paired.d_z_interval(t, n)) / t for t in (0.9999e4, 1.0001e4, 1e12))
    assert after == pytest.approx(before, rel=1e-5)
    assert far == pytest.approx(before, rel=1e-5)


def test_equal_differences() -> None:
    """sd(D) = 0: no t, no d_z, no Bayes factor, no equivalence, each with the reason; the mean stays."""
    found = paired.compare(np.array([98.7, 98.9, 99.1]), np.array([98.6, 98.8, 99.0]), margin=0.1)
    assert found.gap == pytest.approx(0.1)
    assert found.sd == 0.0
    for field in ("t", "p_t", "ci95", "d_z", "d_z_ci95", "bf10", "p_tost"):
        assert getattr(found, field) is None
        assert found.why[field] == "all_differences_equal"


def test_ceiling_at_one_hundred_percent() -> None:
    """Both arms perfect: every test is withheld, nothing is invented."""
    found = paired.compare(np.full(10, 100.0), np.full(10, 100.0), margin=0.1, counts=np.zeros(10))
    assert (found.gap, found.sd) == (0.0, 0.0)
    assert found.p_t is found.p_wilcoxon is found.pair_correlation is None


@pytest.mark.parametrize(("runs", "gap"), [(0, None), (1, 1.0)])
def test_too_few_pairs(runs: int, gap: float | None) -> None:
    """No pair, or one: a gap at most, and the reason for the rest."""
    first, second = np.full(3, np.nan), np.full(3, 97.0)
    first[:runs] = 98.0
    found = paired.compare(first, second, margin=0.1)
    assert (found.n, found.gap, found.p_t) == (runs, gap, None)
    assert found.why["p_t"] == "two_complete_pairs"


def test_a_missing_run_loses_its_pair_only() -> None:
    """NaN in one arm removes that seed and no other."""
    first, second = np.array([1.0, 2.5, np.nan, 4.0]), np.array([0.5, 2.0, 3.0, 3.0])
    kept = [0, 1, 3]
    assert paired.compare(first, second, margin=1.0) == paired.compare(first[kept], second[kept], margin=1.0)


def test_cells_at_once_are_cells_alone() -> None:
    """With runs missing here and there, constant arms and counts, each cell is as `compare` and SciPy have it alone."""
    generator = np.random.default_rng(8)
    first, second = generator.normal(size=(2, 9, 40))
    counts = np.rint(10 * (first - second))
    first[generator.random(first.shape) < 0.3] = np.nan
    counts[0, ::3], first[:, 5], second[:, 5], second[:, 6] = np.nan, 1.0, 1.0, 2.0
    found = paired.compare_cells(first, second, margin=0.5, counts=counts)
    for cell, one in enumerate(found):
        arms = first[:, cell], second[:, cell]
        assert one == paired.compare(*arms, margin=0.5, counts=counts[:, cell])
        if one.t is not None:
            alone = stats.ttest_rel(*arms, nan_policy="omit")
            assert (one.t, one.p_t) == pytest.approx((alone.statistic, alone.pvalue))
    assert len({one.n for one in found}) > 3


def test_huge_bayes_factor_is_withheld() -> None:
    """Beyond the range of a float there is a reason instead of infinity."""
    found = paired.compare(np.arange(400.0) % 2 * 1e-3 + 50, np.zeros(400), margin=0.1)
    assert found.bf10 is None
    assert found.why["bf10"] == "too_large"


def test_a_bayes_factor_whose_integral_does_not_converge_is_withheld() -> None:
    """One level of accuracy 60 beside one at chance: quad's warning escaped; it is not said to be too large."""
    difference = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    difference *= 468.0318616332271**-1 * 8**0.5 / difference.std(ddof=1)
    found = paired.compare(1.0 + difference, np.zeros(8), margin=0.1)
    assert found.t == pytest.approx(468.0318616332271)
    assert found.bf10 is None
    assert found.why["bf10"] == "integral_does_not_converge"


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.0, 2.0, 9.0], [-4.0, 0.1, 0.2, 0.25, 0.3, 0.3]])
def test_skewness(values: list[float]) -> None:
    """As scipy has it, adjusted for n; two values have none."""
    assert paired.skewness(np.array(values)) == pytest.approx(stats.skew(values, bias=False), abs=1e-12)
