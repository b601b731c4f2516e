"""Levels of a factor: as a table has them, as they are ordered, and as somebody types them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError, UsageError
from analyze.study.levels import NONE_GIVEN, level_typed, levels_of
from tests.analyze.study.brought import loaded, table


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["b", "a", None], ("a", "b", NONE_GIVEN)),
        ([16, 2, 4], (2, 4, 16)),
        ([2.0, np.nan, 16.0], (2, 16, NONE_GIVEN)),
        ([0.5, np.nan, 16.0], (0.5, 16.0, NONE_GIVEN)),
        (np.array([1e-3, 3e-4], np.float32), (0.0003, 0.001)),
        ([True, None, False], (False, True, NONE_GIVEN)),
        (pd.Categorical(["low", "high"], ["low", "mid", "high"], ordered=True), ("low", "high")),
        (pd.Categorical(["low", "high"], ["low", "mid", "high"]), ("high", "low")),
        (["10", "9"], ("10", "9")),
    ],
)
def test_levels_and_their_order(values: Any, levels: tuple[Any, ...]) -> None:
    """Numbers by size, texts by the alphabet, ordered categories as declared; a missing value is a level, the last."""
    column, found = levels_of(pd.Series(values, name="x"))
    assert found == levels
    assert [type(one) for one in found] == [type(one) for one in levels]
    assert set(column) == set(levels)


def test_a_declared_order_stands() -> None:
    """The study file says which level comes first; what it does not name comes after."""
    assert levels_of(pd.Series([1, 2, 3]), (3, 1, 7))[1] == (3, 1, 2)


def test_none_given_is_one_level() -> None:
    """A column that is empty in some rows and says so in others means one of both."""
    with pytest.raises(InvalidTableError, match='column aug is empty in row 2 and "none given" in others'):
        levels_of(pd.Series([NONE_GIVEN, None, "mixup"], name="aug"))


@pytest.mark.parametrize(
    ("typed", "levels", "found"),
    [
        ("1e-3", (0.001, 0.01), 0.001),
        ("0.00001", (1e-5, 1e-4), 1e-5),
        ("16", (16.0, 32.0), 16.0),
        ("16.0", (16, 32), 16),
        ("0.001", (0.0010000000474974513, 0.1), 0.0010000000474974513),
        ("true", (False, True), True),
        ("True", (False, True), True),
        ("1", (False, True), True),
        ("0", (False, True), False),
        (True, (0, 1), 1),
        ("1", ("1", "2"), "1"),
        ("2.0", ("1", "2"), "2"),
        (NONE_GIVEN, ("mixup", NONE_GIVEN), NONE_GIVEN),
    ],
)
def test_a_level_is_typed_by_its_value(typed: Any, levels: tuple[Any, ...], found: Any) -> None:
    """However a number or a truth value is written."""
    level = level_typed(typed, "x", levels)
    assert (type(level), level) == (type(found), found)


@pytest.mark.parametrize(
    ("typed", "levels", "closest"),
    [
        ("0.00002", (1e-5, 1e-4, 1e-3), "1e-05"),
        ("0.0009", (1e-5, 1e-4, 1e-3), "0.001"),
        ("15", (1, 16, 150), "16"),
        ("-3", (-2, 3), "-2"),
        ("mixpu", ("mixup", "flip"), "mixup"),
    ],
)
def test_the_closest_level_is_closest_in_value(typed: str, levels: tuple[Any, ...], closest: str) -> None:
    """0.00002 is closer to 1e-05 than to 0.001, whose text looks more like it."""
    with pytest.raises(UsageError, match=f"did you mean {closest}\\?$"):
        level_typed(typed, "x", levels)


@pytest.mark.parametrize("missing", ["depth", "aug", "optimizer"])
def test_a_missing_level_is_a_level(tmp_path: Path, missing: str) -> None:
    """Runs without augmentation have none in their row: the factor stays, and its gap is that of the same table."""
    first = table()[missing].iloc[0]
    trials = table()
    trials[missing] = trials[missing].where(trials[missing] != first)
    found = loaded(tmp_path / "a", trials)
    assert found.design.factors[missing] == (table()[missing].unique()[1], NONE_GIVEN)
    named = loaded(tmp_path / "b", table(), contrast=("adam", "sgd"))
    sign = -1 if missing == "optimizer" else 1
    assert analyse(found).primary.estimate == pytest.approx(sign * analyse(named).primary.estimate)  # type: ignore[operator]


def test_single_precision_has_the_level_that_was_written(tmp_path: Path) -> None:
    """0.001 in single precision is 0.001 on the page and in --contrast."""
    rates = np.where(table()["optimizer"] == "adam", np.float32(1e-3), np.float32(1e-4)).astype(np.float32)
    trials = table(lr=rates).drop(columns="optimizer")
    found = loaded(tmp_path / "a", trials, factor="lr", contrast=("1e-3", "0.0001"))
    assert found.design.contrast == (0.001, 0.0001)
    assert analyse(found).primary.estimate == pytest.approx(analyse(loaded(tmp_path / "b", table())).primary.estimate)
