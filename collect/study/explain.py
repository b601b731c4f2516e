"""What `collect plan` and `collect show` print: the design, its power, the time it takes, and every setting."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from collect.schema import SETTINGS
from collect.study.own_network import BUILT_IN, OwnNetwork, fields_of
from collect.study.study import Analysis, Study

#: Standard deviation between seeds of a cell's paired difference, in percentage points, assumed before any data.
ASSUMED_SD_PP = 0.2
WARN_BELOW = 0.5
#: What a terminal shows at once.
WIDTH = 80
#: Factors that `collect plan` prints a line for, so that the rest is on the screen too.
MOST_FACTORS = 12


def design(study: Study) -> str:
    """Cells, trials and factors."""
    cells = study.number_of_trials // len(study.seeds)
    lines = [f"{study.name}: {cells} cells x {len(study.seeds)} seeds = {study.number_of_trials} trials"]
    crossed = list(study.factors.items())
    lines += [
        _cut(f"  {name:<14}{', '.join(map(str, levels))}", len(levels)) for name, levels in crossed[:MOST_FACTORS]
    ]
    if crossed[MOST_FACTORS:]:
        lines.append(f"  and {len(crossed) - MOST_FACTORS} factors more")
    return "\n".join(lines)


def _cut(line: str, levels: int) -> str:
    """A line of so many levels that a terminal shows."""
    ending = f" … ({levels} levels)"
    return line if len(line) <= WIDTH else line[: WIDTH - len(ending)].rpartition(",")[0] + ending


def too_few_seeds(study: Study, needed: int | None) -> str:
    """That no exact test of this design can answer, and how many seeds it takes."""
    seeds, alpha = len(study.seeds), study.analysis.alpha
    have = f"{seeds} seed{'s' if seeds > 1 else ''}"
    return (
        f"No answer: with {have} no exact test can reach {alpha:g}, whatever the gap. It takes {needed} seeds or more: "
        f"seeds={needed}"
    )


@dataclass(frozen=True)
class Power:
    """What a design can find and show, if paired differences have this sd between seeds, in percentage points.

    measured_in: the study whose trials have it; None where it is assumed. gap_pp: smallest gap that one cell of the
    family shows with 80 % power. equivalence: power of the equivalence test at the study's margin and a true gap of 0.
    seeds_needed: seeds that give it 80 %; None if none would.
    """

    sd_pp: float
    measured_in: str | None
    gap_pp: float | None
    equivalence: float
    seeds_needed: int | None


def power(study: Study, found: Power | None) -> str:
    """What the design can find and show, in words."""
    margin, alpha = study.analysis.margin_of_accuracy, study.analysis.alpha
    if found is None:
        return f"\nNo gap is asked for: {study.analysis.factor} has one level, so there is no power to tell."
    source = f"measured in {found.measured_in}" if found.measured_in else "assumed"
    gap = "none" if found.gap_pp is None else f"{found.gap_pp:.2f} pp"
    lines = [
        "",
        _wrapped(f"Power in one cell, if paired differences have sd {found.sd_pp:.2g} pp ({source}):"),
        f"  smallest gap found with 80 % power  {gap} (about; alpha {alpha:g} over all cells)",
        f"  equivalence shown within ±{margin:g} pp    {100 * found.equivalence:.0f} % of the time at a true gap of 0",
    ]
    if found.equivalence < WARN_BELOW:
        needed = found.seeds_needed or "too many"
        lines += [f"  warning: equivalence would mostly be missed; 80 % takes {needed} seeds"]
    return "\n".join(lines)


def duration(seconds: float, kinds: int, workers: int) -> str:
    """The estimated time in words."""
    hours, minutes = divmod(round(seconds / 60), 60)
    span = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
    return "\n" + _wrapped(
        f"Estimated time: {span} on {workers} core{'s' if workers > 1 else ''}; no trial was trained, "
        f"ten steps of {kinds} kind{'s' if kinds > 1 else ''} of network were timed on noise"
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def resolved(study: Study) -> str:
    """Every setting's value as a study file, with the default where it is another."""
    values = study.to_dict()
    seeds = len(study.seeds) if study.seeds == tuple(range(len(study.seeds))) else list(study.seeds)
    network = study.network.call if study.network else None
    top = {"name": study.name, "network": network, "dataset": values.get("dataset"), "seeds": seeds}
    lines = [f"{key} = {json.dumps(value)}" for key, value in top.items() if value is not None]
    tables = (("factors", None), ("recipe", fields_of(study.network)), ("analysis", Analysis.model_fields))
    for table, fields in tables:
        lines += ["", f"[{table}]"]
        for key, value in values[table].items():
            default = value if fields is None or fields[key].is_required() else fields[key].default
            note = "" if value == default else f"# default {json.dumps(default)}"
            lines.append(f"{f'{key} = {json.dumps(value)}':<32}{note}".rstrip())
    return "\n".join(lines)


class Setting(NamedTuple):
    """One key of a study file."""

    table: str
    name: str
    default: object
    legal: str
    meaning: str


def settings(datasets: Iterable[str], network: OwnNetwork | None = None) -> Iterator[Setting]:
    """Every key of a study file.

    Args:
        datasets: those that need no folder.
        network: that is trained; None is the built-in one.
    """
    yield Setting("", "name", "the file's name", "text", "name of the study and of its folder")
    yield Setting("", "seeds", 10, "a number, or a list", "how many seeds, or which")
    yield Setting("", "network", BUILT_IN, "text", f"{BUILT_IN}, or your own: file.py:function")
    meanings = {column.name: column.meaning for column in SETTINGS}
    meanings["dataset"] = f"{', '.join(datasets)}, or a folder of your own"
    if network:
        meanings |= {column.name: column.meaning for column in network.columns}
    for table, fields in (("recipe", fields_of(network)), ("analysis", Analysis.model_fields)):
        for name, field in fields.items():
            default = None if field.is_required() else field.default
            yield Setting(table, name, default, _legal(field), field.description or meanings[name])


def settings_table(datasets: Iterable[str], network: OwnNetwork | None = None) -> str:
    """The same to be read: default, legal values and meaning."""
    lines, table = ["Settings with their defaults. Several values make a factor: depth=2,8"], None
    for row in settings(datasets, network):
        if row.table != table:
            table = row.table
            lines += [f"  [{table}]"] if table else []
        as_it_is = row.default is None or (not table and isinstance(row.default, str))
        default = (row.default or "none") if as_it_is else json.dumps(row.default)
        lines.append(_entry(row.name, str(default), _with_legal_values(row)))
    return "\n".join(lines)


def _with_legal_values(row: Setting) -> str:
    """The meaning after the legal values, unless it names them itself."""
    return (
        row.meaning if all(value in row.meaning for value in row.legal.split(", ")) else f"{row.legal}: {row.meaning}"
    )


def _entry(name: str, default: str, meaning: str) -> str:
    head = f"    {name} = {default}"
    return textwrap.fill(meaning, WIDTH, initial_indent=f"{head:<30}  ", subsequent_indent=" " * 32)


def _legal(field: FieldInfo) -> str:
    kinds = get_args(field.annotation)
    if len(kinds) == 2 and get_origin(kinds[1]) is list and get_args(kinds[1]) == kinds[:1]:
        return f"{_legal(FieldInfo.from_annotation(kinds[0]))}, or a list"
    literal = get_origin(field.annotation) is Literal
    named = [str(value) for value in kinds if literal or isinstance(value, str)]
    if named:
        return ", ".join(named)
    kind = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    known = [one for one in (field.annotation, *get_args(field.annotation)) if getattr(one, "__name__", "") in kind]
    name = kind[known[0].__name__] if known and get_origin(field.annotation) is not list else "list"
    return ", ".join([name, *(f"{sign} {value:g}" for sign, value in _bounds(field).items())])


def _bounds(field: FieldInfo) -> Mapping[str, Any]:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    return {
        sign: getattr(limit, key)
        for limit in field.metadata
        for key, sign in signs.items()
        if getattr(limit, key, None) is not None
    }
