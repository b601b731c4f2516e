"""A plan that grows by the rows of the next look's seeds, for the cells that are still open: declared, no extension.

The rows of a grown plan are those of the study as it begins, then those of later seeds, seed by seed and cell by cell,
of the two levels of the contrast. Which they are follows from the looks, so that whoever adds them adds the same.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from collect.store import keys
from collect.store import plan as plans
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.store.planned_trials import PlannedTrials, later_rows
from collect.study import growth
from collect.study.study import Level, Study

Cell = Mapping[str, Level]

#: Between a write that another collector's came before, and the next.
OVERTAKEN_SECONDS = 0.1


def grow(store: Store, study: Study, open_cells: Collection[Cell], seeds: int) -> Plan:
    """The plan in the store with every open cell up to so many seeds; written only if it lacks some of these rows.

    It is written over the very plan that was read, or read again: of collectors that add rows at once each sees what
    the others have added, and rows are never taken away. One that is behind finds the plan longer than its own and
    writes nothing. Where a place has neither locks nor conditions and a write is overtaken, the next look finds the
    rows missing and adds them again.

    Args:
        store: where the study lies.
        study: as planned, data sets by their short names.
        open_cells: levels of all factors but the primary one.
        seeds: of the look to come.
    """
    while True:
        content = store.read(keys.PLAN)
        planned = plans.read(store)
        grown = _grown(planned, study, open_cells, seeds)
        if grown is planned or (content and store.swap(keys.PLAN, content, plans.encoded(grown))):
            return grown
        time.sleep(OVERTAKEN_SECONDS)


def _grown(planned: Plan, study: Study, open_cells: Collection[Cell], seeds: int) -> Plan:
    wanted = _rows(planned, study, open_cells, seeds)
    if set(wanted["trial_id"].to_pylist()) <= planned.trials.keys():
        return planned
    whole = later_rows(study, planned.data_hashes, planned.precision)
    ids = pa.array([*planned.trials, *wanted["trial_id"].to_pylist()])
    kept = whole.filter(pc.is_in(whole["trial_id"], value_set=ids))
    begun = planned.trials.table.slice(0, study.number_of_trials)
    return replace(planned, trials=PlannedTrials(pa.concat_tables([begun, kept]).combine_chunks(), planned.network))


def _rows(planned: Plan, study: Study, open_cells: Collection[Cell], seeds: int) -> pa.Table:
    """The rows that the look to come needs."""
    later = later_rows(study, planned.data_hashes, planned.precision, growth.seeds_in_order(study)[:seeds])
    cells = {tuple(cell.items()) for cell in open_cells}
    names = [name for name in study.factors if name != study.analysis.factor]
    columns = [later[name].to_pylist() for name in names]
    kept = [tuple(zip(names, levels, strict=True)) in cells for levels in zip(*columns, strict=True)]
    return later.filter(pa.array(kept, pa.bool_())) if names else later
