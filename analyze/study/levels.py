"""Levels of factors: as a table has them -> as they are ordered, printed and typed."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analyze.errors import InvalidTableError, UsageError, not_one_of

Level = str | int | float | bool

#: The level of a run that has none.
NONE_GIVEN = "none given"

#: How far a number may be from the one that was typed, as a share of it: single precision has seven digits.
CLOSE = 1e-6


def levels_of(column: "pd.Series", declared: Sequence[Level] = ()) -> tuple["pd.Series", tuple[Level, ...]]:
    """The column with a level in every row, and its levels in order.

    The order is the one declared (of the study file, or of ordered categories), else numbers by size and then texts by
    the alphabet. A missing value is the level NONE_GIVEN, the last one. Numbers in single precision are those that
    were written: 0.001, not 0.0010000000475.

    Raises:
        InvalidTableError: values are missing in a column that has a level NONE_GIVEN.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        declared = [*declared, *(column.cat.categories if column.cat.ordered else ())]
        column = column.astype(object)
    raw = column.dropna().unique()
    values = dict(zip(raw, _plain(raw, gaps=bool(column.isna().any())), strict=True))
    if any(new is not old and type(new) is not type(old) for old, new in values.items()):
        column = column.astype(object).map(lambda one: values.get(one, one))
    found = list(dict.fromkeys(values.values()))
    if column.isna().any():
        if NONE_GIVEN in found:
            where = int(column.isna().to_numpy().argmax()) + 1
            raise InvalidTableError(
                f'column {column.name} is empty in row {where} and "{NONE_GIVEN}" in others; write the same in both'
            )
        column = column.astype(object).where(column.notna(), NONE_GIVEN)
        found.append(NONE_GIVEN)
    first = [level for level in dict.fromkeys(declared) if level in found]
    rest = sorted(
        (level for level in found if level not in first),
        key=lambda level: (level == NONE_GIVEN, isinstance(level, str), level),
    )
    return column, (*first, *rest)


def _plain(values: Iterable[object], *, gaps: bool) -> list[Level]:
    """Values as Python's own: shortest decimals of single precision, and whole numbers that a gap made decimal."""
    found = [float(str(one)) if isinstance(one, np.float32) else _own(one) for one in values]
    if gaps and all(isinstance(one, float) and one.is_integer() for one in found):
        return [int(one) for one in found]
    return found


def _own(value: object) -> Level:
    own: Level = value.item() if isinstance(value, np.generic) else value  # type: ignore[assignment]  # none is odd
    return own


def level_typed(typed: object, factor: str, levels: Sequence[Level], option: str = "--contrast") -> Level:
    """The level of a factor that somebody typed: by its text, or by its value, 1e-3 as 0.001 and true as True.

    Raises:
        UsageError: there is no such level; the closest is named.
    """
    for level in levels:
        if str(level) == str(typed):
            return level
    number = _number(typed)
    if number is not None:
        numbers = {level: value for level in levels if (value := _number(level)) is not None}
        for level, value in numbers.items():
            if math.isclose(value, number, rel_tol=CLOSE):
                return level
        if numbers:
            closest = min(numbers, key=lambda level: _distance(numbers[level], number))
            names = ", ".join(map(str, levels))
            raise UsageError(f"{option}: level of {factor} {typed} is not one of {names}, did you mean {closest}?")
    raise UsageError(not_one_of(f"{option}: level of {factor}", typed, levels))


def _number(value: object) -> float | None:
    """What is meant by a level as a number; None where it is a word."""
    words = {"true": 1.0, "false": 0.0}
    try:
        number = words.get(str(value).strip().lower())
        number = float(str(value)) if number is None else number
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _distance(one: float, other: float) -> float:
    """How far two numbers are apart: by their ratio where they have one."""
    return abs(math.log(one / other)) if one * other > 0 else 1e9 + abs(one - other)
