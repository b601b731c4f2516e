"""Both languages, against each other."""

from collections.abc import Iterator
from itertools import zip_longest

from tests.analyze.reading import Report, numbers_of


def languages(english: Report, chinese: Report) -> Iterator[str]:
    """Both languages state the same, in the same order, and their tables have the same numbers."""
    for one, other in zip_longest(english.said, chinese.said):
        if one is None or other is None or (one.kind, one.values) != (other.kind, other.values):
            yield f"{one} / {other}"
            break
    for (verdict, one), (theirs, other) in zip_longest(english.why, chinese.why, fillvalue=(None, None)):
        if verdict != theirs or one is None or other is None or (one.kind, one.values) != (other.kind, other.values):
            yield f"{verdict} {one} / {theirs} {other}"
    if list(english.tables) != list(chinese.tables):
        yield f"tables {list(english.tables)} / {list(chinese.tables)}"
    for name, ours in english.tables.items():
        for row, theirs in zip_longest(ours.rows, chinese.tables[name].rows, fillvalue=()):
            numbers = [[sorted(numbers_of(cell)) for cell in line] for line in (row, theirs)]
            if numbers[0] != numbers[1]:
                yield f"table {name}: {row} / {theirs}"
                break
