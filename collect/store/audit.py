"""What `collect verify` looks for: that parts, plan, index and tables mean the same. Writes nothing."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect import said, schema
from collect.errors import DamagedPartsError, StudyError, UnreadableError
from collect.store import datapackage, index, keys, tables, tidy
from collect.store import plan as plans
from collect.store.index import Index
from collect.store.keys import TableName
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.store.tidy import Batch

UNREADABLE = (pa.ArrowException, OSError, ValueError, UnreadableError)
#: Columns that a table of any release has.
ALWAYS = {"trial_id", "status"}
#: A number of trials.
COUNT = re.compile(r"[0-9]{1,9}")
#: Rows of a table that are read at a time.
PIECE = 2**14


def findings(store: Store, plan: Plan, ledger: Ledger) -> Iterator[str]:
    """What is wrong with a study, a sentence each.

    Args:
        store: where it lies.
        plan: of the study.
        ledger: its state, every part read anew. Parts that turn out not to hold what they should join its damaged ones.
    """
    yield from map(_mended, ledger.damaged.values())
    built = index.read(store, ledger.planned)
    see = f"see {said.command('compact', store)}"
    yield from _unlike_index(store, ledger, built, see)
    others = {name for name, written in built.tables.items() if not tables.is_written(store, name, written)}
    for name in sorted(others):
        yield f"{store}/{keys.table(name)} is not the file that was written; {see}"
    if built.tables and not tables.is_described(store, plan, built):
        yield f"{store}/{keys.DATAPACKAGE} does not describe the tables that were written; {see}"
    with ExitStack() as stack:
        rows = _Tables(store, plan, stack, [name for name in tables.NAMES if name not in others])
        whole = not built.parts or built.digest == ledger.digest
        for name in [] if whole else rows.of_another_plan(plan):
            yield f"{store}/{keys.table(name)} was written for another plan than the one that lies there; {see}"
        yield from _meaning(store, plan, ledger, built, rows)
        for name in rows.wrong(plan, ledger, whole=whole):
            yield f"{store}/{keys.table(name)} holds other rows or counts than the parts do; {see}"


def _mended(problem: str) -> str:
    return f"{problem}; collect run sets it aside and runs its trial again"


def _unlike_index(store: Store, ledger: Ledger, built: Index, see: str) -> Iterator[str]:
    """Parts that are others than the tables were built from, or gone."""
    if ledger.without_parts:
        yield f"{store} came without its parts: the rows of {len(ledger.gone)} trials that its tables hold have none"
        return
    for trial_id, known in built.parts.items():
        where = f"{store}/{keys.part(trial_id)}"
        now = ledger.finished.get(trial_id)
        if now is None:
            if trial_id not in ledger.damaged:
                yield f"{where}, of which the tables hold the rows, is gone; collect run trains it again"
        elif now.digest != known.digest:
            yield f"{where} is not the part of which the tables hold the rows; {see}"
        elif (now.status, now.environment) != (known.status, known.environment):
            yield f"{store}/{keys.INDEX} says otherwise of {where} than the part itself; {see}"


def _meaning(store: Store, plan: Plan, ledger: Ledger, built: Index, rows: "_Tables") -> Iterator[str]:
    """Parts that do not decode, or hold another row than they should; the others' rows are held against the tables."""
    tabulated = [i for i in built.parts if i in ledger.finished] if built.parts else list(ledger.finished)
    others = [trial_id for trial_id in ledger.finished if built.parts and trial_id not in built.parts]
    if any(i not in ledger.finished or ledger.finished[i].digest != part.digest for i, part in built.parts.items()):
        rows.differ()
    for ids, in_tables in ((tabulated, True), (others, False)):
        for start in range(0, len(ids), tidy.BATCH):
            for found in _sound_batches(store, plan, ledger, ids[start : start + tidy.BATCH]):
                if isinstance(found, DamagedPartsError):
                    yield from map(_mended, found.problems.values())
                    rows.differ()
                elif in_tables:
                    rows.compare(found)
    ledger.finished = {i: part for i, part in ledger.finished.items() if i not in ledger.damaged}


def _sound_batches(store: Store, plan: Plan, ledger: Ledger, ids: Sequence[str]) -> Iterator[Batch | DamagedPartsError]:
    """The rows of these trials, and what keeps others from being read, which join the damaged ones."""
    while ids:
        try:
            for batch in tidy.read_parts(store, plan, ledger, ids, datapackage.columns(plan.factors, plan.own_columns)):
                yield batch
                ids = ids[len(batch["trials"]) :]
        except DamagedPartsError as error:
            ledger.damaged |= error.problems
            ids = [trial_id for trial_id in ids if trial_id not in ledger.damaged]
            yield error


class _Tables:
    """The three tables, read row by row beside the parts."""

    def __init__(self, store: Store, plan: Plan, stack: ExitStack, names: Sequence[TableName]) -> None:
        self._rows: dict[TableName, _Rows] = {}
        self._wrong: set[TableName] = set()
        columns = datapackage.columns(plan.factors, plan.own_columns)
        for name in names:
            try:
                file = stack.enter_context(store.opened(keys.table(name)))
                self._rows[name] = _Rows(file, schema.arrow_schema(columns[name]))
            except FileNotFoundError:
                continue
            except UNREADABLE:
                self._wrong.add(name)

    def of_another_plan(self, plan: Plan) -> list[TableName]:
        """Those that say of another study that they hold it: the plan was extended since, say."""
        named = {name: rows.metadata["study"] for name, rows in sorted(self._rows.items()) if "study" in rows.metadata}
        return [name for name, study in named.items() if not _is_study(study, plan)]

    def differ(self) -> None:
        """A part is not what it was, so that its rows in the tables say nothing more."""
        self._rows.clear()

    def compare(self, batch: Batch) -> None:
        """Hold the rows of some trials against the next ones of each table."""
        self._wrong |= {name for name, rows in self._rows.items() if not rows.next_are(batch[name])}

    def wrong(self, plan: Plan, ledger: Ledger, *, whole: bool) -> list[TableName]:
        """Those that hold something else; `whole` says that they should hold all that is finished or failed by now."""
        right = {key: {value} for key, value in tables.metadata_of(plan, ledger).items()} if whole else {}
        right |= {"schema_version": set(map(str, tables.VERSIONS))}
        for name, rows in self._rows.items():
            sound = all(rows.metadata[key] in right[key] for key in rows.metadata.keys() & right.keys() - {"study"})
            if whole and "study" in rows.metadata:
                sound = sound and _is_study(rows.metadata["study"], plan)
            if name == "trials":
                failed = rows.next_are(tidy.failed(plan, ledger)) if whole else rows.rest_failed(ledger.planned)
                sound = sound and failed and rows.add_up()
            if not sound or not rows.at_end():
                self._wrong.add(name)
        return sorted(self._wrong)


class _Rows:
    """The rows of a table, some at a time.

    Raises:
        pa.ArrowException, OSError, ValueError: it is no Parquet file, or has other columns than such a table.
    """

    def __init__(self, opened: BinaryIO, right: pa.Schema) -> None:
        file = pq.ParquetFile(opened)
        found = file.schema_arrow
        if len(set(found.names)) < len(found) or not ALWAYS & set(right.names) <= set(found.names) <= set(right.names):
            raise pa.ArrowInvalid("other columns")
        if any(field.type != right.field(field.name).type for field in found):
            raise pa.ArrowInvalid("columns of other types")
        self.metadata = {key.decode(): value.decode() for key, value in (found.metadata or {}).items()}
        self._number = file.metadata.num_rows
        self._batches = file.iter_batches(batch_size=PIECE, use_threads=False)
        self._waiting = found.empty_table()

    def next_are(self, expected: pa.Table) -> bool:
        """Whether the next rows hold the same values in the columns that both have."""
        found = self._take(len(expected))
        if found is None or len(found) != len(expected):
            return False
        return all(_same(found[name], expected[name]) for name in found.column_names)

    def rest_failed(self, most: int) -> bool:
        """Whether the rows that have not been taken, which are no more than this, are all of failed trials."""
        rest = self._take(most)
        return rest is not None and set(rest["status"].to_pylist()) <= {"failed"}

    def at_end(self) -> bool:
        """Whether every row has been taken."""
        rest = self._take(1)
        return rest is not None and not len(rest)

    def add_up(self) -> bool:
        """Whether every planned trial has a row or is pending, as the metadata have it."""
        planned, pending = (self.metadata.get(key, "") for key in ("planned", "pending"))
        counts = COUNT.fullmatch(planned) and COUNT.fullmatch(pending)
        return bool(counts) and int(planned) == self._number + int(pending)

    def _take(self, number: int) -> pa.Table | None:
        try:
            with schema.bounded_memory():
                while len(self._waiting) < number and (batch := next(self._batches, None)) is not None:
                    self._waiting = pa.concat_tables([self._waiting, pa.Table.from_batches([batch])])
        except UNREADABLE:
            return None
        taken, self._waiting = self._waiting.slice(0, number), self._waiting.slice(number)
        return taken


def _is_study(said: str, plan: Plan) -> bool:
    """Whether a table names the plan's study, be it without the settings that came after it was written."""
    try:
        study = json.loads(said)
        return study == plan.study or plans.resolved(study, keys.PLAN, plan.network) == plan.study
    except (ValueError, TypeError, AttributeError, RecursionError, StudyError):
        return False


def _same(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> bool:
    """Whether two columns are the same, NaN being the same as NaN."""
    if not pa.types.is_floating(theirs.type) or not pa.types.is_floating(ours.type):
        return bool(ours.equals(theirs))
    nan = pc.is_nan(ours)
    alike = pc.if_else(nan, 0.0, ours).equals(pc.if_else(nan, 0.0, theirs)) and nan.equals(pc.is_nan(theirs))
    return bool(alike)
