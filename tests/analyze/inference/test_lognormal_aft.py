"""The interval-censored log-normal model against survreg and statsmodels, and data that have no maximum."""

import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.base.model import GenericLikelihoodModel

from analyze.inference import lognormal_aft
from analyze.inference.lognormal_aft import Times
from tests import reference

RESULTS = reference.results()
TIMES = reference.table("times").fillna({"high": np.inf})


def collapsed(cells: list[int]) -> tuple[Times, np.ndarray]:
    """The reference times in these cells, the arm as the one regressor, and their counts by seed."""
    table = TIMES[TIMES["cell"].isin(cells)].sort_values("cell", kind="stable")
    group = np.unique(table["cell"], return_inverse=True)[1]
    counts = (table["seed"].to_numpy() == np.arange(1, 11)[:, None]).astype(float)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    return Times(group, table[["arm"]].to_numpy(float), low, high), counts


def test_joint_model_and_jackknife() -> None:
    """Coefficient, scale, log-likelihood and jackknife standard error of survreg over four cells."""
    times, counts = collapsed([1, 2, 3, 4])
    fitted, theirs = lognormal_aft.fit(times, lognormal_aft.less_one(counts)), RESULTS["aft"]
    assert fitted.coefficients[0, 0] == pytest.approx(theirs["coefficient"], rel=1e-7)
    assert fitted.scale[0] == pytest.approx(theirs["scale"], rel=1e-7)
    assert fitted.log_likelihood[0] == pytest.approx(theirs["log_likelihood"], rel=1e-9)
    result = lognormal_aft.jackknifed(fitted.coefficients[:, 0])
    assert result.se == pytest.approx(theirs["jackknife_se"], rel=1e-6)


@pytest.mark.parametrize("cell", [1, 2, 3, 4])
def test_single_cell(cell: int) -> None:
    """Each cell alone, as survreg fits it."""
    times, counts = collapsed([cell])
    fitted, theirs = lognormal_aft.fit(times, counts.sum(axis=0)[None, :]), RESULTS["aft_cells"][cell - 1]
    assert fitted.coefficients[0, 0] == pytest.approx(theirs["coefficient"], rel=1e-7)
    assert fitted.log_likelihood[0] == pytest.approx(theirs["log_likelihood"], rel=1e-9)


class Interval(GenericLikelihoodModel):
    """The likelihood written down as it is in a textbook: coefficients, then the logarithm of the scale."""

    def loglike(self, params: np.ndarray) -> float:
        """Sum of the log probabilities of the intervals."""
        with np.errstate(divide="ignore"):
            low, high = np.log(self.endog[:, 0]), np.log(self.endog[:, 1])
        z = [(bound - self.exog @ params[:-1]) / np.exp(params[-1]) for bound in (low, high)]
        return float(np.log(stats.norm.cdf(z[1]) - stats.norm.cdf(z[0])).sum())


def test_statsmodels_finds_the_same_maximum() -> None:
    """Coefficients, scale and log-likelihood of the reference times, right-censored ones among them."""
    times, counts = collapsed([1, 2, 3, 4])
    ours = lognormal_aft.fit(times, counts.sum(axis=0)[None, :])
    design = np.column_stack([*(times.group == cell for cell in range(4)), times.regressors]).astype(float)
    start = np.zeros(6)
    start[:4] = np.log(np.where(np.isfinite(times.high), times.high, times.low)).mean()
    theirs = Interval(np.column_stack([times.low, times.high]), design, extra_params_names=["log_scale"]).fit(
        start_params=start, method="bfgs", disp=0, gtol=1e-6, skip_hessian=True
    )
    assert ours.log_likelihood[0] == pytest.approx(theirs.llf, abs=1e-6)
    assert np.append(ours.intercepts[0], ours.coefficients[0]) == pytest.approx(theirs.params[:-1], rel=1e-4)
    assert ours.scale[0] == pytest.approx(np.exp(theirs.params[-1]), rel=1e-4)


def test_a_replicate_without_a_group_is_the_model_without_it() -> None:
    """Rows of weight zero play no part: four cells of which two count are two cells."""
    times, counts = collapsed([1, 2, 3, 4])
    weights = counts.sum(axis=0) * (times.group < 2)
    two, counts = collapsed([1, 2])
    without = lognormal_aft.fit(times, np.vstack([np.ones(len(weights)), weights])).coefficients[1, 0]
    assert without == pytest.approx(lognormal_aft.fit(two, counts.sum(axis=0)[None, :]).coefficients[0, 0], rel=1e-9)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([128.0] * 8, [256.0] * 8),
        ([128.0] * 4 + [512.0] * 4, [256.0] * 4 + [1024.0] * 4),
        ([9000.0] * 4 + [128.0, 128, 256, 512], [np.inf] * 4 + [256.0, 256, 512, 1024]),
        ([0.0] * 4 + [128.0, 128, 256, 512], [128.0] * 4 + [256.0, 256, 512, 1024]),
    ],
    ids=["one interval", "an interval an arm", "an arm never crosses", "an arm crosses before the first point"],
)
def test_no_likelihood(low: list[float], high: list[float]) -> None:
    """Data without a maximum of the likelihood give no estimate, however flat the likelihood becomes."""
    times = Times(np.zeros(8, int), (np.arange(8) < 4).astype(float)[:, None], np.array(low), np.array(high))
    fitted = lognormal_aft.fit(times, np.ones((1, 8)))
    assert np.isnan(fitted.scale[0])
    assert lognormal_aft.jackknifed(fitted.coefficients[:, 0]) == "likelihood_without_maximum"


@pytest.mark.parametrize("spread", [0.01, 0.3, 30.0])
@pytest.mark.parametrize("width", [1e-12, None], ids=["almost exact times", "the points of a study"])
def test_no_data_make_the_arithmetic_overflow(spread: float, width: float | None) -> None:
    """log1p of less than minus one, overflowing densities and singular curvature: seen on the way to no maximum."""
    draw = np.random.default_rng(3)
    points = np.array([0, 128, 256, 512, 1024, 2048, 4096, 8192, np.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(40):
            times = np.exp(np.clip(draw.normal(7, 3, 24) + spread * draw.normal(0, 1, 24), -300, 300))
            place = np.clip(np.searchsorted(points, times), 1, len(points) - 1)
            low, high = (points[place - 1], points[place]) if width is None else (times * (1 - width), times)
            arm = (np.arange(24) % 2).astype(float)[:, None]
            counts = (np.arange(24) // 2 % 4 == np.arange(4)[:, None]).astype(float)
            lognormal_aft.fit(Times(np.arange(24) // 8, arm, low, high), lognormal_aft.less_one(counts))
