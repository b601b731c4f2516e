"""What `collect plan` prints: the design, its power, the time it takes, and the keys of a study file."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic.fields import FieldInfo

from collect.schema import SETTINGS
from collect.study.study import Analysis, Study
from collect.study.trial import Settings

#: Standard deviation between seeds of a cell's paired difference, in percentage points, assumed before any data.
ASSUMED_SD_PP = 0.2
WARN_BELOW = 0.5


def design(study: Study) -> str:
    """Cells, trials and factors."""
    cells = sum(1 for _ in study.cells())
    lines = [f"{study.name}: {cells} cells x {len(study.seeds)} seeds = {cells * len(study.seeds)} trials"]
    lines += [f"  {name:<14}{', '.join(map(str, levels))}" for name, levels in study.factors.items()]
    return "\n".join(lines)


def power(study: Study, gap_pp: float | None, equivalence: float, seeds_needed: int | None) -> str:
    """What the design can find and show.

    Args:
        study: the design.
        gap_pp: smallest gap found with 80 % power if differences have sd ASSUMED_SD_PP; None with one seed.
        equivalence: power of the equivalence test at the study's margin and a true gap of zero.
        seeds_needed: seeds that give it 80 %; None if no feasible number does.
    """
    if gap_pp is None:
        return "\nPower: none; one seed has no spread, so nothing can be tested. Use two or more."
    margin, alpha = study.analysis.margin_pp, study.analysis.alpha
    lines = [
        f"\nPower in one cell, assuming paired differences with sd {ASSUMED_SD_PP:g} pp between seeds:",
        f"  smallest gap found with 80 % power  {gap_pp:.2f} pp (two-sided t, alpha {alpha:g})",
        f"  equivalence shown within ±{margin:g} pp    {100 * equivalence:.0f} % of the time at a true gap of 0",
    ]
    if equivalence < WARN_BELOW:
        lines += [f"  warning: equivalence would mostly be missed; 80 % takes {seeds_needed or 'too many'} seeds"]
    return "\n".join(lines)


def duration(seconds: float, kinds: int, workers: int) -> str:
    """The estimated time in words."""
    hours, minutes = divmod(round(seconds / 60), 60)
    span = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
    return f"\nEstimated time: {span} on {workers} cores (ten steps of {kinds} kinds of network timed on noise)"


def keys(datasets: Iterable[str]) -> str:
    """The keys of a study file with default, legal values and meaning; `datasets` are those that need no folder."""
    lines = ["\nKeys of a study file (whatever is under [recipe] may stand under [factors] as a list):"]
    lines += [_entry("name", "the file's name", "name of the study and of its folder")]
    lines += [_entry("seeds", "10", "a number, or a list of seeds")]
    meanings = {column.name: column.meaning for column in SETTINGS}
    meanings["dataset"] = f"{', '.join(datasets)}, or a folder of your own"
    for table, model in (("recipe", Settings), ("analysis", Analysis)):
        lines += [f"  [{table}]"]
        for name, field in model.model_fields.items():
            meaning = field.description or meanings[name]
            lines += [_entry(name, json.dumps(field.default), _with_legal_values(field, meaning))]
    return "\n".join(lines)


def _with_legal_values(field: FieldInfo, meaning: str) -> str:
    """The meaning after the legal values, unless it names them itself."""
    named = _literals(field)
    return meaning if named and all(value in meaning for value in named) else f"{_legal(field)}: {meaning}"


def _entry(name: str, default: str, meaning: str) -> str:
    head = f"    {name} = {default}"
    return textwrap.fill(meaning, 80, initial_indent=f"{head:<30}  ", subsequent_indent=" " * 32)


def _legal(field: FieldInfo) -> str:
    if _literals(field):
        return ", ".join(_literals(field))
    kind = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    name = kind.get(getattr(field.annotation, "__name__", ""), "list")
    return ", ".join([name, *(f"{sign} {value:g}" for sign, value in _bounds(field).items())])


def _literals(field: FieldInfo) -> list[str]:
    return [str(value) for value in get_args(field.annotation) if isinstance(value, str)]


def _bounds(field: FieldInfo) -> Mapping[str, Any]:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    return {
        sign: getattr(limit, key)
        for limit in field.metadata
        for key, sign in signs.items()
        if getattr(limit, key, None) is not None
    }
