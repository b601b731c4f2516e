"""A misspelt or forgotten key is an error where the row is made, never a null in a table."""

from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pytest

from collect import schema
from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.measure import probes
from collect.store import outcome, parts
from collect.store.outcome import CurvePoint, LayerProbe, Result
from tests.collect.conftest import trial
from tests.collect.outcomes import made_up
from tests.collect.store.test_store import planned

ROWS = [(kind, field.name) for kind in (Result, CurvePoint, LayerProbe) for field in fields(kind)]


@pytest.mark.parametrize(("kind", "key"), ROWS)
def test_no_row_is_made_with_a_key_misspelt_or_left_out(kind: type, key: str) -> None:
    """Each key of each kind of row."""
    right = {field.name: 1 for field in fields(kind)}
    kind(**right)
    del right[key]
    with pytest.raises(TypeError, match=key):
        kind(**right)
    with pytest.raises(TypeError, match=key):
        kind(**right, **{f"{key}_": 1})


@pytest.mark.parametrize("of", ["activation_statistics", "_norm_statistics"])
@pytest.mark.parametrize("change", ["misspelt", "left out"])
def test_no_probe_is_lost(resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, of: str, change: str) -> None:
    """A statistic under another name, or none, stops the training that took it."""
    right = getattr(probes, of)

    def wrong(*arguments: object) -> dict[str, object]:
        statistics = dict(right(*arguments))
        name, value = statistics.popitem()
        return statistics if change == "left out" else {**statistics, f"{name}_": value}

    monkeypatch.setattr(probes, of, wrong)
    with pytest.raises(TypeError, match="LayerProbe"):
        train([trial()], resident)


def test_no_part_is_written_with_a_column_misspelt_or_left_out(tmp_path: Path) -> None:
    """Each column of a trial's identity and settings."""
    _, plan = planned(tmp_path)
    row = plan.row(next(iter(plan.trials)))
    assert parts.encode(row, made_up(), "a", {})
    for column in (*schema.IDENTITY, *schema.SETTINGS, *schema.SEED):
        wrong = {(f"{name}_" if name == column.name else name): value for name, value in row.items()}
        with pytest.raises(TypeError, match=f"differ in {column.name}, {column.name}_"):
            parts.encode(wrong, made_up(), "a", {})
        with pytest.raises(TypeError, match=f"differ in {column.name}$"):
            parts.encode({name: value for name, value in row.items() if name != column.name}, made_up(), "a", {})


@pytest.mark.parametrize("table", ["OUTCOME", "POINT", "LAYER"])
def test_a_column_without_its_field_fails_at_import(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """It would be null in every row."""
    source = Path(outcome.__file__).read_text(encoding="utf-8")
    names = {"__name__": outcome.__name__}
    exec(compile(source, outcome.__file__, "exec"), names)  # noqa: S102  # our own module
    monkeypatch.setattr(schema, table, (*getattr(schema, table), schema.Column("sharpness", pa.float64(), "", "")))
    with pytest.raises(TypeError, match="differ in sharpness double"):
        exec(compile(source, outcome.__file__, "exec"), names)  # noqa: S102  # likewise
