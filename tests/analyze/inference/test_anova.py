"""The repeated-measures ANOVA against published tables, pingouin, statsmodels and afex."""

import tracemalloc
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy import special, stats
from statsmodels.stats.anova import AnovaRM

from analyze.inference import anova
from analyze.inference.anova import contrast_scores, orthonormal
from tests import reference

RESULTS = reference.results()


def cube(table: pd.DataFrame, seed: str, factors: list[str], response: str) -> np.ndarray:
    """Long table -> (S, levels of each factor)."""
    ordered = table.sort_values([seed, *factors])
    return ordered[response].to_numpy(float).reshape(ordered[seed].nunique(), *ordered[factors].nunique())


def test_published_f_values_of_a_three_factor_design() -> None:
    """All seven F values that ezANOVA gives for statsmodels' own test data."""
    responses = cube(reference.table("ezanova"), "id", ["A", "B", "D"], "DV")
    found = {effect.name: effect.F for effect in anova.effects(responses, ["A", "B", "D"])}
    published = {
        "A": 8.7650709,
        "B": 8.4985785,
        "D": 20.5076546,
        "A:B": 0.8457797,
        "A:D": 21.7593382,
        "B:D": 6.2416695,
        "A:B:D": 5.4253359,
    }
    assert found == pytest.approx(published, rel=1e-7)


def test_maxwell_and_delaney() -> None:
    """Table 12.1 of Maxwell & Delaney: F of noise, angle and their interaction."""
    table = reference.table("maxwell_delaney")
    found = {
        effect.name: effect.F
        for effect in anova.effects(cube(table, "id", ["noise", "angle"], "rt"), ["noise", "angle"])
    }
    assert found == pytest.approx({"noise": 33.77, "angle": 40.72, "noise:angle": 45.31}, abs=0.005)


def test_jamovi_example_with_epsilon() -> None:
    """F and Greenhouse-Geisser's epsilon of pingouin's rm_anova2, published by JAMOVI."""
    responses = cube(pingouin.read_dataset("rm_anova2"), "Subject", ["Time", "Metric"], "Performance")
    time, metric, both = anova.effects(responses, ["Time", "Metric"])
    assert [e.F for e in (time, metric, both)] == pytest.approx([33.85228, 26.95919, 12.63227], abs=1e-5)
    assert [e.epsilon_gg for e in (time, metric, both)] == pytest.approx([1, 0.96910, 0.72717], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("three", ["ordering", "depth", "activation"]),
        ("four", ["ordering", "depth", "activation", "head"]),
    ],
)
def test_afex(name: str, factors: list[str]) -> None:
    """Three and four within factors: every number of afex, to one part in 10^9."""
    responses = cube(reference.table(f"within_{name}"), "seed", factors, "response")
    found = {effect.name: effect for effect in anova.effects(responses, factors)}
    assert set(found) == {row["effect"] for row in RESULTS[f"anova_{name}"]}
    for row in RESULTS[f"anova_{name}"]:
        effect = found[row["effect"]]
        for field in set(row) - {"effect"}:
            if field == "p_gg" and effect.p_gg is None:
                assert effect.df_num > effect.n_seeds - 1
                continue
            assert getattr(effect, field) == pytest.approx(row[field], rel=1e-9), field


def test_anova_rm_of_statsmodels() -> None:
    """F and uncorrected p as AnovaRM gives them, on complete data."""
    table = reference.table("within_three")
    factors = ["ordering", "depth", "activation"]
    theirs = AnovaRM(table, "response", "seed", within=factors).fit().anova_table
    for effect in anova.effects(cube(table, "seed", factors, "response"), factors):
        assert pytest.approx(theirs.loc[effect.name, "F Value"], rel=1e-9) == effect.F
        assert effect.p_uncorrected == pytest.approx(theirs.loc[effect.name, "Pr > F"], rel=1e-9)


def test_noncentral_f_interval() -> None:
    """Partial eta squared's interval as R finds it by inverting pf."""
    for case in RESULTS["noncentral_f"]:
        found = anova.partial_eta_sq_interval(case["F"], case["df_num"], case["df_den"])
        assert found == pytest.approx(tuple(case["ci90"]), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("df_num", [1, 2, 44, 500])
@pytest.mark.parametrize("df_den", [1, 9, 500])
def test_noncentral_f_interval_of_any_f(df_num: int, df_den: int) -> None:
    """However large F is there are bounds, which rise with F and hold the estimate."""
    F = np.geomspace(1.0, 1e14, 43)
    bounds = np.array([anova.partial_eta_sq_interval(float(one), df_num, df_den) for one in F])
    assert (np.diff(bounds, axis=0) >= -1e-12).all()
    assert (bounds[:, 0] <= bounds[:, 1]).all()
    assert (bounds <= 1).all()
    estimate = F * df_num / (F * df_num + df_den)
    assert (estimate[-10:] >= bounds[-10:, 0] - 1e-12).all()
    assert bounds[-1] == pytest.approx((1, 1), abs=1e-6)


@pytest.mark.parametrize("level", [0.05, 0.95])
def test_noncentral_f_where_scipy_ends(level: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SciPy's distribution still answers, the limit that takes its place agrees with it."""
    limit = anova._noncentrality(2e6, 4, 36, level)
    monkeypatch.setattr(anova, "LARGEST_RATIO", 1e9)
    assert limit == pytest.approx(anova._noncentrality(2e6, 4, 36, level), rel=1e-4)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pandas, which pingouin uses
@pytest.mark.parametrize("name", ["A", "B", "D", "noise", "angle"])
def test_greenhouse_geisser_of_pingouin(name: str) -> None:
    """F, epsilon and both p of pingouin's rm_anova for the mean over the other factors."""
    source, seed, response = ("maxwell_delaney", "id", "rt") if name in ("noise", "angle") else ("ezanova", "id", "DV")
    table = reference.table(source).groupby([seed, name], as_index=False)[response].mean()
    theirs = pingouin.rm_anova(table, dv=response, within=name, subject=seed, correction=True).iloc[0]
    (effect,) = anova.effects(cube(table, seed, [name], response), [name])
    assert pytest.approx(theirs["F"], rel=1e-9) == effect.F
    assert effect.epsilon_gg == pytest.approx(theirs["eps"], rel=1e-9)
    assert effect.p_uncorrected == pytest.approx(theirs["p_unc"], rel=1e-9)
    if effect.df_num > 1:
        assert effect.p_gg == pytest.approx(theirs["p_GG_corr"], rel=1e-9)


def test_more_degrees_of_freedom_than_seeds() -> None:
    """Epsilon cannot be estimated: p_gg is withheld with its reason, F stays."""
    responses = np.random.default_rng(5).normal(size=(4, 2, 6))
    effect = anova.effects(responses, ["ordering", "activation"])[-1]
    assert effect.p_gg is None
    assert effect.why["p_gg"] == "sphericity_needs_seeds"
    assert effect.F is not None


def test_constant_response_has_no_f() -> None:
    """Where nothing varies, no F is invented."""
    for effect in anova.effects(np.full((10, 2, 3), 99.1), ["ordering", "depth"]):
        assert effect.F is None
        assert effect.why["F"]


def test_contrast_scores_keep_the_sum_of_squares() -> None:
    """The scores of all effects with the grand mean are a rotation of the responses."""
    responses = np.random.default_rng(2).normal(size=(5, 2, 3, 4))
    masks = np.array(np.meshgrid(*[[False, True]] * 3)).reshape(3, -1).T
    total = sum((anova.contrast_scores(responses, mask) ** 2).sum() for mask in masks)
    assert total == pytest.approx((responses**2).sum(), rel=1e-12)


def test_a_large_offset_costs_no_digits() -> None:
    """Responses near 10^8 that vary in the units, as in NIST's SmLs data: F keeps six digits."""
    responses = np.random.default_rng(4).integers(0, 9, (8, 2, 3)).astype(float)
    near_zero, far = (anova.effects(values, ["ordering", "depth"]) for values in (responses, responses + 1e8))
    assert [effect.F for effect in far] == pytest.approx([effect.F for effect in near_zero], rel=1e-6)


def test_contrast_scores_are_those_of_one_matrix() -> None:
    """Factor by factor as by the Kronecker product of all contrasts, in the same order."""
    responses = np.random.default_rng(5).normal(size=(4, 2, 3, 4))
    blocks = [orthonormal(2), np.full((3, 1), 3**-0.5), orthonormal(4)]
    matrix = np.kron(np.kron(blocks[0], blocks[1]), blocks[2])
    assert contrast_scores(responses, [True, False, True]) == pytest.approx(responses.reshape(4, -1) @ matrix)


def test_many_cells_take_no_matrix_of_cells_by_cells() -> None:
    """98 x 98 cells: scores of a few megabytes, where the contrasts as one matrix are 700."""
    tracemalloc.start()
    assert contrast_scores(np.ones((6, 98, 98)), [True, True]).shape == (6, 97 * 97)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e7


def test_scores_of_all_effects_are_those_of_each() -> None:
    """Every effect of four factors by the Kronecker product of its contrasts, however their steps are shared."""
    levels = (2, 3, 1, 4)
    responses = np.random.default_rng(6).normal(size=(5, *levels))
    found = anova.all_contrast_scores(responses)
    assert len(found) == 2**4
    for effect, scores in found.items():
        blocks = [orthonormal(n) if i in effect else np.full((n, 1), n**-0.5) for i, n in enumerate(levels)]
        assert scores == pytest.approx(responses.reshape(5, -1) @ reduce(np.kron, blocks))


def test_thirteen_factors_cost_what_their_effects_have_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 2^13 effects the steps to their scores are shared: 2 + 4 + … + 2^13, not 13 for each of them."""
    steps, tensordot = [], np.tensordot

    def counted(*given: Any, **named: Any) -> Any:
        steps.append(None)
        return tensordot(*given, **named)

    monkeypatch.setattr(np, "tensordot", counted)
    assert len(anova.all_contrast_scores(np.ones((2, *[2] * 13)))) == 2**13
    assert len(steps) == 2**14 - 2


@pytest.mark.parametrize(
    ("F", "df_num", "df_den", "noncentrality"), [(1.2, 3, 27, 2.0), (3, 1521, 13689, 3075), (0.7, 40, 9, 30)]
)
def test_noncentral_f_where_scipy_gives_none(
    F: float, df_num: int, df_den: int, noncentrality: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum that stands in for SciPy's where that is NaN agrees with Boost's noncentral F."""
    monkeypatch.setattr(special, "ncfdtr", lambda *_: np.nan)
    boost = 1 - stats.ncf.sf(F, df_num, df_den, noncentrality)
    assert anova.noncentral_f(F, df_num, df_den, noncentrality) == pytest.approx(boost, rel=1e-9)


def test_an_interaction_of_very_many_cells_has_its_interval() -> None:
    """40 x 40 cells of ten seeds: SciPy's noncentral F was NaN on the way, and the search for the bound ended there."""
    F = 3075.003137672768 / 2 / 1521
    low, high = anova.partial_eta_sq_interval(F, 1521, 13689)
    noncentrality = high / (1 - high) * (1521 + 13689 + 1)
    assert low == 0
    assert 1 - stats.ncf.sf(F, 1521, 13689, noncentrality) == pytest.approx(0.05, rel=1e-6)
