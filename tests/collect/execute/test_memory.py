"""A stack that does not fit into memory is halved until it does, and what was trained is kept."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from collect.execute import memory
from collect.store.outcome import Outcome
from tests.collect.outcomes import made_up


def fits(limit: int, seen: list[int]) -> object:
    """Training that runs out of memory beyond a number of trials."""

    def train(piece: list[int]) -> list[Outcome]:
        seen.append(len(piece))
        if len(piece) > limit:
            raise torch.OutOfMemoryError("out of memory")
        return [made_up(reason=str(trial)) for trial in piece]

    return train


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_every_trial_is_trained_once_in_order(number: int, largest: int, limit: int) -> None:
    """Whatever was thought to fit and whatever does: all trials, once, each beside its own outcome."""
    seen: list[int] = []
    trained = list(memory.pieces(list(range(number)), largest, fits(limit, seen)))  # type: ignore[arg-type]  # above
    assert [trial for piece, _ in trained for trial in piece] == list(range(number))
    assert all(o.row.reason == str(t) for piece, outcomes in trained for t, o in zip(piece, outcomes, strict=True))
    assert all(len(piece) <= min(largest, limit) for piece, _ in trained)


def test_a_stack_is_halved() -> None:
    """Eight where three fit: eight, four, two are tried, and then two at a time."""
    seen: list[int] = []
    list(memory.pieces(list(range(8)), 8, fits(3, seen)))  # type: ignore[arg-type]  # above
    assert seen == [8, 4, 2, 2, 4, 2, 2]


def test_a_trial_too_large_by_itself_is_said() -> None:
    """It is not halved for ever: the error comes out."""
    with pytest.raises(torch.OutOfMemoryError):
        list(memory.pieces([1, 2], 2, fits(0, [])))  # type: ignore[arg-type]  # above


def test_what_fits_is_measured_with_a_margin() -> None:
    """10 bytes each and 100 for all, of 1000 free: 70 % hold sixty; and one at least, however little is free."""
    assert memory.holds(1000, (4, 140), (8, 180)) == 60
    assert memory.holds(10, (4, 140), (8, 180)) == 1
    assert memory.holds(10**9, (4, 140), (8, 140)) > 10**6
