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
from analyze.measures.time_to_target import convergence_curves, crossings
from analyze.report import write
from analyze.report.json_twin import to_json
from analyze.report.words.display import plain
from analyze.study.load import StudyData, load
from analyze.study.scores import COLUMN


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
    assert found.trials[COLUMN["running"]].to_numpy() == pytest.approx(
        plain.trials[COLUMN["running"]].to_numpy(), abs=0.01
    )
    assert found.design.factors == plain.design.factors
    assert loaded(tmp_path / "c", test_accuracy=pa.array(table()["test_accuracy"], pa.float32()))


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("trial_id", ["same"] * 24, "trial_id same is there more than once"),
        ("trial_id", [None] * 24, "trial_id is missing in 24 rows"),
        ("test_n", [0] * 24, "test_n must be a number of images, found 0"),
        ("test_n", [2**62] * 24, "test_n must be a number of images"),
        ("test_n", [99.5] * 24, "column test_n must be a whole number of 64 bits, found 99.5"),
        (
            "test_n",
            pa.array([2**64 - 1] * 24, pa.uint64()),
            "must be a whole number of 64 bits, found 18446744073709551615",
        ),
        ("correct_bits", [b"\x01"] * 24, "correct_bits has 1 bytes where test_n images need 13"),
        ("correct_bits", [b"\x01" * (13 + row % 2) for row in range(24)], "has 14 bytes where test_n images need 13"),
        (
            "test_accuracy",
            [1.5] * 24,
            "share from 0 to 1, found 1.5 in row 1; if they are in per cent, add --unit percent",
        ),
        ("test_accuracy", [140.0] * 24, "share from 0 to 1, found 140 in row 1; write correct / all"),
        ("test_accuracy_batch", [97.0] * 24, "test_accuracy_batch must be a share from 0 to 1, found 97"),
        ("train_accuracy", [-1.0] * 24, "train_accuracy must be a share from 0 to 1, found -1"),
        ("seed", [None, *range(23)], "seed is missing in 1 rows"),
        ("seed", [0.5] * 24, "column seed must be a whole number of 64 bits, found 0.5"),
        ("status", ["done", None] * 12, "status done, (nan|None) is not one of completed.*first in row 1"),
        ("status", [None, "completed"] * 12, "status (nan|None) is not one of completed"),
        ("depth", [float("inf"), 1.0] * 12, "column depth holds infinite numbers, which are no levels of a factor"),
        ("depth", [[1, 2]] * 24, "column depth holds list<.*int64>, which are no levels of a factor"),
        ("ordering", ["x" * 2000, "act_bn"] * 12, "column ordering holds a text of 2,000 bytes, which are no levels"),
        ("\x1fbatch", [1, 2] * 12, "has a name that the analysis gives to a column of its own; rename it"),
    ],
)
def test_impossible_values_are_refused(tmp_path: Path, name: str, values: list[Any], said: str) -> None:
    """Each once gave a traceback, or asked for gigabytes."""
    with pytest.raises(InvalidTableError, match=said):
        loaded(tmp_path / "s", **{name: values})


def test_no_number_of_images_is_none_known(tmp_path: Path) -> None:
    """A column of nulls says nothing, and outcomes of nobody knows how many images are none."""
    found = loaded(tmp_path / "s", test_n=pa.array([None] * 24, pa.int64()), correct_bits=[b"\xff"] * 24)
    assert not {"test_n", "correct_bits"} & {*found.trials}
    assert analyse(found).primary.se_crossed is None


@pytest.mark.parametrize("values", [[float("inf"), 1.0] * 12, ["x" * 2000, "y"] * 12, [None] * 24])
def test_an_own_column_of_no_levels_is_left_out(tmp_path: Path, values: list[Any]) -> None:
    """An infinite loss and a long remark recur over seeds as levels do; JSON has no word for the one."""
    found = loaded(tmp_path / "s", noted=values)
    assert set(found.design.factors) == {"ordering", "width"}
    assert to_json(analyse(found))


def test_a_sentence_shows_the_first_value_and_ends(tmp_path: Path) -> None:
    """What is wrong, where, and what would be right, however long the value is and whether or not Python has it."""
    with pytest.raises(
        InvalidTableError, match=r"column test_n holds string, first \"x{79}…; write it as whole numbers$"
    ):
        loaded(tmp_path / "s", test_n=["x" * 10**6] * 24)
    with pytest.raises(
        InvalidTableError, match=r"column test_loss holds date32\[day\], first .+; write it as numbers$"
    ):
        loaded(tmp_path / "s", test_loss=pa.array([2**31 - 1] * 24, pa.int32()).cast(pa.date32()))
    with pytest.raises(InvalidTableError, match=r"column seed holds binary_view, first FF; write it as whole numbers$"):
        loaded(tmp_path / "s", seed=pa.array([None, b"\xff"] * 12, pa.binary_view()))
    with pytest.raises(InvalidTableError, match=r"trial_id x{80}… is there more than once"):
        loaded(tmp_path / "s", trial_id=["x" * 10**6] * 24)


def test_views_are_what_they_view(tmp_path: Path) -> None:
    """Some writers keep text and bytes as views, or bytes of a fixed number."""
    text = {name: pa.array(table()[name], pa.string_view()) for name in ("trial_id", "ordering")}
    for kind in (pa.binary_view(), pa.binary(13), pa.large_binary()):
        found = loaded(tmp_path / "s", **text, correct_bits=pa.array([b"\xf0" * 13] * 24, kind))
        assert found.design.factors["ordering"] == ("act_bn", "bn_act")
        assert found.trials["correct_bits"].iloc[0] == b"\xf0" * 13


def test_missing_numbers_among_whole_ones_are_missing(tmp_path: Path) -> None:
    """Pandas writes whole numbers with a gap as decimals, the gap as NaN."""
    found = loaded(tmp_path / "s", test_n=[float("nan"), *[100.0] * 23], correct_bits=[b"\xf0" * 13] * 24)
    assert (found.trials["test_n"] == 100).all()
    assert to_json(analyse(found))


@pytest.mark.parametrize("columns", [14, 70])
def test_columns_that_are_no_factors_make_no_endless_design(tmp_path: Path, columns: int) -> None:
    """Columns of two values that recur looked like factors: thousands of cells took hours, 70 a traceback."""
    own = {f"c{one}": [(row >> one % 3) % 2 for row in range(24)] for one in range(columns)}
    found = loaded(tmp_path / "s", **own)
    assert set(found.design.factors) == {"ordering", "width"}
    assert set(found.design.ignored) == {*own}
    with pytest.raises(
        InvalidTableError, match=rf"combinations of the levels of {columns + 2} factors; leave out .* c0"
    ):
        load(tmp_path / "s", moderators=["width", *own])


def test_a_factor_with_a_name_of_the_analysis(tmp_path: Path) -> None:
    """Budgets were put into a column over that factor, so that a trial that stopped early kept its own."""
    loaded(
        tmp_path / "s",
        budget=[row % 2 + 1 for row in range(24)],
        ordering=[("act_bn", "bn_act")[row // 2 % 2] for row in range(24)],
        width=[1 + row // 4 % 2 for row in range(24)],
    )
    curves(tmp_path / "s", examples_seen=[10, 100, 1000] + [100, 1000, 10000] * 23)
    found = load(tmp_path / "s", factor="budget", contrast=("1", "2"))
    points = convergence_curves(found)
    assert points is not None
    assert crossings(found, points, 0.9).budget == pytest.approx(10000)
    assert to_json(analyse(found))


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
        ("accuracy", 94.0, "accuracy must be a share from 0 to 1, found 94"),
        ("accuracy", float("inf"), "accuracy must be a share from 0 to 1"),
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


@pytest.mark.parametrize("seen", [[0, 1000, 10000], [0, 0, 0]])
def test_a_look_before_training_is_no_point(tmp_path: Path, seen: list[int]) -> None:
    """Time is on a log scale: areas under curves that begin at zero examples were no numbers."""
    loaded(tmp_path / "s")
    curves(tmp_path / "s", examples_seen=seen * 24)
    found = load(tmp_path / "s")
    points = convergence_curves(found)
    assert (set() if points is None else set(points.points["examples_seen"])) == {*seen} - {0}
    assert to_json(analyse(found))


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


def test_unsorted_points_and_those_without_examples(tmp_path: Path) -> None:
    """The order of rows is no matter, and a point at no known time is none: NaN got into the JSON."""
    loaded(tmp_path / "s")
    curves(tmp_path / "s", split="test")
    points = pd.read_parquet(tmp_path / "s" / "curves.parquet")
    tidy = to_json(analyse(load(tmp_path / "s")))
    nowhere = points.assign(examples_seen=None, accuracy=0.01)
    pd.concat([points.sample(frac=1, random_state=1), nowhere]).to_parquet(tmp_path / "s" / "curves.parquet")
    assert to_json(analyse(load(tmp_path / "s"))) == tidy


@pytest.mark.parametrize(
    ("rename", "code"),
    [
        ({"examples_seen": "epoch"}, "curves_lack_columns"),
        ({"examples_seen": "step"}, "curves_lack_columns"),
        ({"accuracy": "correct"}, "curves_lack_columns"),
        ({"noted": "split"}, "curves_without_test"),
    ],
)
def test_curves_that_speed_cannot_use_say_why(tmp_path: Path, rename: dict[str, str], code: str) -> None:
    """Only epochs or steps, and no split test: the study has curves, and its report says what they lack."""
    loaded(tmp_path / "s")
    curves(tmp_path / "s", noted="val", accuracy=1)
    path = tmp_path / "s" / "curves.parquet"
    pd.read_parquet(path).rename(columns=rename).to_parquet(path)
    found = analyse(load(tmp_path / "s"))
    assert found.reasons["/convergence"].code == code
    assert "Speed is not in this study: the learning curves" in plain(write.render(found, fmt="md", lang="en").decode())
