"""What new runs would show: against R, and by carrying out the new runs."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analyze.inference import repeatability
from tests import reference

RESULTS = reference.results("repeatability")


def summary(difference: list[float] | np.ndarray) -> tuple[float, float, int]:
    """Mean, sd and number of differences."""
    return float(np.mean(difference)), float(np.std(difference, ddof=1)), len(difference)


@pytest.mark.parametrize("case", RESULTS["new_runs"])
def test_against_r(case: dict[str, Any]) -> None:
    """Prediction interval of predict.lm, the sign by pt, significance by integrals over the posterior."""
    study = summary(case["difference"])
    assert repeatability.new_seed_interval(*study) == pytest.approx(case["interval"], rel=1e-11)
    for chance in case["chances"]:
        pairs = chance["pairs"]
        assert repeatability.p_sign(*study, pairs) == pytest.approx(chance["sign"], rel=1e-12)
        if pairs > 1:
            new = repeatability.new_studies(study[2], pairs, repeatability.draws())
            found = repeatability.p_significant(*study[:2], new, 0.05)
            assert found == pytest.approx(chance["significant"], abs=4 * 0.0035)


@pytest.mark.parametrize("case", RESULTS["unpaired"])
def test_unpaired_share_is_wilcoxons_count(case: dict[str, Any]) -> None:
    """W of R's rank-sum test over S x S; the second's share is the rest."""
    first, second = np.array(case["first"]), np.array(case["second"])
    assert repeatability.share_ahead(first, second) == pytest.approx(case["share"])
    assert repeatability.share_ahead(second, first) == pytest.approx(1 - case["share"])


@pytest.mark.parametrize("case", RESULTS["heterogeneity"])
def test_heterogeneity_is_of_the_mean_squares(case: dict[str, Any]) -> None:
    """Tau and shrunken gaps from anova(aov(d ~ seed + cell)); the second case has an F below one."""
    tau, shrunken = repeatability.heterogeneity(np.array(case["differences"]))
    assert tau == pytest.approx(case["tau"], rel=1e-11)
    assert shrunken == pytest.approx(case["shrunken"], rel=1e-11)


def test_tau_is_right_on_average_without_sphericity() -> None:
    """Cells share their seeds and differ in noise: tau² before its cut at zero is that of the cells' true gaps."""
    generator = np.random.default_rng(5)
    true, noise = np.array([0.0, 0.3, 0.6, 1.5]), np.array([0.1, 0.2, 0.3, 0.6])
    found = [
        repeatability.heterogeneity(true + generator.normal(0, 1.0, (8, 1)) + generator.normal(0, 1, (8, 4)) * noise)[0]
        for _ in range(2000)
    ]
    assert np.mean(np.square(found)) == pytest.approx(true.var(ddof=1), rel=0.02)


def test_shrinking_comes_nearer_the_truth() -> None:
    """Over studies with small true differences between twelve cells, shrunken gaps err less than half as much."""
    generator = np.random.default_rng(6)
    raw, better = [], []
    for _ in range(400):
        true = generator.normal(0, 0.1, 12)
        study = true + generator.normal(0, 0.3, (10, 1)) + generator.normal(0, 0.5, (10, 12))
        _, shrunken = repeatability.heterogeneity(study)
        for gaps, errors in ((study.mean(axis=0), raw), (shrunken, better)):
            errors.append((((gaps - gaps.mean()) - (true - true.mean())) ** 2).sum())
    assert np.mean(better) < np.mean(raw) / 2


def test_a_new_seed_falls_into_its_interval() -> None:
    """Of 8000 studies of six seeds, 95 % hold the next one."""
    generator = np.random.default_rng(7)
    studies, new = generator.normal(0.3, 0.4, (8000, 6)), generator.normal(0.3, 0.4, 8000)
    held = 0
    for study, one in zip(studies, new, strict=True):
        low, high = repeatability.new_seed_interval(*summary(study))
        held += low < one < high
    assert held / 8000 == pytest.approx(0.95, abs=0.01)


def check_calibration(said: list[float], kept: list[bool]) -> None:
    """In every range of chances as many came true as was said, within 3.5 standard errors."""
    chances, came = np.array(said), np.array(kept, dtype=float)
    for low, high in ((0.0, 0.7), (0.7, 0.9), (0.9, 1.0)):
        here = (chances >= low) & (chances <= high)
        assert here.sum() > 50
        assert chances[here].mean() == pytest.approx(came[here].mean(), abs=3.5 * 0.5 / here.sum() ** 0.5)


@pytest.mark.parametrize("pairs", [1, 3, 10])
def test_the_chance_of_a_sign_is_kept(pairs: int) -> None:
    """New runs are carried out for 6000 studies of eight seeds, with true gaps anywhere within ±6 sd."""
    generator = np.random.default_rng(8)
    said, kept = [], []
    for true in generator.uniform(-6, 6, 6000):
        study = summary(generator.normal(true, 1.0, 8))
        said.append(repeatability.p_sign(*study, pairs))
        kept.append(generator.normal(true, 1.0, pairs).mean() * study[0] > 0)
    check_calibration(said, kept)


@pytest.mark.parametrize("pairs", [3, 10])
def test_the_chance_of_significance_is_kept(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the paired t test on the side of the study; few draws a study do, as they are averaged over."""
    monkeypatch.setattr(repeatability, "POSTERIOR_DRAWS", 500)
    generator = np.random.default_rng(9)
    said, kept = [], []
    for true in generator.uniform(-6, 6, 4000):
        study = summary(generator.normal(true, 1.0, 8))
        new_studies = repeatability.new_studies(study[2], pairs, generator)
        said.append(repeatability.p_significant(*study[:2], new_studies, 0.05))
        new = generator.normal(true, 1.0, pairs) * np.sign(study[0])
        kept.append(new.mean() / new.std(ddof=1) * pairs**0.5 >= stats.t.ppf(0.975, pairs - 1))
    check_calibration(said, kept)


def test_subsets_are_those_of_the_study() -> None:
    """Sets of three of eight seeds, all 56 by enumeration, give the shares that drawing finds; one pair is exact."""
    study = np.array([0.4, 0.5, 0.1, -0.3, 0.6, 0.2, 0.45, -0.1])
    sets = np.array(list(combinations(study, 3)))
    agree = (sets.mean(axis=1) > 0).mean()
    significant = (stats.ttest_1samp(sets, 0, axis=1, alternative="greater").pvalue <= 0.05).mean()
    found = repeatability.subsets_that_agree(study, 3, 0.1, repeatability.draws())
    assert found == pytest.approx((agree, significant), abs=0.02)
    assert repeatability.subsets_that_agree(-study, 3, 0.1, repeatability.draws()) == found
    assert repeatability.subsets_that_agree(study, 1, 0.05, repeatability.draws()) == (0.75, None)
