"""The gate: tables of anybody become columns of known types, or one sentence names the column and the cure."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError
from analyze.measures.time_to_target import convergence_curves
from analyze.study.load import StudyData, load


def table(rows: int = 24) -> dict[str, Any]:
    """The columns of somebody's own trials: two orderings on three seeds, four widths."""
    return {
        "trial_id": [f"t{row}" for row in range(rows)],
        "ordering": ["bn_act", "act_bn"] * (rows // 2),
        "width": [1 + (row // 2) % 4 for row in range(rows)],
        "seed": [row // 8 for row in range(rows)],
        "test_accuracy": np.linspace(0.9, 0.95, rows),
        "test_n": [100] * rows,
    }


def loaded(folder: Path, **changed: Any) -> StudyData:
    """The study of this table with columns changed or added."""
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(table() | changed), folder / "trials.parquet")
    return load(folder)


ODD: dict[str, pa.Array] = {
    "date": pa.array([date(2026, 1, 1 + row) for row in range(24)]),
    "binary": pa.array([b"\xff"] * 24),
    "list": pa.array([[1, 2]] * 24),
    "struct": pa.array([{"a": 1}] * 24),
    "duration": pa.array([1] * 24, pa.duration("s")),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", ["trial_id", "test_accuracy", "test_n", "status", "test_accuracy_batch"])
def test_a_measured_column_of_another_type_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    """The sentence names the column and what it holds."""
    with pytest.raises(InvalidTableError, match=rf"column {name} holds"):
        loaded(tmp_path / "s", **{name: ODD[kind]})


@pytest.mark.parametrize("kind", ODD)
def test_an_own_column_that_cannot_be_a_factor_is_left_out(tmp_path: Path, kind: str) -> None:
    """A date or a list beside the results is no reason to refuse them, unless it is the factor that was asked for."""
    found = loaded(tmp_path / "s", noted=ODD[kind])
    assert set(found.design.factors) == {"ordering", "width"}
    with pytest.raises(InvalidTableError, match=r"column noted holds .* no levels of a factor"):
        load(tmp_path / "s", factor="noted", contrast=("a", "b"))


def test_numbers_of_other_types_are_numbers(tmp_path: Path) -> None:
    """Decimals, half and single precision, and codes of texts."""
    plain = loaded(tmp_path / "a")
    decimals = pa.array([Decimal(f"{one:.4f}") for one in table()["test_accuracy"]])
    found = loaded(tmp_path / "b", test_accuracy=decimals, ordering=pa.array(table()["ordering"]).dictionary_encode())
    assert found.trials["running"].to_numpy() == pytest.approx(plain.trials["running"].to_numpy(), abs=0.01)
    assert found.design.factors == plain.design.factors
    assert loaded(tmp_path / "c", test_accuracy=pa.array(table()["test_accuracy"], pa.float32()))


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("trial_id", ["same"] * 24, "trial_id same is there more than once"),
        ("trial_id", [None] * 24, "trial_id is missing in 24 rows"),
        ("test_n", [0] * 24, "test_n must be a number of images, found 0"),
        ("test_n", [2**62] * 24, "test_n must be a number of images"),
        ("correct_bits", [b"\x01"] * 24, "correct_bits has fewer bits"),
        ("test_accuracy", [float("inf")] * 24, "share from 0 to 1"),
    ],
)
def test_impossible_values_are_refused(tmp_path: Path, name: str, values: list[Any], said: str) -> None:
    """Each once gave a traceback, or asked for gigabytes."""
    with pytest.raises(InvalidTableError, match=said):
        loaded(tmp_path / "s", **{name: values})


def test_no_number_of_images_is_none_known(tmp_path: Path) -> None:
    """A column of nulls says nothing."""
    assert "test_n" not in loaded(tmp_path / "s", test_n=pa.array([None] * 24, pa.int64())).trials


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Which of both is meant, nobody knows."""
    columns = table()
    pq.write_table(
        pa.Table.from_arrays([pa.array(one) for one in [*columns.values(), columns["seed"]]], [*columns, "seed"]),
        tmp_path / "trials.parquet",
    )
    with pytest.raises(InvalidTableError, match="the same name"):
        load(tmp_path)


def curves(folder: Path, **changed: Any) -> None:
    """Three evaluation points of every trial, with columns changed."""
    points = pd.DataFrame({"trial_id": table()["trial_id"]}).merge(
        pd.DataFrame({"examples_seen": [100, 1000, 10000], "accuracy": [0.5, 0.8, 0.94]}), how="cross"
    )
    points.assign(**changed).to_parquet(folder / "curves.parquet")


def test_a_curve_without_a_trial_belongs_to_none(tmp_path: Path) -> None:
    """Points of a missing or unknown id are no trial's: they were once those of the last."""
    loaded(tmp_path / "s")
    ids = [f"t{row // 3}" if row < 36 else None if row < 50 else "other" for row in range(72)]
    curves(tmp_path / "s", trial_id=ids)
    found = load(tmp_path / "s")
    points = convergence_curves(found)
    assert points is not None
    assert sorted(set(points.points["trial"])) == list(range(12))
    curves(tmp_path / "s", trial_id=["other"] * 72)
    assert convergence_curves(load(tmp_path / "s")) is None
    assert not analyse(load(tmp_path / "s")).curves


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("accuracy", 94.0, "accuracy must be from 0 to 1, found 94"),
        ("accuracy", float("inf"), "accuracy must be from 0 to 1"),
        ("examples_seen", -1, "examples_seen must be from 0"),
        ("trial_id", b"\xff", "column trial_id holds"),
    ],
)
def test_curves_are_held_to_the_same(tmp_path: Path, name: str, value: Any, said: str) -> None:
    """Per cent, infinity, less than nothing, and ids that are no texts."""
    loaded(tmp_path / "s")
    curves(tmp_path / "s", **{name: [value] * 72})
    with pytest.raises(InvalidTableError, match=said):
        analyse(load(tmp_path / "s"))


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_points_without_a_number_are_none(tmp_path: Path, missing: float | None) -> None:
    """What was not measured is no point of a curve; a whole column of it is no curve."""
    loaded(tmp_path / "s")
    curves(tmp_path / "s", accuracy=[missing if row % 3 else 0.5 for row in range(72)], step=[None] * 72)
    points = convergence_curves(load(tmp_path / "s"))
    assert points is not None
    assert len(points.points) == 24
    curves(tmp_path / "s", accuracy=[missing] * 72)
    assert convergence_curves(load(tmp_path / "s")) is None
