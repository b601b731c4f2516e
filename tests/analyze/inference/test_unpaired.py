"""Arms that share no seeds, against base R: t.test, aov, and permutations by the definition."""

import numpy as np
import pytest
from scipy import stats

from analyze.inference import anova, unpaired
from analyze.inference.paired import t_p
from analyze.inference.signflip import flips
from analyze.inference.unpaired import decidable, least_p, permutation_p, split_plot_f, welch
from tests import reference

RESULTS = reference.results("unpaired")
FIRST, SECOND = np.array(RESULTS["first"]), np.array(RESULTS["second"])


def test_welch() -> None:
    """Gap, t, df, p and both intervals of t.test, and two one-sided tests of the margin."""
    found, wanted = welch(FIRST.mean(axis=1), SECOND.mean(axis=1)), RESULTS["welch"]
    assert (found.gap, found.t, found.df, found.p) == pytest.approx([wanted[k] for k in ("gap", "t", "df", "p")])
    assert found.interval(0.95) == pytest.approx(wanted["ci95"])
    assert found.interval(0.9) == pytest.approx(wanted["ci90"])
    assert found.equivalence_p(2.0) == pytest.approx(RESULTS["tost"])


@pytest.mark.parametrize("case", RESULTS["split_plot"], ids=lambda case: case["effect"])
def test_interactions_are_those_of_a_split_plot(case: dict[str, float]) -> None:
    """Contrast scores of the moderators, compared between the arms, give the F and df of aov."""
    within = ["depth" in str(case["effect"]), "activation" in str(case["effect"])]
    scores = [anova.contrast_scores(arm.reshape(len(arm), 2, 3), within) for arm in (FIRST, SECOND)]
    found = split_plot_f(*scores)
    assert found is not None
    assert found == pytest.approx((case["F"], case["df_num"], case["df_den"]))
    assert stats.f.sf(*found) == pytest.approx(case["p"])


def test_permutations_of_whole_seeds() -> None:
    """The p of the mean, and of every cell alone and by step-down max-T, as R enumerates them."""
    mean = (FIRST.mean(axis=1)[:, None], SECOND.mean(axis=1)[:, None])
    (alone,), _ = permutation_p([mean], flips())
    assert alone == pytest.approx(RESULTS["permutation_mean"])
    members = [(FIRST[:, [cell]], SECOND[:, [cell]]) for cell in range(6)]
    found = permutation_p(members, flips())
    assert found[0] == pytest.approx(RESULTS["permutation_alone"])
    assert found[1] == pytest.approx(RESULTS["permutation_max_t"])


def test_drawn_permutations_are_near_the_enumerated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many, a large sample stands for them."""
    members = [(FIRST[:, [cell]], SECOND[:, [cell]]) for cell in range(6)]
    monkeypatch.setattr(unpaired, "ENUMERATED", 100)
    monkeypatch.setattr(unpaired, "SAMPLED", 20_000)
    found = permutation_p(members, flips())[1]
    assert found == pytest.approx(RESULTS["permutation_max_t"], abs=0.012)


def test_what_few_seeds_can_decide() -> None:
    """Four an arm at least, and as many labellings as the level asks for."""
    assert least_p(4, 4) == pytest.approx(2 / 70)
    assert [decidable(*one, 0.05) for one in ((4, 4), (3, 20), (4, 5))] == [True, False, True]
    assert not decidable(4, 4, 0.01)


def test_arms_without_a_spread_or_a_seed_have_no_t() -> None:
    """Constants, one seed and none give no test, and no exception."""
    constant = np.full(5, 2.0)
    assert welch(constant, constant - 1).t is None
    assert welch(constant, constant - 1).gap == 1.0
    assert welch(constant[:1], constant).p is None
    assert welch(constant[:0], constant).gap is None
    assert permutation_p([(constant[:, None], constant[:, None])], flips()) == ([None], [None])
    assert split_plot_f(constant[:, None], constant[:, None]) is None


def test_size_with_unlike_numbers_and_spreads() -> None:
    """Five seeds of sd 3 against fifteen of sd 1: Welch .05, Student .23, to sampling error."""
    draw = np.random.default_rng(20_261_126)
    studies = 600
    first, second = draw.normal(0, 3, (studies, 5)), draw.normal(0, 1, (studies, 15))
    p = [welch(*one).p for one in zip(first, second, strict=True)]
    assert np.mean([one is not None and one <= 0.05 for one in p]) == pytest.approx(0.05, abs=0.03)
    student = stats.ttest_ind(first, second, axis=1).pvalue
    assert np.mean(student <= 0.05) == pytest.approx(0.23, abs=0.05)


@pytest.mark.soak
def test_size_of_the_permutation() -> None:
    """With the same seeds permutations of Welch's t alone reject .08; of its p, with the df of each labelling, .05."""
    draw = np.random.default_rng(20_261_127)
    drawn = [(draw.normal(0, 3, 5), draw.normal(0, 1, 15)) for _ in range(1000)]
    ours = [permutation_p([(first[:, None], second[:, None])], flips())[0][0] for first, second in drawn]
    assert np.mean([p is not None and p <= 0.05 for p in ours]) == pytest.approx(0.05, abs=0.02)
    asked = {"n_resamples": 2000, "alternative": "greater", "random_state": draw}
    of_t = [stats.permutation_test(one, size_of_t, **asked).pvalue for one in drawn[:400]]
    assert np.mean(np.array(of_t) <= 0.05) == pytest.approx(0.08, abs=0.03)


def size_of_t(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    """Of Welch's t, as SciPy has it."""
    return np.abs(stats.ttest_ind(first, second, axis=axis, equal_var=False).statistic)


@pytest.mark.parametrize(("r", "paired_power", "unpaired_power"), [(0.0, 0.51, 0.56), (0.6, 0.87, 0.58)])
def test_pairing_by_a_label_that_means_nothing(r: float, paired_power: float, unpaired_power: float) -> None:
    """Size is kept and little power lost; where the label means something, much is gained. Ten seeds, gap one sd."""
    draw = np.random.default_rng(20_261_128)
    noise = draw.multivariate_normal([0, 0], [[1, r], [r, 1]], (4000, 10))
    first, second = noise[:, :, 0], noise[:, :, 1]
    assert rejected(first, second) == pytest.approx(0.05, abs=0.012)
    assert rejected(first + 1, second) == pytest.approx(paired_power, abs=0.025)
    welch_p = stats.ttest_ind(first + 1, second, axis=1, equal_var=False).pvalue
    assert np.mean(welch_p <= 0.05) == pytest.approx(unpaired_power, abs=0.025)


def rejected(first: np.ndarray, second: np.ndarray) -> float:
    """The share of studies that the analysis's own paired t test rejects; (studies, seeds) an arm."""
    return float(np.mean([t_p(one) <= 0.05 for one in first - second]))
