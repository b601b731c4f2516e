"""What other tools' libraries leave open is collected inside the test that used them, not in a later one of ours."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Collect where the test's own filter of warnings stands; a stream of inspect's failed a test elsewhere."""
    yield
    gc.collect()
