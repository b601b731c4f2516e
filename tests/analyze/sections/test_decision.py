"""What p-values become: one answer to one number, wherever it is asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.sections.decision import of_cells, of_effect, of_mean, of_one

ALPHA, MARGIN = 0.05, 0.1
#: Seven small gaps and a large one: flips find them all on one side, the t test sees the large one's spread.
UNLIKE = np.array([0.1] * 7 + [3.0])


def compared(gaps: np.ndarray) -> tuple[Comparison, float | None]:
    """A contrast with these differences, and its sign-flip p."""
    return compare(gaps, np.zeros(len(gaps)), margin=MARGIN), flip_p([gaps[:, None]], flips())[0]


def test_a_single_cell_is_decided_as_the_mean_that_it_is() -> None:
    """Flips alone would call a level ahead in the cell, under a headline that says undecided of the same number."""
    found, p = compared(UNLIKE)
    assert p is not None
    assert found.p_t is not None
    assert p <= ALPHA < found.p_t
    assert of_mean(found, p, MARGIN, ALPHA) == "undecided"
    assert [one.decision for one in of_cells([found], [p], MARGIN, ALPHA)] == ["undecided"]
    assert of_cells([found, found], [p, p], MARGIN, ALPHA)[0].decision == "first"


def test_the_main_effect_needs_both_tests_and_an_interaction_flips() -> None:
    """The main effect is the headline's mean; an interaction is decided by its corrected flips."""
    found, p = compared(UNLIKE)
    assert of_effect(p, found.n, ALPHA, found) == "undecided"
    assert of_effect(p, found.n, ALPHA) == "differs"
    sure, p = compared(np.arange(1.0, 9.0))
    assert of_effect(p, sure.n, ALPHA, sure) == "first"
    assert of_effect(p, sure.n, ALPHA, compared(-np.arange(1.0, 9.0))[0]) == "second"
    assert of_effect(None, 8, ALPHA, sure) == "identical"
    assert of_effect(p, 5, ALPHA, sure) == "not_decidable"


@given(
    st.lists(st.floats(-3, 3).map(lambda gap: round(gap, 2)), min_size=2, max_size=10),
    st.sampled_from([None, MARGIN, 2.0]),
)
def test_a_level_is_ahead_on_the_side_of_its_gap_and_trivial_only_within_the_margin(
    gaps: list[float], margin: float | None
) -> None:
    """Of any differences: a direction has its gap's sign, and below six seeds none is decided but identity."""
    found = compare(np.array(gaps), np.zeros(len(gaps)), margin=margin)
    one = of_one(found, flip_p([np.array(gaps)[:, None]], flips())[0], margin, ALPHA)
    if one.decision in ("first", "second"):
        assert found.gap is not None
        assert (found.gap > 0) == (one.decision == "first")
    assert not one.trivial or (one.decision in ("first", "second") and abs(found.gap or 0.0) < (margin or 0.0))
    if len(gaps) < 6:
        assert one.decision == "not_decidable"


@pytest.mark.parametrize("gaps", [np.zeros(8), np.zeros(3)])
def test_equal_runs_are_identical_where_an_exact_test_can_decide(gaps: np.ndarray) -> None:
    """No seed differs: nothing is left to test, once there are seeds enough."""
    found, p = compared(gaps)
    assert of_one(found, p, MARGIN, ALPHA).decision == ("identical" if len(gaps) > 5 else "not_decidable")
