"""Letters: two things share one exactly if they are not told apart."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from analyze.inference.groups import letters


def test_published_example() -> None:
    """Eight treatments and the nine pairs told apart of Piepho (2004): his display has four letters."""
    apart = [(1, 7), (1, 8), (2, 4), (2, 5), (2, 7), (2, 8), (3, 7), (4, 8), (6, 7)]
    found = letters(8, [(one - 1, other - 1) for one, other in apart])
    assert all(not set(found[one - 1]) & set(found[other - 1]) for one, other in apart)
    assert len({letter for one in found for letter in one}) <= 5


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] < pair[1])))
def test_sharing_a_letter_is_not_being_told_apart(apart: set[tuple[int, int]]) -> None:
    """Whatever the pairs; and no letter says what another already says."""
    found = letters(7, sorted(apart))
    for pair in combinations(range(7), 2):
        assert bool(set(found[pair[0]]) & set(found[pair[1]])) == (pair not in apart)
    members = [
        {thing for thing, one in enumerate(found) if letter in one}
        for letter in {letter for one in found for letter in one}
    ]
    assert not any(one < other for one in members for other in members)
    assert all(found)


def test_groups_beyond_the_alphabet() -> None:
    """Thirty things all told apart have thirty letters: a to z, then aa to ad."""
    found = letters(30, combinations(range(30), 2))
    assert [one for (one,) in found][24:] == ["y", "z", "aa", "ab", "ac", "ad"]
