"""The descriptions of the tables are those of collect.schema."""

import json
from pathlib import Path

import pandas as pd

from collect import schema
from collect.store.datapackage import TITLES, dictionary, package

ROOT = Path(__file__).parents[3]


def test_the_data_dictionary_is_current() -> None:
    """data/README.md ends in the dictionary that collect.schema gives."""
    assert (ROOT / "data" / "README.md").read_text(encoding="utf-8").endswith(dictionary())


def test_the_package_names_every_column_with_its_type() -> None:
    """datapackage.json holds every column of every table, and the tables' relation."""
    described = json.loads(
        package("mine", ["ordering", "depth", "activation", "head"], dict.fromkeys(TITLES, ("ab", 7)))
    )
    assert {(r["hash"], r["byteSize"]) for r in described["resources"]} == {("sha256:ab", 7)}
    trials, curves, layers = (r["schema"] for r in described["resources"])
    assert [f["name"] for f in trials["fields"]] == [c.name for c in schema.TRIALS]
    assert "head" in [f["name"] for f in curves["fields"]]
    assert {f["name"]: f["type"] for f in layers["fields"]}["grad_norm"] == "number"
    assert curves["foreignKeys"][0]["reference"]["resource"] == "trials"


def test_what_is_not_there_is_no_mistake_of_a_type(finished: Path) -> None:
    """`frictionless validate` reads Parquet with pandas, which shows a null among whole numbers as nan.

    It counts no bytes of a Parquet file, so that their number stands under another name.
    """
    described = json.loads((finished / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        rows = pd.read_parquet(finished / resource["path"])
        assert "bytes" not in resource
        for field in resource["schema"]["fields"]:
            if field["type"] == "integer":
                cells = {str(cell) for cell in rows[field["name"]] if not float(cell).is_integer()}
                assert cells <= set(field["missingValues"]), field["name"]
