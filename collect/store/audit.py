"""What `collect verify` looks for: that parts, plan, index and tables mean the same. Writes nothing."""

from collections.abc import Iterator
from contextlib import ExitStack

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from collect.errors import DamagedPartsError
from collect.store import datapackage, index, keys, tables, tidy
from collect.store.index import Index
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.store.tidy import Batch

UNREADABLE = (pa.ArrowException, OSError, ValueError)


def findings(store: Store, plan: Plan, ledger: Ledger) -> Iterator[str]:
    """What is wrong with a study, a sentence each.

    Args:
        store: where it lies.
        plan: of the study.
        ledger: its state, every part read anew. Parts that turn out not to hold what they should join its damaged ones.
    """
    yield from map(_mended, ledger.damaged.values())
    built = index.read(store)
    yield from _unlike_index(store, ledger, built)
    yield from _unlike_written(store, plan, built)
    with ExitStack() as stack:
        rows = _Tables(store, stack)
        yield from _meaning(store, plan, ledger, built, rows)
        yield from rows.findings(plan, ledger, whole=not built.parts or built.digest == ledger.digest)


def _mended(problem: str) -> str:
    return f"{problem}; collect run sets it aside and runs its trial again"


def _unlike_index(store: Store, ledger: Ledger, built: Index) -> Iterator[str]:
    """Parts that are others than the tables were built from, or gone."""
    for trial_id, known in built.parts.items():
        where = f"{store}/{keys.part(trial_id)}"
        now = ledger.finished.get(trial_id)
        if now is None:
            if trial_id not in ledger.damaged:
                yield f"{where}, of which the tables hold the rows, is gone; collect run trains it again"
        elif now.digest != known.digest:
            yield f"{where} is not the part of which the tables hold the rows; see collect compact {store}"
        elif (now.status, now.environment) != (known.status, known.environment):
            yield f"{store}/{keys.INDEX} says otherwise of {where} than the part itself; see collect compact {store}"


def _unlike_written(store: Store, plan: Plan, built: Index) -> Iterator[str]:
    """Tables that are not the files that were written."""
    for name, written in built.tables.items():
        if tables.sums(store, name) != tables.sums_of(written):
            yield f"{store}/{keys.table(name)} is not the file that was written; see collect compact {store}"
    if built.tables and store.read(keys.DATAPACKAGE) != tables.package_of(plan, built):
        yield f"{store}/{keys.DATAPACKAGE} does not describe the tables that were written; see collect compact {store}"


def _meaning(store: Store, plan: Plan, ledger: Ledger, built: Index, rows: "_Tables") -> Iterator[str]:
    """Parts that do not decode, or hold another row than they should; the others' rows are held against the tables."""
    tabulated = [i for i in built.parts if i in ledger.finished] if built.parts else list(ledger.finished)
    others = [trial_id for trial_id in ledger.finished if built.parts and trial_id not in built.parts]
    columns = datapackage.columns(tuple(plan.study["factors"]))
    if any(i not in ledger.finished or ledger.finished[i].digest != part.digest for i, part in built.parts.items()):
        rows.differ()
    for ids, in_tables in ((tabulated, True), (others, False)):
        for start in range(0, len(ids), tidy.BATCH):
            try:
                [batch] = tidy.read_parts(store, plan, ledger, ids[start : start + tidy.BATCH], columns)
            except DamagedPartsError as error:
                ledger.damaged |= error.problems
                yield from map(_mended, error.problems.values())
                rows.differ()
            else:
                if in_tables:
                    rows.compare(batch)
    ledger.finished = {i: part for i, part in ledger.finished.items() if i not in ledger.damaged}


class _Tables:
    """The three tables, read row by row beside the parts."""

    def __init__(self, store: Store, stack: ExitStack) -> None:
        self.store = store
        self.rows: dict[str, _Rows] = {}
        self.wrong: set[str] = set()
        for name in tables.NAMES:
            try:
                self.rows[name] = _Rows(pq.ParquetFile(stack.enter_context(store.opened(keys.table(name)))))
            except FileNotFoundError:
                continue
            except UNREADABLE:
                self.wrong.add(name)

    def differ(self) -> None:
        """A part is not what it was, so that its rows in the tables say nothing more."""
        self.rows.clear()

    def compare(self, batch: Batch) -> None:
        """Hold the rows of some trials against the next ones of each table."""
        self.wrong |= {name for name, rows in self.rows.items() if not rows.next_are(batch[name])}

    def findings(self, plan: Plan, ledger: Ledger, *, whole: bool) -> Iterator[str]:
        """What is wrong with them; `whole` says that they should hold all that is finished or failed by now."""
        right = tables.metadata_of(plan, ledger) if whole else {}
        for name, rows in self.rows.items():
            rest, said = rows.rest(), rows.metadata
            sound = rest is not None and all(said[key] == right[key] for key in said.keys() & right.keys())
            if rest is not None and name == "trials":
                sound &= set(rest["status"].to_pylist()) <= {"failed"} and rows.add_up()
                sound &= not whole or rest["trial_id"].to_pylist() == list(ledger.failed)
            elif rest is not None:
                sound &= not len(rest)
            if not sound:
                self.wrong.add(name)
        for name in sorted(self.wrong):
            where = f"{self.store}/{keys.table(name)}"
            yield f"{where} holds other rows or counts than the parts do; see collect compact {self.store}"


class _Rows:
    """The rows of a table, some at a time."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self.number = file.metadata.num_rows
        self.metadata = {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
        self._batches = file.iter_batches(use_threads=False)
        self._waiting = file.schema_arrow.empty_table()

    def next_are(self, expected: pa.Table) -> bool:
        """Whether the next rows hold the same values in the columns that both have."""
        found = self._take(len(expected))
        if found is None or len(found) != len(expected):
            return False
        return all(_same(found[name], expected[name]) for name in expected.column_names if name in found.column_names)

    def rest(self) -> pa.Table | None:
        """The rows that have not been taken; None where they cannot be read."""
        return self._take(self.number)

    def add_up(self) -> bool:
        """Whether every planned trial has a row or is pending, as the metadata have it."""
        planned, pending = (self.metadata.get(key, "") for key in ("planned", "pending"))
        return planned.isdecimal() and pending.isdecimal() and bool(int(planned) == self.number + int(pending))

    def _take(self, number: int) -> pa.Table | None:
        try:
            while len(self._waiting) < number and (batch := next(self._batches, None)) is not None:
                self._waiting = pa.concat_tables([self._waiting, pa.Table.from_batches([batch])])
        except UNREADABLE:
            return None
        taken, self._waiting = self._waiting.slice(0, number), self._waiting.slice(number)
        return taken


def _same(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> bool:
    """Whether two columns are the same, NaN being the same as NaN."""
    if not pa.types.is_floating(theirs.type) or not pa.types.is_floating(ours.type):
        return bool(ours.equals(theirs))
    nan = pc.is_nan(ours)
    alike = pc.if_else(nan, 0.0, ours).equals(pc.if_else(nan, 0.0, theirs)) and nan.equals(pc.is_nan(theirs))
    return bool(alike)
