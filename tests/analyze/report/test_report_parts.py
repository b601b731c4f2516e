"""Each part of the page on its own, against a kept copy.

The copies lie in snapshots/. After an intended change, `python -m tests.analyze.report.test_report_parts` writes them
anew; a test never does.
"""

import re
from pathlib import Path

import pytest

from analyze.report import write
from tests.analyze.sample import rich

SNAPSHOTS = Path(__file__).parent / "snapshots"
PARTS = (
    "answer",
    "claims",
    "effects",
    "cells",
    "speed",
    "stability",
    "certainty",
    "published",
    "methods",
    "evidence",
    "tables",
    "references",
)


def parts() -> dict[str, str]:
    """The HTML of every part; drawings are left out, figures have tests of their own.

    Numbers that the page only carries are kept to ten digits: the last ones are those of the machine.
    """
    page = write.render(rich(), fmt="html", lang="en").decode()
    page = re.sub(r'(?<=<data value=")[^"]+', lambda value: f"{float(value[0]):.10g}", page)
    page = re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)
    found = re.findall(r'<section id="(\w+)".*?</section>', page, flags=re.DOTALL)
    return {name: re.search(rf'<section id="{name}".*?</section>', page, flags=re.DOTALL)[0] + "\n" for name in found}  # type: ignore[index]


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """All parts, rendered once."""
    return parts()


@pytest.mark.parametrize("name", PARTS)
def test_part_is_as_kept(name: str, rendered: dict[str, str]) -> None:
    """Prose, tables, captions and markup of one part."""
    assert rendered[name] == (SNAPSHOTS / f"{name}.html").read_text("utf-8")


def test_every_part_is_kept(rendered: dict[str, str]) -> None:
    """No part escapes; the data dictionary alone follows the collector's schema and is not kept."""
    assert {*PARTS, "dictionary"} == set(rendered)


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for part, text in parts().items():
        if part in PARTS:
            (SNAPSHOTS / f"{part}.html").write_text(text, "utf-8")
