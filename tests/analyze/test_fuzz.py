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
        pa.string_view(),
        pa.binary(),
        pa.binary(1),
        pa.binary_view(),
        pa.date32(),
        pa.time64("us"),
        pa.timestamp("ns", tz="UTC"),
        pa.duration("s"),
        pa.decimal128(12, 3),
        pa.decimal256(60, 3),
        pa.list_(pa.int64()),
        pa.list_(pa.string(), 1),
        pa.struct([("a", pa.int64())]),
        pa.map_(pa.string(), pa.int64()),
        pa.uuid(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int32(), pa.int64()),
    ]
)
NUMBERS = [None, 0, 1, -1, 0.5, 97, 2**40, 2**62, 2**64 - 1, 1e-320, 1e308, float("nan"), float("inf"), -float("inf")]
OTHERS = ["relu", "done", "1", "", "\ud7ff\u202e", "x" * 2000, b"", b"\xff", bytes(2), [1], {"a": 1}, [("a", 1)]]
VALUES = st.sampled_from([*NUMBERS, *OTHERS])
#: Names that the analysis itself uses, and one that nobody does.
NAMES = st.sampled_from(["noted", "running", "batch", "budget", "trial", "level", "", "x\0y", "\u202e"])
#: Columns that the study here has not, and somebody's may have.
MORE = st.sampled_from(["momentum", "validation_accuracy", "validation_loss", "validation_n", "n", "correct"])


@st.composite
def changed_columns(draw: st.DrawFn, table: pa.Table) -> pa.Table:
    """A table in which some columns have other types or values, are new, are there twice or gone, and rows repeat."""
    rows = draw(st.sampled_from([len(table), len(table), len(table), 1, 0]))
    table = pa.concat_tables([table.slice(0, rows), table.slice(0, draw(st.sampled_from([0, 0, 0, 1, 2])))])
    fields, columns = list(table.schema), list(table.columns)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(fields) - 1))
        change = draw(st.sampled_from(["values", "values", "type", "name", "new", "gone"]))
        values, kind = columns[place], fields[place].type
        if change in ("values", "new"):
            own = draw(st.lists(VALUES, min_size=1, max_size=3))
            values = [own[row % len(own)] for row in range(len(table))]
            kind = draw(st.sampled_from([kind, draw(KINDS)]))
        elif change == "type":
            values, kind = columns[place].to_pylist(), draw(KINDS)
        elif change == "gone" and len(fields) > 1:
            del fields[place], columns[place]
            continue
        column = values if change == "name" else pa.chunked_array([pa.array([_as(kind, one) for one in values], kind)])
        if change == "new":
            fields.append(pa.field(draw(NAMES | MORE), kind))
            columns.append(column)
        else:
            name = draw(NAMES | st.sampled_from(table.column_names)) if change == "name" else fields[place].name
            fields[place], columns[place] = pa.field(name, kind), column
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, table.schema.metadata))


def _as(kind: pa.DataType, value: object) -> object:
    """The value where this type can hold it, otherwise none."""
    try:
        pa.array([value], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError):
        return None
    return value


@pytest.fixture(scope="module")
def least(tmp_path_factory: Factory) -> Path:
    """A study of twelve trials without a description."""
    factors = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4)}
    folder = tmp_path_factory.mktemp("least") / "s"
    write_study(folder, np.random.default_rng(1), factors=factors, seeds=3, points=3, test_n=10)
    (folder / stored.DESCRIPTION).unlink()
    return folder


@thorough
@given(data=st.data(), name=st.sampled_from(["trials", "trials", "curves", "layers"]), own=st.booleans())
def test_columns_of_any_type(
    least: Path, tmp_path_factory: Factory, data: st.DataObject, name: str, *, own: bool
) -> None:
    """Columns of any type, name and value, with and without the collector's word for them: findings, or a sentence."""
    folder = Path(shutil.copytree(least, tmp_path_factory.mktemp("own") / "s"))
    changed = data.draw(changed_columns(pq.read_table(folder / f"{name}.parquet")))
    pq.write_table(changed, folder / f"{name}.parquet")
    if own:
        trials = pq.read_table(folder / "trials.parquet") if name != "trials" else changed
        pq.write_table(trials.replace_schema_metadata(), folder / "trials.parquet")
    try:
        found = load(folder)
        check.examine(found)
        assert to_json(analyse(found))
    except AnalyzeError:
        pass
    shutil.rmtree(folder)
