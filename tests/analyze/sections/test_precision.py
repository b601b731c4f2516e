"""What a study could have seen: planned on the upper limit of a spread, never on the spread itself."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from analyze.findings import ACCURACY
from analyze.inference import power
from analyze.sections.precision import rows
from analyze.study.pairing import Arms

SD, SEEDS = 0.3, 10


#: Test accuracy with a margin of .2 percentage points.
WITHIN = ACCURACY.model_copy(update={"margin": 0.2})


@pytest.fixture
def paired() -> Arms:
    """One cell whose differences have exactly this spread."""
    shape = np.linspace(-1, 1, SEEDS)
    first = (97 + SD * shape / shape.std(ddof=1))[:, None]
    return Arms(first, np.full((SEEDS, 1), 97.0), tuple(range(SEEDS)), (), ())


def test_seeds_for_the_margin_are_planned_on_the_upper_limit(paired: Arms) -> None:
    """The upper 80 % limit of sd(D) by the chi-squared distribution, computed here by itself."""
    (row, why), *_ = rows(paired, WITHIN, 0.05)
    assert row.sd == pytest.approx(SD)
    assert why == {}
    upper = SD * math.sqrt((SEEDS - 1) / stats.chi2.ppf(0.2, SEEDS - 1))
    assert upper > 1.2 * SD
    assert row.seeds_for_margin == power.seeds_for_margin(upper, 0.2)
    assert row.seeds_for_margin != power.seeds_for_margin(SD, 0.2)


def test_the_smallest_detectable_gap_is_found_four_times_in_five(paired: Arms) -> None:
    """At that gap statsmodels' paired t test has power 80 %."""
    (row, _), *_ = rows(paired, WITHIN, 0.05)
    assert row.smallest_detectable is not None
    assert TTestPower().power(row.smallest_detectable / SD, SEEDS, 0.05) == pytest.approx(0.8, abs=1e-6)
