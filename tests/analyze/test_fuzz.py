"""Whatever the bytes of a table or of its description: the study as it was, or one sentence."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyze.errors import AnalyzeError
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
