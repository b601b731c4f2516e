"""Findings -> result tables with a data dictionary, as CSV or Parquet. Numbers stay unrounded."""

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pandas as pd
from pandas.api.types import is_numeric_dtype
from pydantic.fields import FieldInfo

from analyze.errors import CannotWriteError
from analyze.findings import (
    ClaimLevel,
    Component,
    Findings,
    Heterogeneity,
    LevelPair,
    LevelRow,
    OmnibusRow,
    Primary,
    Row,
    ShrunkenGap,
    SimpleEffect,
    StudySummary,
)
from analyze.report import files
from analyze.report.json_twin import in_english
from analyze.report.visible import visible

#: Every section of findings that is a table: its rows, by the type of its field.
SECTIONS: dict[str, type[Row]] = {
    name: get_args(field.annotation)[0]
    for name, field in Findings.model_fields.items()
    if get_origin(field.annotation) is tuple and name != "further"
}

#: Before the name of a factor whose name a table has for a column of its own.
FACTOR = "factor_"

#: Beginnings of a formula, in their full-width forms too.
FORMULA = tuple("=+-@\t\r＝＋－＠")


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every result table by name: `primary`, `study`, the sections, and `reasons`.

    A cell becomes a column a factor, an interval two columns (`_low`, `_high`), a mapping a column a key; the
    components of claims are a table of their own, and so are their levels.
    """
    found = {name: pd.DataFrame([flat(row) for row in getattr(findings, name)]) for name in SECTIONS}
    components = [{"id": claim.id} | flat(component) for claim in findings.claims for component in claim.components]
    found["heterogeneity"] = pd.DataFrame(
        [flat(row) | {"tau": findings.heterogeneity.tau} for row in findings.heterogeneity.shrunken]
    )
    several = findings.levels
    omnibus = (*([several.omnibus] if several.omnibus else []), *several.interactions)
    found["levels_omnibus"] = pd.DataFrame([flat(row) for row in omnibus])
    found["levels"] = pd.DataFrame([flat(row) for row in several.means])
    found["level_pairs"] = pd.DataFrame([flat(row) for row in several.pairs])
    found["claim_components"] = pd.DataFrame(components)
    levels = [{"id": claim.id} | flat(level) for claim in findings.claims for level in claim.levels]
    found["claim_levels"] = pd.DataFrame(levels)
    found["study"] = pd.DataFrame([flat(findings.study)])
    found["primary"] = pd.DataFrame([flat(findings.primary)])
    found["further"] = pd.DataFrame([flat(one.primary) for one in findings.further])
    found["further_cells"] = pd.DataFrame(
        [_named(one.primary.response, r) for one in findings.further for r in one.simple_effects]
    )
    reasons = [(pointer, in_english(reason)) for pointer, reason in findings.reasons.items()]
    found["reasons"] = pd.DataFrame(reasons, columns=["pointer", "reason"])
    return found


def flat(row: Row) -> dict[str, object]:
    """A record as one line: nested values spread over columns, lists of levels joined by a space.

    A factor's column has the factor's name, with FACTOR before it where the record has a column of that name.
    """
    line: dict[str, object] = {}
    cell: dict[str, object] = {}
    for name, value in row.model_dump(context={"say": in_english}).items():
        if name in LEFT_OUT:
            continue
        if name == "cell":
            cell = value or {}
        elif name.endswith(("ci95", "ci90", "interval")):
            low, high = value or (None, None)
            line |= {f"{name}_low": low, f"{name}_high": high}
        elif isinstance(value, dict):
            line |= {f"{name}_{key}": _plain(inner) for key, inner in value.items()}
        else:
            line[name] = _plain(value)
    taken = line.keys() | type(row).model_fields.keys()
    return {_free(key, taken | (cell.keys() - {key})): level for key, level in cell.items()} | line


def _named(response: str, row: Row) -> dict[str, object]:
    """A record of a response as one line that names it; a factor of that name has FACTOR before its own."""
    line = {FACTOR + key if key == "response" else key: value for key, value in flat(row).items()}
    return {"response": response} | line


def _free(factor: str, taken: AbstractSet[str]) -> str:
    """A name for a factor's column that no other column has."""
    while factor in taken:
        factor = FACTOR + factor
    return factor


#: Tables of their own, and what the study's own data package says.
LEFT_OUT = frozenset({"components", "levels", "columns", "notes"})


def _plain(value: object) -> object:
    return " ".join(str(one) for one in value) if isinstance(value, tuple | list) else value


def dictionary(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One line a table and column: its type and meaning."""
    lines = [
        {"table": name, "column": column, "type": str(table[column].dtype), "meaning": meaning(name, column)}
        for name, table in found.items()
        for column in table.columns
    ]
    return pd.DataFrame(lines)


#: Models of the tables that are not sections of findings.
MODELS: dict[str, type[Row]] = SECTIONS | {
    "claim_components": Component,
    "claim_levels": ClaimLevel,
    "study": StudySummary,
    "primary": Primary,
    "further": Primary,
    "further_cells": SimpleEffect,
    "heterogeneity": ShrunkenGap,
    "levels_omnibus": OmnibusRow,
    "levels": LevelRow,
    "level_pairs": LevelPair,
}

#: Columns that no model has.
MEANINGS = {
    "pointer": "JSON Pointer of the missing number in the JSON report",
    "reason": "why it is missing",
    "id": "the claim",
    "response": "the further response",
    "equivalence_margin": "equivalence margin of a gap, in its unit",
    "equivalence_unit": "unit of the margin",
    "equivalence_margin_pp": "equivalence margin of an accuracy, percentage points",
    "tau": Heterogeneity.model_fields["tau"].description or "",
    "equivalence_p": "equivalence of the headline within the margin",
}


def meaning(table: str, column: str) -> str:
    """What a column of a table holds; a factor's column holds its level."""
    fields = MODELS[table].model_fields if table in MODELS else {}
    if column in fields:
        return fields[column].description or ""
    if column in MEANINGS:
        return MEANINGS[column]
    for end, said in (("_low", "lower"), ("_high", "upper")):
        if column.removesuffix(end) in fields:
            return f"{said} end of {fields[column.removesuffix(end)].description}"
    spread = next((name for name in fields if column.startswith(f"{name}_") and _is_mapping(fields[name])), None)
    if spread:
        return fields[spread].description or ""
    own = column.removeprefix(FACTOR)
    if own in fields and own != column:
        return f"level of the factor {own}, whose name is that of another column here"
    return "level of this factor"


def _is_mapping(field: FieldInfo) -> bool:
    """Whether a field spreads over columns: a mapping, or a record with fields of its own."""
    kinds = (field.annotation, *get_args(field.annotation))
    return any(get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, Row)) for kind in kinds)


def write(findings: Findings, folder: Path, *, fmt: Literal["csv", "parquet"]) -> list[Path]:
    """Write every table that has rows, and dictionary.<fmt>; return the files.

    Raises:
        CannotWriteError: the folder cannot be written, or came with the study as a link to somewhere else.
    """
    if folder.name == "tables" and folder.is_symlink() and (folder.parent / "trials.parquet").exists():
        # A link that somebody typed is their choice; this one may have come with the study.
        raise CannotWriteError(f"{folder} is a link out of the study; remove it, or name another folder with --out")
    made = files_of(findings, fmt=fmt)
    for name, content in made.items():
        files.replace(folder / name, content)
    return [folder / name for name in made]


def files_of(findings: Findings, *, fmt: Literal["csv", "parquet"]) -> dict[str, bytes]:
    """Every table that has rows, and the dictionary, as the content of a file by the file's name."""
    found = {name: table for name, table in tables(findings).items() if len(table.columns)}
    found["dictionary"] = dictionary(found)
    return {
        f"{name}.{fmt}": _csv(table) if fmt == "csv" else _typed(table).to_parquet(index=False)
        for name, table in found.items()
    }


def _csv(table: pd.DataFrame) -> bytes:
    """The table for a spreadsheet or a terminal: text of others is text in both."""
    shown = {_text(name): _texts(table[name]) for name in table}
    return pd.DataFrame(shown).to_csv(index=False).encode()


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of texts, or of texts and numbers, for a CSV file."""
    return column if is_numeric_dtype(column) else pd.Series([_text(one) for one in column], dtype=object)


def _text(value: object) -> object:
    """A text that a spreadsheet would take for a formula has an apostrophe before it; numbers are as they were."""
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(FORMULA) else "") + visible(value)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of mixed levels, as 2 and "gap" of a factor, become text; Parquet wants one type a column."""
    mixed = [name for name in table if len({type(value) for value in table[name].dropna()}) > 1]
    return table.astype(dict.fromkeys(mixed, "str"))
