"""The descriptions of the tables are those of schema.py."""

import json
from pathlib import Path

from collect import schema
from collect.store.datapackage import TITLES, dictionary, package

ROOT = Path(__file__).parents[3]


def test_the_data_dictionary_is_current() -> None:
    """data/README.md ends in the dictionary that schema.py gives."""
    assert (ROOT / "data" / "README.md").read_text(encoding="utf-8").endswith(dictionary())


def test_the_package_names_every_column_with_its_type() -> None:
    """datapackage.json holds every column of every table, and the tables' relation."""
    described = json.loads(
        package("mine", ["ordering", "depth", "activation", "head"], dict.fromkeys(TITLES, ("ab", 7)))
    )
    assert {(r["hash"], r["bytes"]) for r in described["resources"]} == {("sha256:ab", 7)}
    trials, curves, layers = (r["schema"] for r in described["resources"])
    assert [f["name"] for f in trials["fields"]] == [c.name for c in schema.TRIALS]
    assert "head" in [f["name"] for f in curves["fields"]]
    assert {f["name"]: f["type"] for f in layers["fields"]}["grad_norm"] == "number"
    assert curves["foreignKeys"][0]["reference"]["resource"] == "trials"
