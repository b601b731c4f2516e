"""What there is and how far it is: presets, the studies under data/, and what became of a study's trials."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from collect import said
from collect.errors import CollectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collect.store.ledger import Ledger
    from collect.store.place.interface import Store
    from collect.store.plan import Plan

# --help imports this module.
# ruff: noqa: PLC0415

DATA = Path("data")
#: Between two looks at a study that is watched.
WATCH_SECONDS = 2.0


class Preset(NamedTuple):
    """A study that comes with the package."""

    name: str
    trials: int
    about: str


class Kept(NamedTuple):
    """A study under data/: its counts, or why they cannot be had, or mislead."""

    folder: str
    counts: dict[str, int]
    trouble: str | None


def presets() -> list[Preset]:
    """Each with the first line of its file."""
    from collect.study import study_file

    texts = sorted(study_file.presets().items())
    return [
        Preset(name, study_file.read(name).number_of_trials, text[1 : text.index("\n")].strip()) for name, text in texts
    ]


def folders() -> list[Path]:
    """The studies under data/, the newest last."""
    plans = [path for path in DATA.glob("*/plan.parquet") if path.is_file()]
    return [path.parent for path in sorted(plans, key=lambda path: path.stat().st_mtime)]


def kept() -> list[Kept]:
    """The studies under data/ with what became of them."""
    found = []
    for folder in folders():
        try:
            store, state = state_of(str(folder))
            trouble = next(troubles(store, state), None) if state.without_parts else None
            found.append(Kept(str(folder), state.counts, trouble))
        except CollectError as error:
            found.append(Kept(str(folder), {}, str(error)))
    return found


def place(named: str | None) -> str:
    """The place of a study that a user names, or of the one under data/ that was planned last.

    Raises:
        StoreError: there is none, or only the name of one under data/ was given.
    """
    found = folders()
    if named is None and not found:
        raise StoreError("there is no study under data/; start one with collect run, or name a study's folder")
    if named and DATA / named in found and not Path(named).exists():
        raise StoreError(f"there is no folder {named}; did you mean {DATA / named}?")
    return named or str(found[-1])


def state_of(where: str) -> "tuple[Store, Ledger]":
    """A study and what became of its trials."""
    from collect.store import ledger, open_store
    from collect.store import plan as plans

    store = open_store(where)
    return store, ledger.read(store, plans.read(store).trials)


def changes(where: str) -> "Iterator[Ledger]":
    """The state of a study, again whenever its counts have changed, until nothing is pending."""
    before = None
    while True:
        state = state_of(where)[1]
        if state.counts != before:
            yield state
        before = state.counts
        if not before["pending"]:
            return
        time.sleep(WATCH_SECONDS)


def say_version(store: "Store", planned: "Plan") -> None:
    """Say where a study is an earlier release's."""
    from collect.schema import RECIPE_VERSION

    if planned.recipe_version != RECIPE_VERSION:
        said.warn(
            f"{store} was planned by recipe version {planned.recipe_version}, this is version {RECIPE_VERSION}: "
            "it can be read, and trained on only by the release that planned it"
        )


def in_words(counts: dict[str, int]) -> str:
    """Counts as a sum."""
    rest = " + ".join(f"{counts[key]} {key}" for key in ("completed", "diverged", "failed", "pending"))
    return f"{counts['planned']} planned = {rest}"


def troubles(store: object, state: "Ledger") -> "Iterator[str]":
    """Why trials count as pending that were trained once."""
    if state.without_parts:
        yield f"it came without its parts; its tables hold the rows of {len(state.gone)} trials, for analyze to read"
    if state.damaged:
        yield f"{len(state.damaged)} damaged parts count as pending; see {said.command('verify', store)}"


def next_command(store: object, *, pending: int) -> str:
    """The command that follows a run: the report, once nothing is left to other shards."""
    return said.command("status", store) if pending else said.command("report", store, program="analyze")
