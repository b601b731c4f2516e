"""Holm's correction against R, and families in which tests are missing."""

import pytest

from analyze.inference.multiplicity import holm
from tests import reference


def test_holm() -> None:
    """R's p.adjust; a test that could not be made neither counts nor is corrected."""
    case = reference.results()["holm"]
    assert holm(case["p"]) == pytest.approx(case["adjusted"])
    assert holm([None, 0.01, 0.04, None]) == [None, 0.02, 0.04, None]


@pytest.mark.parametrize("family", [[], [None], [None, None]])
def test_a_family_without_tests(family: list[None]) -> None:
    """Where nothing was tested nothing is corrected."""
    assert holm(family) == family
