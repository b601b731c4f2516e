"""CONTRIBUTING.md tells the truth: every file it names is there, and every object stands where it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    """Paths of the code, whole or as the end of one named before."""
    named = set(re.findall(r"`((?:collect|analyze|tests)/[\w/.]*)`", TEXT))
    assert len(named) > 20
    assert {one for one in named if not (ROOT / one).exists()} == set()


def test_every_object_stands_where_it_says() -> None:
    """The table of the main objects."""
    rows = re.findall(r"^\| (`[A-Z]\w+`(?:, `\w+`)*) \| (`[^|]+`) \|", TEXT, flags=re.MULTILINE)
    assert len(rows) > 10
    for names, places in rows:
        files = [ROOT / one for one in re.findall(r"`([\w/.]+)`", places)]
        files = [one if one.exists() else files[0].parent / one.name for one in files]
        sources = [path for one in files for path in (one.rglob("*.py") if one.is_dir() else [one])]
        source = "".join(path.read_text(encoding="utf-8") for path in sources)
        for name in re.findall(r"\w+", names):
            assert re.search(rf"^class {name}\b", source, flags=re.MULTILINE), (name, places)
