"""Parts -> rows of the three tidy tables, batch of trials by batch; what a part holds is checked against the plan."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from collect import schema
from collect.errors import DamagedPartError, DamagedPartsError
from collect.store import keys, parts
from collect.store.keys import TableName
from collect.store.ledger import Ledger
from collect.store.outcome import Result
from collect.store.place.interface import Store
from collect.store.plan import Plan

#: Trials in a batch, and bytes of parts after which it ends with fewer.
BATCH, BATCH_BYTES = 1000, 2**28
#: Times that a network is evaluated at one point, at most: split x eval_set x bn_mode.
EVALUATED = 12

#: Names of the columns that a trial's settings have.
SETTINGS = frozenset(column.name for column in schema.SETTINGS + schema.NETWORK)
#: More layers than a network of one's own has.
MOST_LAYERS = 10_000

#: A table's rows of some trials, by the table's name.
Batch = dict[TableName, pa.Table]
#: The columns of each table, by its name.
Columns = Mapping[TableName, Sequence[schema.Column]]


def read_parts(store: Store, plan: Plan, ledger: Ledger, trial_ids: Sequence[str], columns: Columns) -> Iterator[Batch]:
    """Trials from their parts, batch by batch.

    Raises:
        DamagedPartError: a part has changed since the ledger was read.
        DamagedPartsError: some do not decode, or hold another row than the plan has or their own metadata say.
    """
    batch: dict[str, bytes] = {}
    size = 0
    for trial_id, content in zip(trial_ids, store.read_all([keys.part(i) for i in trial_ids]), strict=True):
        where = f"{store}/{keys.part(trial_id)}"
        if content is None or parts.verify(content, where) != ledger.finished[trial_id].digest:
            raise DamagedPartError(f"{where} has changed while it was read; try again")
        batch[trial_id] = content
        size += len(content)
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield _tidy(_decoded(store, plan, ledger, batch), columns)
            batch, size = {}, 0
    if batch:
        yield _tidy(_decoded(store, plan, ledger, batch), columns)


def _decoded(store: Store, plan: Plan, ledger: Ledger, batch: Mapping[str, bytes]) -> pa.Table:
    """The rows of these parts, if they mean what the plan and their metadata say."""
    trial_ids = list(batch)
    planned = plan.trials.rows(trial_ids)
    rows = parts.decode(list(batch.values()), _most_points(plan, planned))
    status = [ledger.finished[trial_id].status for trial_id in trial_ids]
    whole = [row for row in rows if row is not None]
    if (
        len(whole) == len(rows)
        and (table := _joined(whole, planned, plan.own_columns)) is not None
        and _as_planned(table, planned, status)
    ):
        return table
    problems = {}
    for number, (trial_id, row, ended) in enumerate(zip(trial_ids, rows, status, strict=True)):
        where = f"{store}/{keys.part(trial_id)}"
        its = planned.slice(number, 1)
        alone = None if row is None else _joined([row], its, plan.own_columns)
        if alone is None:
            problems[trial_id] = f"{where} cannot be decoded"
        elif not _as_planned(alone, its, [ended]):
            problems[trial_id] = f"{where} holds another row than the plan and its own metadata say"
    raise DamagedPartsError(problems)


def _most_points(plan: Plan, planned: pa.Table) -> int:
    """More points of a curve, and more probes of layers, than any of these trials has."""
    epochs, evaluations = (pc.max(planned[name]).as_py() or 0 for name in ("epochs", "evaluations"))
    layers = MOST_LAYERS if plan.network else (pc.max(planned["depth"]).as_py() or 0) + 1
    return int((epochs + evaluations + 2) * max(EVALUATED, layers))


def _joined(rows: Sequence[pa.Table], planned: pa.Table, own: tuple[schema.Column, ...]) -> pa.Table | None:
    """Decoded parts as one table, in which a setting that came after a part is the plan's."""
    try:
        table = parts.joined(rows, own)
    except (pa.ArrowException, TypeError, ValueError):  # a value of another type than its column's
        return None
    for number, column in enumerate(table.schema):
        if column.name in SETTINGS and table[number].null_count:
            table = table.set_column(number, column, pc.coalesce(table[number], planned[column.name]))
    return table


def _as_planned(table: pa.Table, planned: pa.Table, status: Sequence[str]) -> bool:
    """Whether rows of parts have the identity and settings of the plan's rows, and the status of their metadata."""
    names = [name for name in planned.column_names if name in table.column_names]
    same = table.select(names).equals(planned.select(names))
    return bool(same) and table["status"].to_pylist() == list(status)


def _tidy(nested: pa.Table, columns: Columns) -> Batch:
    """The rows of the three tables from one row a trial with curve and layers nested."""
    trials = schema.arrow_schema(columns["trials"])
    return {
        "curves": _unnest(nested, "curve", columns["curves"]),
        "layers": _unnest(nested, "layer", columns["layers"]),
        "trials": nested.select(trials.names).cast(trials),
    }


def _unnest(nested: pa.Table, name: str, columns: Sequence[schema.Column]) -> pa.Table:
    """One row for each element of a nested column, beside the identity of its trial."""
    lists = nested[name].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks)
    parents, elements = pc.list_parent_indices(lists), pc.list_flatten(lists)
    inside = {field.name for field in elements.type}
    arrays = [
        pc.struct_field(elements, column.name) if column.name in inside else nested[column.name].take(parents)
        for column in columns
    ]
    return pa.table(arrays, schema=schema.arrow_schema(columns))


def failed(plan: Plan, ledger: Ledger) -> pa.Table:
    """The rows of `trials` of the trials that failed, which come after all others."""
    rows = [{**vars(Result.failed(reason)), **plan.row(trial_id)} for trial_id, reason in ledger.failed.items()]
    return pa.Table.from_pylist(rows, schema=schema.arrow_schema(schema.trials(plan.own_columns)))
