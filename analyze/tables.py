"""Findings -> result tables with a data dictionary, as CSV or Parquet. Numbers stay unrounded."""

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel

from analyze.dictionary import meaning
from analyze.errors import CannotWriteError
from analyze.findings import Findings, Row

SECTIONS = (
    "anova",
    "leave_one_out",
    "simple_effects",
    "orderings",
    "convergence",
    "stability",
    "mechanism",
    "multiverse",
    "power",
    "claims",
    "cells",
    "curves",
)


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every result table by name: `primary`, `study`, the sections, and `reasons`.

    A cell becomes a column a factor, an interval two columns (`_low`, `_high`), a mapping a column a key; the
    components of claims are a table of their own.
    """
    found = {name: pd.DataFrame([flat(row) for row in getattr(findings, name)]) for name in SECTIONS}
    components = [{"id": claim.id} | flat(component) for claim in findings.claims for component in claim.components]
    found["claim_components"] = pd.DataFrame(components)
    found["study"] = pd.DataFrame([flat(findings.study)])
    found["primary"] = pd.DataFrame([flat(findings.primary)])
    found["reasons"] = pd.DataFrame(list(findings.reasons.items()), columns=["pointer", "reason"])
    return found


def flat(row: Row) -> dict[str, object]:
    """A record as one line: nested values spread over columns, lists of levels joined by a space."""
    line: dict[str, object] = {}
    for name, value in row:
        if name == "components" or (name == "cell" and value is None):
            continue
        if name.endswith(("ci95", "ci90")):
            low, high = value or (None, None)
            line |= {f"{name}_low": low, f"{name}_high": high}
        elif isinstance(value, BaseModel):
            line |= {f"{name}_{key}": inner for key, inner in value}
        elif isinstance(value, dict):
            prefix = "" if name == "cell" else f"{name}_"
            line |= {f"{prefix}{key}": _plain(inner) for key, inner in value.items()}
        else:
            line[name] = _plain(value)
    return line


def _plain(value: object) -> object:
    return " ".join(str(one) for one in value) if isinstance(value, tuple) else value


def dictionary(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One line a table and column: its type and meaning."""
    lines = [
        {"table": name, "column": column, "type": str(table[column].dtype), "meaning": meaning(column)}
        for name, table in found.items()
        for column in table.columns
    ]
    return pd.DataFrame(lines)


def write(findings: Findings, folder: Path, *, fmt: Literal["csv", "parquet"]) -> list[Path]:
    """Write every table that has rows, and dictionary.<fmt>; return the files.

    Raises:
        CannotWriteError: the folder cannot be written.
    """
    found = {name: table for name, table in tables(findings).items() if len(table.columns)}
    found["dictionary"] = dictionary(found)
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in found.items():
            path = folder / f"{name}.{fmt}"
            if fmt == "csv":
                table.to_csv(path, index=False)
            else:
                _typed(table).to_parquet(path, index=False)
            paths.append(path)
    except OSError as error:
        raise CannotWriteError(f"{folder} cannot be written: {error.strerror or error}") from error
    return paths


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of mixed levels, as 2 and "gap" of a factor, become text; Parquet wants one type a column."""
    mixed = [name for name in table if len({type(value) for value in table[name].dropna()}) > 1]
    return table.astype(dict.fromkeys(mixed, "str"))
