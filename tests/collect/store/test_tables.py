"""The tables grow with the parts: in the plan's order whatever the order of arrival, each part read once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collect import publishing
from collect.store import index, keys, ledger, parts, tables, tidy
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from tests.collect.outcomes import made_up
from tests.collect.store.test_store import part, planned, put, state_of, study


def content_of(store: FolderStore) -> list[bytes]:
    """The three tables."""
    return [(store.root / keys.table(name)).read_bytes() for name in tables.NAMES]


def rows_of(store: FolderStore) -> list[list[dict[str, object]]]:
    """The rows of the three tables."""
    return [pq.read_table(store.root / keys.table(name)).to_pylist() for name in tables.NAMES]


def grown(root: Path, arrivals: Sequence[Sequence[int]]) -> FolderStore:
    """A study whose tables were brought up to date after each arrival of some parts."""
    store, plan = planned(root)
    ids = list(plan.trials)
    for arrival in arrivals:
        put(store, plan, *(ids[number] for number in arrival))
        publishing.publish(store)
    return store


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(16)), cuts=st.sets(st.integers(1, 15), max_size=4), batch=st.integers(1, 6))
def test_any_order_of_arrival_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: set[int], batch: int
) -> None:
    """Grown step by step with parts in any order, in batches of any size: the rows of a study that was read at once."""
    edges = [0, *sorted(cuts), 16]
    arrivals = [order[start:stop] for start, stop in pairwise(edges)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tidy, "BATCH", batch)
        store = grown(tmp_path_factory.mktemp("grown"), arrivals)
        at_once = grown(tmp_path_factory.mktemp("once"), [range(16)])
    assert rows_of(store) == rows_of(at_once)
    assert tables.current(store, state_of(store, plans.read(store)))


def test_a_part_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking again reads no part; new ones beside old ones are the only ones that are decoded."""
    store = grown(tmp_path, [range(12)])
    plan = plans.read(store)
    put(store, plan, *list(plan.trials)[12:])
    read: list[str] = []
    decoded: list[int] = []
    read_bytes, decode = FolderStore.read, parts.decode

    def noting(self: FolderStore, key: str, most: int | None = None) -> bytes | None:
        read.append(key)
        return read_bytes(self, key, most)

    def counting(contents: Sequence[bytes], most: int) -> object:
        decoded.append(len(contents))
        return decode(contents, most)

    monkeypatch.setattr(FolderStore, "read", noting)
    monkeypatch.setattr(parts, "decode", counting)
    publishing.publish(store)
    assert sum(decoded) == 4
    read.clear()
    assert state_of(store, plan).counts["completed"] == 16
    assert not [key for key in read if key.startswith(keys.PARTS)]
    assert len(ledger.read(store, plan.trials, trust=False).finished) == 16
    assert len([key for key in read if key.startswith(keys.PARTS)]) == 16


def test_a_part_that_changed_is_read_again(tmp_path: Path) -> None:
    """One damaged after it was indexed is found by the next look, and its rows leave the tables."""
    store = grown(tmp_path, [range(16)])
    plan = plans.read(store)
    first = next(iter(plan.trials))
    (store.root / keys.part(first)).write_bytes(part(plan, first)[:-5])
    state = state_of(store, plan)
    assert list(state.damaged) == [first]
    assert tables.build(store, plan, state)
    assert first not in pq.read_table(tmp_path / "trials.parquet")["trial_id"].to_pylist()
    assert first not in pq.read_table(tmp_path / "layers.parquet")["trial_id"].to_pylist()


@pytest.mark.parametrize("lost", [keys.INDEX, "trials.parquet", "curves.parquet"])
@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_index_and_tables_are_caches(tmp_path: Path, lost: str, how: str) -> None:
    """Whichever is gone or damaged, the next look rebuilds all of it to the same bytes."""
    store = grown(tmp_path, [range(16)])
    before = content_of(store)
    if how == "gone":
        store.delete(lost)
    else:
        (tmp_path / lost).write_bytes((tmp_path / lost).read_bytes()[:-20])
    publishing.publish(store)
    assert content_of(store) == before
    assert len(index.read(store, 16).parts) == 16


class Overtaken(FolderStore):
    """A store in which another collector publishes in between, once."""

    def overtake(self, key: str) -> None:
        """Do what the other does, when the turn of this object has come."""
        when, other = vars(self)["by"]
        if key == when and not vars(self).setdefault("done", []):
            vars(self)["done"].append(key)
            other()

    @contextmanager
    def opened(self, key: str, most: int | None = None) -> Iterator[BinaryIO]:
        """Somebody is faster before the file is opened."""
        self.overtake(key)
        with super().opened(key, most) as file:
            yield file

    def replace(self, key: str, content: bytes) -> None:
        """Somebody is faster before the file is written."""
        self.overtake(key)
        super().replace(key, content)


@pytest.mark.parametrize("when", ["curves.parquet", "layers.parquet", keys.DATAPACKAGE, keys.INDEX])
@pytest.mark.parametrize("fuller", ["we", "the other"])
def test_collectors_that_publish_at_once_leave_whole_tables(tmp_path: Path, when: str, fuller: str) -> None:
    """Whoever overtakes whom, and wherever: in the end every trial stands in the tables once, and they are current.

    The other publishes between our look at the tables and their opening, or between our tables and our index.
    """
    store, plan = planned(tmp_path)
    ids = list(plan.trials)
    put(store, plan, *ids[:8])
    publishing.publish(store)
    put(store, plan, *ids[8:11])
    some = state_of(store, plan)
    if fuller == "we":
        put(store, plan, *ids[11:])

    def other() -> None:
        if fuller == "the other":
            put(store, plan, *ids[11:])
        tables.build(store, plan, some if fuller == "we" else state_of(store, plan))

    ours = Overtaken(tmp_path)
    vars(ours)["by"] = (when, other)
    publishing.publish(ours)
    assert vars(ours)["done"]
    _, state = publishing.publish(store)
    assert tables.current(store, state)
    for name in tables.NAMES:
        found = pq.read_table(tmp_path / f"{name}.parquet")["trial_id"].to_pylist()
        assert list(dict.fromkeys(found)) == ids
    assert len(pq.read_table(tmp_path / "trials.parquet")) == len(ids)
    assert rows_of(store) == rows_of(grown(tmp_path / "again", [range(len(ids))]))


def test_trials_without_curves_keep_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials that diverged at once have no curve rows: their batches stay aligned, and others merge."""
    monkeypatch.setattr(tidy, "BATCH", 2)
    store, plan = planned(tmp_path)
    ids = list(plan.trials)
    for trial_id in ids[:10]:
        bare = made_up(
            status="diverged", reason="non-finite loss at step 1", test_accuracy=0.1, precision=plan.precision
        )
        store.create(keys.part(trial_id), parts.encode(plan.row(trial_id), bare, "a", {"python": "3"}))
    publishing.publish(store)
    put(store, plan, *ids[10:])
    publishing.publish(store)
    trials = pq.read_table(tmp_path / "trials.parquet")
    assert trials["trial_id"].to_pylist() == ids
    assert set(pq.read_table(tmp_path / "curves.parquet")["trial_id"].to_pylist()) == set(ids[10:])


def test_an_extension_by_another_factor_level_merges_in_order(tmp_path: Path) -> None:
    """New levels stand between the old ones in the plan: the rows follow."""
    store = grown(tmp_path, [range(16)])
    wider = study(**{"factors.activation": "['relu', 'elu', 'tanh']"})
    plan = plans.Plan.of(wider, {"digits": "d"}, "fp32")
    plans.write(store, wider, plan, over=True)
    put(store, plan, *(trial_id for trial_id in plan.trials if store.read(keys.part(trial_id)) is None))
    publishing.publish(store)
    assert pq.read_table(tmp_path / "trials.parquet")["trial_id"].to_pylist() == list(plan.trials)
