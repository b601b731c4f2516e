"""Pairs won."""

import numpy as np
import pytest

from analyze.inference.wins import clopper_pearson, signs


def test_signs_compare_infinities_as_values() -> None:
    """Two runs that failed tie, and a run that is missing has no sign."""
    first = np.array([1.0, 2.0, 1.0, np.inf, np.inf, np.nan])
    second = np.array([2.0, 1.0, 1.0, 1.0, np.inf, 1.0])
    assert signs(first, second) == pytest.approx([-1, 1, 0, 1, 0, np.nan], nan_ok=True)


def test_clopper_pearson_is_that_of_r() -> None:
    """R 4.2.2: binom.test(7, 10)$conf.int, binom.test(0, 9)$conf.int."""
    assert clopper_pearson(7, 10) == pytest.approx((0.34754714994, 0.933260488822))
    assert clopper_pearson(0, 9) == pytest.approx((0.0, 0.33626711688))
    assert clopper_pearson(0, 0) is None
