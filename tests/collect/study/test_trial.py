"""A setting is defined once: what is legal in the model, what it is called and means in its column."""

from pathlib import Path

import pyarrow as pa
import pytest

from collect import schema
from collect.images import DATA_SETS
from collect.study import explain, trial
from collect.study.study import Analysis
from collect.study.trial import Settings
from tests.collect.conftest import trial as trial_of

SOURCE = Path(trial.__file__).read_text(encoding="utf-8")
LAST = "    evaluations: Annotated[int, Field(ge=1, le=10_000)] = 16\n"


def imported(source: str) -> None:
    """What importing the module does, were this its text."""
    exec(compile(source, trial.__file__, "exec"), {"__name__": trial.__name__})  # noqa: S102  # our own module


def test_the_module_as_it_is_imports() -> None:
    """So that what the other tests see is what they change."""
    assert LAST in SOURCE
    imported(SOURCE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAST + "    smoothing: float = 0.0\n", "differ in smoothing double"),
        ("", "differ in evaluations int64"),
        (LAST.replace("int", "float"), "differ in evaluations double, evaluations int64"),
        (LAST.replace("evaluations", "evalutions"), "differ in evalutions int64, evaluations int64"),
    ],
)
def test_a_setting_without_its_column_fails_at_import(text: str, said: str) -> None:
    """A field too many, too few, of another type or misspelt: nothing is planned with it."""
    with pytest.raises(TypeError) as error:
        imported(SOURCE.replace(LAST, text))
    assert set(said.split("differ in ")[1].split(", ")) == set(str(error.value).split("differ in ")[1].split(", "))


def test_a_column_without_its_setting_fails_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a column that no trial would ever fill."""
    monkeypatch.setattr(schema, "SETTINGS", (*schema.SETTINGS, schema.Column("smoothing", pa.float64(), "", "")))
    with pytest.raises(TypeError, match="differ in smoothing double"):
        imported(SOURCE)


def test_other_columns_in_another_order_fail_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that changed places would otherwise stand under each other's names."""
    monkeypatch.setattr(schema, "SETTINGS", schema.SETTINGS[::-1])
    with pytest.raises(TypeError, match="differ in their order"):
        imported(SOURCE)


def test_ids_are_those_of_earlier_releases_of_this_recipe() -> None:
    """A study that is half done goes on: what is measured of a trial is no part of its id."""
    assert trial_of(0).trial_id == "57584f25c4cb8d546c4b"
    assert trial_of(3, ordering="act_bn", activation="tanh").trial_id == "0e26c77bbcff87ca4529"


def test_a_default_that_is_written_out_changes_no_id() -> None:
    """What counts is the value, not whether a study file names it."""
    assert trial_of(0, weight_decay=0.0, optimizer="adam").trial_id == trial_of(0).trial_id
    assert trial_of(0, weight_decay=-0.0).trial_id == trial_of(0).trial_id
    assert trial_of(0, weight_decay=0.1).trial_id != trial_of(0).trial_id


def test_every_key_is_explained_by_its_column() -> None:
    """`collect show --settings` prints the meaning that stands at the column, and each legal value once."""
    table = explain.settings_table(DATA_SETS)
    shown = " ".join(table.split())
    assert "momentum = 0.9 number, ≥ 0, < 1: momentum of sgd" in shown
    assert 'optimizer = "adam" adam, adamw or sgd momentum' in shown
    assert 'init = "torch" torch, he_normal, xavier_normal, orthogonal: initialisation of the weights' in shown
    keys = ("name", "seeds", "network", *Settings.model_fields, *Analysis.model_fields)
    assert all(f"\n    {key} = " in table for key in keys)
    assert [row.name for row in explain.settings(DATA_SETS)] == list(keys)
    assert max(map(len, table.splitlines())) <= 80
