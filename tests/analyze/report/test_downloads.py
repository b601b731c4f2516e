"""What a page carries along: whole, small, and the same at every call."""

import base64
import gzip

import pytest

from analyze.report import downloads
from analyze.report.json_twin import to_json
from tests.analyze.sample import sample


def content(one: downloads.Download) -> bytes:
    """What a browser saves."""
    return base64.b64decode(one.url.partition(",")[2])


def test_the_same_bytes_at_every_call() -> None:
    """No time and no owner in an archive."""
    first, second = downloads.downloads(sample()), downloads.downloads(sample())
    assert first == second
    assert [one.name for one in first] == ["report.json", "tables.zip"]
    assert [len(content(one)) for one in first] == [one.size for one in first]


def test_a_large_twin_is_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And whole when it is unpacked."""
    monkeypatch.setattr(downloads, "LARGEST_JSON", 1000)
    one = downloads.downloads(sample())[0]
    assert one.name == "report.json.gz"
    assert gzip.decompress(content(one)) == to_json(sample())
