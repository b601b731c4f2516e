"""Trials by cell and level: each once, in the order of the table."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analyze.study.cells import trials_of

Places = list[tuple[int, int, bool]]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 2), st.booleans()), max_size=40))
def test_every_trial_stands_in_its_place(places: Places) -> None:
    """As looking through all trials for each place gives them; those of no level, or that do not count, in none."""
    table = np.array([(cell, level) for cell, level, _ in places], dtype=np.int64).reshape(-1, 2)
    counted = np.array([here for *_, here in places], dtype=bool)
    found = trials_of(table[:, 0], table[:, 1], 3, among=counted)
    for cell in range(5):
        for level in range(3):
            wanted = np.flatnonzero((table[:, 0] == cell) & (table[:, 1] == level) & counted).tolist()
            assert found.get((cell, level), np.empty(0)).tolist() == wanted
    assert all(len(part) for part in found.values())
