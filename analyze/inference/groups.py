"""Which of several things cannot be told apart: the letters of a compact display.

Two things have a letter in common exactly if they are not told apart. By insertion and absorption (Piepho 2004,
doi 10.1198/1061860043515).
"""

from collections.abc import Iterable
from string import ascii_lowercase


def letters(count: int, apart: Iterable[tuple[int, int]]) -> list[tuple[str, ...]]:
    """The letters of each of so many things, which are numbered in the order in which they are shown.

    Args:
        count: how many things there are.
        apart: pairs of numbers that are told apart.
    """
    columns = [frozenset(range(count))]
    for one, other in apart:
        split = []
        for column in columns:
            split += [column - {one}, column - {other}] if {one, other} <= column else [column]
        unique = list(dict.fromkeys(split))
        columns = [column for column in unique if not any(column < larger for larger in unique)]
    columns.sort(key=sorted)
    return [tuple(_letter(place) for place, column in enumerate(columns) if thing in column) for thing in range(count)]


def _letter(place: int) -> str:
    """The name of a column by its place: a, b, …, z, aa, ab and so on."""
    more, own = divmod(place, len(ascii_lowercase))
    return (_letter(more - 1) if more else "") + ascii_lowercase[own]
