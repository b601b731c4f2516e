"""What a printed table is, and how rows of findings become one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from string import ascii_lowercase
from typing import Any, Generic, TypeVar

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.tables.alignment import aligned
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

Record = TypeVar("Record")

#: A table in a document has at most this many rows; the complete results have all of them.
MOST_ROWS = 200


@dataclass(frozen=True)
class Table:
    """A table. The first cell of a row names it; a row of one cell heads those below it.

    `numeric` says of every column whether its numbers stand under one another, `note` what its letters mean.
    """

    key: str
    caption: Markup
    heads: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...]
    numeric: tuple[bool, ...]
    note: Markup


@dataclass(frozen=True)
class Column(Generic[Record]):
    """A heading, by its key in the catalogue or as it is, and what stands under it.

    A `setting` says how a result came about: it goes to the caption where it is the same in every row. `field` names
    what is shown, for the reason of a dash: a field of the record, by default that of the heading's name.
    """

    head: str
    show: Callable[[Record], Markup]
    numeric: bool = True
    setting: bool = False
    field: str | Callable[[Record], str] = ""

    def heading(self, words: Catalogue) -> Markup:
        """What stands above the column."""
        return self.head if isinstance(self.head, Markup) else words(f"head.{self.head}")

    def pointer(self, record: Record, home: str) -> str:
        """The field that the column shows of this record, whose place in the findings is `home`."""
        field = self.field(record) if callable(self.field) else self.field or self.head
        return field if field.startswith("/") else f"{home}/{field}"


def tabulate(
    key: str,
    rows: Sequence[tuple[int | str, Record]],
    columns: Sequence[Column[Record]],
    findings: Findings,
    words: Catalogue,
    *,
    section: str = "",
    group: Column[Record] | None = None,
) -> Table | None:
    """A table of these records, each with its place in its section of the findings; None without records.

    Columns that are empty throughout are left out, settings that never change stand in the caption; a table that would
    only name its rows is none. A dash has the
    letter of its reason, which stands in the note, and so does the rule by which these rows were chosen where the
    section has more. Rows of one `group`, one after another, stand below its name.

    Raises:
        KeyError: the catalogue has no rule for a table that shows a selection.
    """
    if not rows:
        return None
    shown = rows[:MOST_ROWS]
    lettered = _Letters(findings, words)
    grid = [[column.show(row) for column in columns] for _, row in shown]
    settings = [group, *columns] if group else columns
    same = [one for one in settings if one.setting and len({one.show(row) for _, row in shown} - {Markup("")}) == 1]
    kept = [
        i for i, one in enumerate(columns) if one not in same and (i == 0 or any(line[i] not in EMPTY for line in grid))
    ]
    if len(kept) < 2 <= len(columns):
        return None
    cells = [
        [lettered(line[i], columns[i].pointer(row, f"/{section.replace('.', '/')}/{place}")) for i in kept]
        for line, (place, row) in zip(grid, shown, strict=True)
    ]
    numeric = tuple(columns[i].numeric for i in kept)
    names = [group.show(row) if group and group not in same else Markup("") for _, row in shown]
    notes = (
        [_said("selection", key, findings, words)] if section and len(rows) < len(attrgetter(section)(findings)) else []
    )
    if len(rows) > MOST_ROWS:
        notes.append(words("table.cut", shown=display.count(MOST_ROWS), rows=display.count(len(rows))))
    return Table(
        key=key,
        caption=_caption(_said("table", key, findings, words), same, [row for _, row in shown], words),
        heads=tuple(columns[i].heading(words) for i in kept),
        rows=tuple(_grouped(names, cells, numeric)),
        numeric=numeric,
        note=words.sentences([*lettered.notes(), *notes]),
    )


def _said(kind: str, key: str, findings: Findings, words: Catalogue) -> Markup:
    """A message about a table; one that speaks of modes has another wording for a study of one mode."""
    alone = f"{kind}.{key}_one_mode"
    return words(alone if alone in words.messages and len(findings.study.modes) == 1 else f"{kind}.{key}")


def mode_column(findings: Findings, words: Catalogue) -> list[Column[Any]]:
    """How networks were evaluated, where the study did it in more than one way."""
    several = len(findings.study.modes) > 1
    return [Column("mode", lambda r: words.name("mode", r.bn_mode), numeric=False, setting=True)] if several else []


EMPTY = {display.MISSING, Markup("")}


def _caption(name: Markup, same: Sequence[Column[Record]], records: Sequence[Record], words: Catalogue) -> Markup:
    """The title of a table, and after it what is the same in every row."""
    listed = [
        words("table.same_number" if one.numeric else "table.same_word", head=one.heading(words), value=value)
        for one in same
        for value in {one.show(row) for row in records} - EMPTY
    ]
    title = Markup("<b>{}</b>").format(name)
    return words.sentences(
        [title, *([words("table.same", list=words("list.semicolon").join(listed))] if listed else [])]
    )


def _grouped(
    names: Sequence[Markup], cells: Sequence[Sequence[Markup]], numeric: Sequence[bool]
) -> Iterator[tuple[Markup, ...]]:
    """Lines below the name of their group, where it has one; numbers of one group, of one kind, are aligned."""
    for name, members in groupby(zip(names, cells, strict=True), key=lambda one: one[0]):
        if name:
            yield (name,)
        by_column = zip(*(line for _, line in members), strict=True)
        yield from zip(*map(_aligned_where, by_column, numeric), strict=True)


def _aligned_where(cells: Sequence[Markup], numeric: bool) -> Sequence[Markup]:  # noqa: FBT001  a column's own flag
    return aligned(cells) if numeric else cells


class _Letters:
    """Letters of the reasons why numbers of a table are missing, in the order in which they are met."""

    def __init__(self, findings: Findings, words: Catalogue) -> None:
        self._findings, self._words = findings, words
        self._reasons: dict[Markup, str] = {}

    def __call__(self, cell: Markup, pointer: str) -> Markup:
        """The cell, with the letter of its reason after its dash."""
        if display.MISSING not in cell:
            return cell
        reason = self._findings.reasons.get(pointer)
        said = self._words("reason.unknown") if reason is None else naming.said(reason, self._words)
        letter = self._reasons.setdefault(said, ascii_lowercase[len(self._reasons)])
        lettered = Markup("{}<sup>{}</sup>").format(display.MISSING, letter)
        return cell.replace(display.MISSING, lettered)

    def notes(self) -> list[Markup]:
        """What each letter means."""
        return [self._words("reason.missing", letter=letter, text=text) for text, letter in self._reasons.items()]
