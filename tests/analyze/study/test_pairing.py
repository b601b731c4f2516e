"""Both arms of a contrast by seed and cell."""

import numpy as np
import pytest

from analyze.study.pairing import Arms


@pytest.mark.parametrize("present", [(), (1,)])
def test_no_seed_is_complete_over_no_cell(present: tuple[int, ...]) -> None:
    """Where no cell has a pair no seed is complete; where one has, its seeds are."""
    first, second = np.full((3, 2), 97.0), np.full((3, 2), np.nan)
    second[0, list(present)] = 96.0
    paired = Arms(first, second, (0, 1, 2), ("depth",), ((2, 4),))
    assert paired.present.sum() == len(present)
    assert paired.complete.tolist() == [bool(present), False, False]
