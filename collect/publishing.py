"""The tables of a study brought up to date with its parts, and damaged parts set aside."""

from collections.abc import Iterable

from collect.errors import DamagedPartsError
from collect.store import keys, ledger, tables
from collect.store import plan as plans
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan

#: Collectors that end together may overtake one another; so often the tables are built anew.
PUBLISHINGS = 3


def publish(store: Store) -> tuple[Plan, Ledger]:
    """Bring the tables up to date with plan and parts, and with what other collectors do to both meanwhile.

    Parts that turn out not to hold what they should are set aside, and stand among the damaged ones of the state.

    Returns:
        The plan as it is now, and the state of the study.
    """
    aside: dict[str, str] = {}
    rebuilt = 0
    while rebuilt < PUBLISHINGS:
        plan = plans.read(store)
        state = ledger.read(store, plan.trials)
        try:
            if not tables.build(store, plan, state):
                break
            rebuilt += 1
        except DamagedPartsError as error:
            set_aside(store, error.problems)
            aside |= error.problems
    state.damaged |= aside
    return plan, state


def compact(store: Store) -> Ledger:
    """Set damaged parts aside and rebuild the three tables from the parts."""
    while True:
        plan = plans.read(store)
        state = ledger.with_parts(store, ledger.read(store, plan.trials, trust=False))
        set_aside(store, state.damaged)
        try:
            tables.build(store, plan, state, force=True)
        except DamagedPartsError as error:
            set_aside(store, error.problems)
        else:
            return publish(store)[1]


def set_aside(store: Store, damaged: Iterable[str]) -> None:
    """Move damaged parts aside; their trials are pending and run again."""
    for trial_id in damaged:
        store.set_aside(keys.part(trial_id))
