"""Numbers of values in a Parquet footer, as pyarrow reads them of footers that are sound."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.store import footer, keys, parts, plan
from collect.store.place.folder import FolderStore
from tests.collect.store.test_audit import sealed
from tests.damage import damaged


def told(content: bytes) -> int:
    """The most values of a column, as pyarrow has it."""
    metadata = pq.read_metadata(pa.BufferReader(content))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return max(group.column(number).num_values for group in groups for number in range(group.num_columns))


def written(table: pa.Table, **options: object) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


@pytest.mark.parametrize("version", ["1.0", "2.6"])
@pytest.mark.parametrize("group", [7, 10_000])
def test_it_is_what_pyarrow_says(version: str, group: int) -> None:
    """Of numbers, text, truth, lists and structs, with statistics and a page index, in one row group or several."""
    draw = np.random.default_rng(0)
    points = [[{"x": float(x), "seen": None} for x in range(draw.integers(0, 40))] for _ in range(50)]
    table = pa.table(
        {
            "seed": draw.integers(-(2**40), 2**40, 50),
            "name": [f"{'é' * 300} {number}" for number in range(50)],
            "right": draw.random(50) < 0.5,
            "curve": points,
        }
    )
    content = written(
        table,
        version=version,
        row_group_size=group,
        write_page_index=True,
        write_page_checksum=True,
        compression="zstd",
    )
    assert footer.longest(content) == told(content)


def test_parts_are_read_so(finished: Path) -> None:
    """Each part of a study."""
    study = FolderStore(finished)
    for trial_id in plan.read(study).trials:
        content = study.read(keys.part(trial_id))
        assert content
        assert footer.longest(content) == told(content)


def test_a_footer_that_contradicts_itself_is_damage(finished: Path) -> None:
    """A column of text that calls itself one of floats has sizes that those have not: pyarrow aborts if asked of it."""
    study = FolderStore(finished)
    trial_id = next(iter(plan.read(study).trials))
    content = study.read(keys.part(trial_id))
    assert content
    text, numbers = (b"\x15" + kind + b"%\x02\x18\x08trial_id" for kind in (b"\x0c", b"\x08"))
    assert text in content
    assert parts.decode([sealed(content.replace(text, numbers))], 10_000) == [None]


@given(st.data())
def test_damage_is_one_error(data: st.DataObject) -> None:
    """Whatever bytes are there: a number, or a ValueError."""
    content = data.draw(damaged(written(pa.table({"a": [1, 2], "b": [["x"], []]}))))
    with suppress(ValueError):
        assert isinstance(footer.longest(content), int)
