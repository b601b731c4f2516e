"""Whatever the bytes of a table or of its description: the study as it was, or one sentence."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyze import check
from analyze.analysis import analyse
from analyze.errors import AnalyzeError
from analyze.report.json_twin import to_json
from analyze.study import stored
from analyze.study.load import StudyData, load
from tests.damage import damaged
from tests.synthetic import write_study

Factory = pytest.TempPathFactory
thorough = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study as the collector leaves it."""
    return write_study(tmp_path_factory.mktemp("small") / "s", np.random.default_rng(1), seeds=3, points=4)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed table is not waited for."""
    monkeypatch.setattr(stored, "WAITS", (0.0,))


def read(folder: Path) -> StudyData | None:
    """A study with its curves and layers, or None where a sentence refuses it."""
    try:
        found = load(folder)
        assert found.curves is not None
        assert found.layers is not None
    except AnalyzeError:
        return None
    return found


@thorough
@given(data=st.data(), name=st.sampled_from(["trials", "curves", "layers"]))
def test_described_tables(study: Path, tmp_path_factory: Factory, data: st.DataObject, name: str) -> None:
    """A table that is not the one described is refused, whatever it holds."""
    folder = Path(shutil.copytree(study, tmp_path_factory.mktemp("copy") / "s"))
    path = folder / f"{name}.parquet"
    content = path.read_bytes()
    path.write_bytes(data.draw(damaged(content)))
    found = read(folder)
    assert found is None or path.read_bytes() == content
    shutil.rmtree(folder)


@thorough
@given(data=st.data())
def test_tables_of_somebody(study: Path, tmp_path_factory: Factory, data: st.DataObject) -> None:
    """Without a description, footers and pages of any kind give a table or a sentence, no exception of Arrow's."""
    folder = tmp_path_factory.mktemp("copy")
    columns = ["trial_id", "ordering", "seed", "test_accuracy", "status"]
    whole = pd.read_parquet(study / "trials.parquet", columns=columns)
    sink = io.BytesIO()
    whole.to_parquet(sink)
    (folder / "trials.parquet").write_bytes(data.draw(damaged(sink.getvalue())))
    try:
        load(folder)
    except AnalyzeError as error:
        assert str(error)  # noqa: PT017  # any sentence will do
    shutil.rmtree(folder)


#: Values of JSON, of any depth that a machine writes.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KEYS = ("schema_version", "recipe_version", "study", "planned", "pending", "parts_digest", "environments")


@thorough
@given(key=st.sampled_from(KEYS), value=JSON, raw=st.none() | st.binary(max_size=20))
@example(key="study", value={"name": "x", "factors": {"ordering": [[]]}, "analysis": {}}, raw=None)
@example(key="planned", value=10**30, raw=None)
def test_metadata(
    study: Path, tmp_path_factory: pytest.TempPathFactory, key: str, value: object, raw: bytes | None
) -> None:
    """Any value under any key: what the study says of itself is believed where it is possible, else refused."""
    folder = tmp_path_factory.mktemp("copy")
    table = pq.read_table(study / "trials.parquet")
    metadata = {**table.schema.metadata, key.encode(): json.dumps(value).encode() if raw is None else raw}
    pq.write_table(table.replace_schema_metadata(metadata), folder / "trials.parquet")
    try:
        found = load(folder)
    except AnalyzeError:
        found = None
    assert found is None or 0 <= found.pending <= found.planned
    shutil.rmtree(folder)


@thorough
@given(content=st.one_of(JSON.map(json.dumps).map(str.encode), st.binary(max_size=60)))
def test_descriptions(study: Path, tmp_path_factory: Factory, content: bytes) -> None:
    """A datapackage.json of any kind is somebody's, or refused."""
    folder = Path(shutil.copytree(study, tmp_path_factory.mktemp("copy") / "s"))
    (folder / stored.DESCRIPTION).write_bytes(content)
    read(folder)
    shutil.rmtree(folder)


KINDS = st.sampled_from(
    [
        pa.null(),
        pa.bool_(),
        pa.int8(),
        pa.int64(),
        pa.uint64(),
        pa.float16(),
        pa.float32(),
        pa.float64(),
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.date32(),
        pa.timestamp("ns", tz="UTC"),
        pa.duration("s"),
        pa.decimal128(12, 3),
        pa.list_(pa.int64()),
        pa.struct([("a", pa.int64())]),
        pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int32(), pa.int64()),
    ]
)
VALUES = st.sampled_from(
    [None, 0, 1, -1, 0.5, 97, 2**40, 2**62, float("nan"), float("inf"), "relu", "1", "", "\ud7ff\u202e"]
)


@st.composite
def changed_columns(draw: st.DrawFn, table: pa.Table) -> pa.Table:
    """A table in which some columns have other types or values, are there twice, or are gone, and rows repeat."""
    rows = draw(st.sampled_from([len(table), len(table), 1, 0]))
    table = pa.concat_tables([table.slice(0, rows), table.slice(0, draw(st.integers(0, 2)))])
    fields, columns = list(table.schema), list(table.columns)
    for _ in range(draw(st.integers(1, 3))):
        place, kind = draw(st.integers(0, len(fields) - 1)), draw(KINDS)
        kept = columns[place].to_pylist()
        own = draw(st.one_of(st.none(), st.lists(VALUES, min_size=1, max_size=3)))
        wanted = kept if own is None else [own[row % len(own)] for row in range(len(kept))]
        columns[place] = pa.chunked_array([pa.array([_as(kind, one) for one in wanted], kind)])
        fields[place] = pa.field(fields[place].name, kind)
        if draw(st.integers(0, 5)) == 0:
            fields[place] = pa.field(draw(st.sampled_from([one.name for one in fields])), kind)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, table.schema.metadata))


def _as(kind: pa.DataType, value: object) -> object:
    """The value where this type can hold it, otherwise none."""
    try:
        pa.array([value], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None
    return value


@thorough
@given(data=st.data(), name=st.sampled_from(["trials", "trials", "curves", "layers"]))
def test_columns_of_any_type(study: Path, tmp_path_factory: Factory, data: st.DataObject, name: str) -> None:
    """Somebody's own tables, with columns of any type, name and value: findings that are JSON, or a sentence."""
    folder = Path(shutil.copytree(study, tmp_path_factory.mktemp("own") / "s"))
    (folder / stored.DESCRIPTION).unlink()
    path = folder / f"{name}.parquet"
    changed = data.draw(changed_columns(pq.read_table(path)))
    pq.write_table(changed, path)
    try:
        found = load(folder)
        check.examine(found)
        assert to_json(analyse(found))
    except AnalyzeError:
        pass
    shutil.rmtree(folder)
