"""Studies in buckets: the tables are fetched, and what a service says of them is not believed."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from analyze.errors import InvalidTableError, StudyNotFoundError
from analyze.study.remote import fetch

URL = "s3://bucket/study"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The bucket behind the URL."""
    held = MemoryStore()
    monkeypatch.setattr("obstore.store.from_url", lambda *_, **__: held)
    return held


def lists(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A service that says of trials.parquet that it has this many bytes."""
    said = {"objects": [{"path": "trials.parquet", "size": size}]}
    monkeypatch.setattr(obstore, "list_with_delimiter", lambda _: said)


def test_tables_and_their_description_are_fetched(bucket: MemoryStore) -> None:
    """Nothing else is, and the folder has the study's name."""
    for name in ("trials.parquet", "curves.parquet", "datapackage.json", "plan.parquet", "parts/a.parquet", "x.exe"):
        bucket.put(name, name.encode())
    folder = fetch(URL)
    assert folder.name == "study"
    found = {path.name: path.read_text() for path in folder.rglob("*")}
    assert found == {name: name for name in ("trials.parquet", "curves.parquet", "datapackage.json")}


def test_a_bucket_without_trials_is_no_study(bucket: MemoryStore) -> None:
    """One sentence, with the URL."""
    bucket.put("curves.parquet", b"")
    with pytest.raises(StudyNotFoundError, match=r"s3://bucket/study has no trials"):
        fetch(URL)


@pytest.mark.usefixtures("bucket")
def test_a_service_that_sends_more_than_it_lists_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing of a hundred bytes and an answer without an end once filled the disk."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield bytes(60)

    lists(monkeypatch, 100)
    monkeypatch.setattr(obstore, "get", lambda *_: SimpleNamespace(stream=endless))
    with pytest.raises(InvalidTableError, match="has more bytes than the 100 it is listed with"):
        fetch(URL)
    assert sent == 2


@pytest.mark.usefixtures("bucket")
def test_a_table_that_is_listed_too_large_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size says enough."""

    def asked(*_: Any) -> None:
        pytest.fail("it was asked for")

    lists(monkeypatch, 2**40)
    monkeypatch.setattr(obstore, "get", asked)
    with pytest.raises(InvalidTableError, match="has 1,099,511,627,776 bytes; more than"):
        fetch(URL)
