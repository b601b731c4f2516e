"""The tables described for people (data/README.md) and for tools (datapackage.json, Frictionless Data Package)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from collect import schema
from collect.store.keys import TableName

TYPES = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "boolean",
    pa.binary(): "any",
}

#: A null among whole numbers, as pandas shows it.
MISSING = ["", "nan"]

TITLES = {
    "trials": "one row a finished trial",
    "curves": "one row a trial x evaluation point x split x eval_set x bn_mode",
    "layers": "one row a trial x evaluation point x layer",
}


def columns(factors: Sequence[str], own: Sequence[schema.Column] = ()) -> dict[TableName, tuple[schema.Column, ...]]:
    """The columns of the three tables of a study with these factors, whose network has these settings of its own."""
    return {
        "trials": schema.trials(own),
        "curves": schema.curves(factors, own),
        "layers": schema.layers(factors, own),
    }


def package(
    name: str,
    factors: Sequence[str],
    sums: Mapping[TableName, tuple[str, int]],
    version: int = schema.SCHEMA_VERSION,
    *,
    own: Sequence[schema.Column] = (),
    former: bool = False,
) -> str:
    """The datapackage.json of a study (https://datapackage.org/standard/data-package/).

    Args:
        name: of the study.
        factors: of the study.
        sums: the SHA-256 of each table's file and its size in bytes; what is not there is not described.
        own: the columns of its network's own settings.
        version: of the schema; tables of an earlier one lack the columns that came later.
        former: as it was put before: the size of each table under `bytes`, which `frictionless validate` cannot count
            in Parquet, and no word by which it takes a number that is not there for a missing one.
    """
    return json.dumps(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": name,
            "version": f"{version}.0.0",
            "resources": [
                _resource(table, described, *sums[table], version=version, former=former)
                for table, described in columns(factors, own).items()
                if table in sums
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _resource(
    table: str, columns: Sequence[schema.Column], sha256: str, size: int, *, version: int, former: bool
) -> dict[str, Any]:
    return {
        "name": table,
        "path": f"{table}.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes" if former else "byteSize": size,
        "hash": f"sha256:{sha256}",
        "title": TITLES[table],
        "schema": {
            "fields": [
                {
                    "name": c.name,
                    "type": TYPES[c.type],
                    "description": c.meaning_in(version),
                    **({"unit": c.unit} if c.unit else {}),
                    **({"missingValues": MISSING} if c.type == pa.int64() and not former else {}),
                }
                for c in columns
                if c.since <= version
            ],
            **({"primaryKey": ["trial_id"]} if table == "trials" else {"foreignKeys": [_to_trials()]}),
        },
    }


def _to_trials() -> dict[str, Any]:
    return {"fields": ["trial_id"], "reference": {"resource": "trials", "fields": ["trial_id"]}}


def dictionary() -> str:
    """The data dictionary in Markdown, for a study with the core factors."""
    lines = []
    for table, described in columns(schema.CORE_FACTORS).items():
        lines += [f"## {table}.parquet: {TITLES[table]}", "", "| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| {c.name} | {c.type} | {c.unit} | {c.meaning} |" for c in described]
        lines += [""]
    return "\n".join(lines)
