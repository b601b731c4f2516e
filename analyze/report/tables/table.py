"""What a printed table is, and how rows of findings become one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

Record = TypeVar("Record")

#: A table in a document has at most this many rows; the attached data have all of them.
MOST_ROWS = 200


@dataclass(frozen=True)
class Table:
    """A table: the first column names its row. `numeric` says which columns align at the right."""

    key: str
    caption: Markup
    heads: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...]
    numeric: tuple[bool, ...]
    note: Markup


@dataclass(frozen=True)
class Column(Generic[Record]):
    """A heading by its key in the catalogue, and what stands under it."""

    head: str
    show: Callable[[Record], Markup]
    numeric: bool = True


def tabulate(
    key: str,
    rows: Sequence[tuple[int, Record]],
    columns: Sequence[Column[Record]],
    findings: Findings,
    words: Catalogue,
    *,
    section: str = "",
) -> Table | None:
    """A table of these records, each with its place in its section of the findings; None without records.

    Columns that are empty throughout are left out; the reasons for empty cells stand in the note, and so does the
    rule by which these rows were chosen where the section has more.

    Raises:
        KeyError: the catalogue has no rule for a table that shows a selection.
    """
    if not rows:
        return None
    shown = rows[:MOST_ROWS]
    cells = [[column.show(row) for column in columns] for _, row in shown]
    kept = [i for i in range(len(columns)) if i == 0 or any(line[i] not in EMPTY for line in cells)]
    notes = [words(f"selection.{key}")] if section and len(rows) < len(getattr(findings, section)) else []
    notes += [words("table.cut")] if len(rows) > MOST_ROWS else []
    if any(line[i] == display.MISSING for line in cells for i in kept):
        notes += _reasons(section, [index for index, _ in shown], findings, words)
    return Table(
        key=key,
        caption=words(f"table.{key}"),
        heads=tuple(words(f"head.{columns[i].head}") for i in kept),
        rows=tuple(tuple(line[i] for i in kept) for line in cells),
        numeric=tuple(columns[i].numeric for i in kept),
        note=words.sentences(notes),
    )


def mode_column(findings: Findings, words: Catalogue) -> list[Column[Any]]:
    """How networks were evaluated, where the study did it in more than one way."""
    several = len(findings.study.modes) > 1
    return [Column("mode", lambda r: words.name("mode", r.bn_mode), numeric=False)] if several else []


EMPTY = {display.MISSING, Markup("")}


def _reasons(section: str, places: Sequence[int], findings: Findings, words: Catalogue) -> list[Markup]:
    """Why numbers of these rows are missing, each reason once."""
    wanted = {str(place) for place in places}
    said: dict[Markup, None] = {}
    for pointer, reason in findings.reasons.items():
        parts = pointer.split("/")
        if len(parts) > 2 and parts[1] == section and parts[2] in wanted:
            said[naming.said(reason, words)] = None
    return [words("reason.missing", text=text) for text in said]
