"""Published and certified results that exercise one piece of the analysis each."""

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.typing import NDArray

from analyze.inference.anova import contrast_scores
from analyze.measures.curve_shape import restricted_times
from analyze.measures.time_to_target import Crossings

REFERENCE = Path(__file__).parents[1] / "reference"
NIST = files("scipy.stats.tests") / "data" / "nist_anova"

#: Digits of agreement with the certified F; the data of the last three keep only two or three after 13 leading ones.
CERTIFIED = [
    ("SiRstv", 1.18046237440255, 1e-9),
    ("AtmWtAg", 15.9467335677930, 1e-5),
    *((f"SmLs0{i}", F, 1e-9) for i, F in ((1, 21.0), (2, 201.0), (3, 2001.0))),
    *((f"SmLs0{i}", F, 1e-5) for i, F in ((4, 21.0), (5, 201.0), (6, 2001.0))),
    *((f"SmLs0{i}", F, 5e-2) for i, F in ((7, 21.0), (8, 201.0), (9, 2001.0))),
]


def one_way(name: str) -> NDArray[np.float64]:
    """A NIST data set as (replicates, treatments)."""
    lines = (NIST / f"{name}.dat").read_text(encoding="utf-8").splitlines()[60:]
    table = np.array([[float(value) for value in line.split()] for line in lines if line.strip()])
    return np.stack([table[table[:, 0] == group, 1] for group in np.unique(table[:, 0])], axis=1)


@pytest.mark.parametrize(("name", "certified", "tolerance"), CERTIFIED)
def test_contrast_scores_hold_nist_accuracy(name: str, certified: float, tolerance: float) -> None:
    """With replicates as blocks, the scores' sums of squares add up to the certified one-way F."""
    responses = one_way(name)
    replicates, treatments = responses.shape
    effect, level = contrast_scores(responses, [True]), contrast_scores(responses, [False])
    between = replicates * float((effect.mean(axis=0) ** 2).sum())
    within = float(((effect - effect.mean(axis=0)) ** 2).sum() + ((level - level.mean(axis=0)) ** 2).sum())
    F = (between / (treatments - 1)) / (within / (treatments * (replicates - 1)))
    assert pytest.approx(certified, rel=tolerance) == F


@pytest.mark.parametrize(
    ("within", "term", "F", "df_num"),
    [
        ((False, False), "treatment", 3.9405, 2),
        ((True, False), "Intercept", 16.1329, 2),
        ((False, True), "Intercept", 16.6857, 4),
    ],
)
def test_contrast_scores_give_the_mixed_anova_of_obrien_and_kaiser(
    within: tuple[bool, bool], term: str, F: float, df_num: int
) -> None:
    """Scores regressed on the sum-coded factors between subjects reproduce treatment, phase and hour."""
    long = pd.read_csv(REFERENCE / "obrien_kaiser.csv").sort_values(["id", "phase", "hour"])
    subjects = long.drop_duplicates("id")
    scores = contrast_scores(long["value"].to_numpy(dtype=float).reshape(16, 3, 5), within)
    ss_effect = ss_error = 0.0
    for score in scores.T:
        model = smf.ols("score ~ C(treatment, Sum) * C(gender, Sum)", subjects.assign(score=score)).fit()
        names = [name for name in model.params.index if re.fullmatch(rf"(C\({term}, Sum\)\[[^]]*\]|{term})", name)]
        test = model.f_test(np.eye(len(model.params))[[model.params.index.get_loc(name) for name in names]])
        ss_effect += float(test.fvalue) * len(names) * model.mse_resid
        ss_error += float(model.ssr)
    assert (ss_effect / df_num) / (ss_error / (10 * scores.shape[1])) == pytest.approx(F, abs=5e-5)


def test_restricted_mean_time_is_that_of_the_waltons_data() -> None:
    """miR-137, cut at 10: 9.794 with standard error .123, as lifelines publishes it."""
    times = pd.read_csv(REFERENCE / "waltons.csv")
    assert times["E"].eq(1).all()
    T = times["T"].to_numpy(dtype=float)
    found = Crossings(low=T, high=T, budget=np.full(len(T), 10.0))
    cut = np.minimum(restricted_times(found).middle, 10.0)
    assert cut.mean() == pytest.approx(9.794, abs=5e-4)
    assert cut.std(ddof=0) / np.sqrt(len(cut)) == pytest.approx(0.123, abs=5e-4)
