"""The plan of a study that grows: collectors that add seeds at once leave out no other's, wherever the study lies."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collect.store import open_store, plan_growth
from collect.store import plan as plans
from collect.store.place import bucket as buckets
from collect.store.place.bucket import ObjectStore
from collect.store.place.folder import FolderStore
from collect.store.place.interface import Store
from collect.study.study import Study
from collect.study.study_file import read
from tests.collect import bucket

STUDY = read(
    "quick",
    ["seeds=6", "factors.depth=[2]", "analysis.sequential=true", "analysis.seeds_max=40", "analysis.batch=2"],
).with_datasets({"digits": "digits"})
RELU, TANH = {"depth": 2, "activation": "relu"}, {"depth": 2, "activation": "tanh"}


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Either sort of store, with the plan of the first seeds."""
    if request.param == "folder":
        yield begun(FolderStore(tmp_path))
        return
    for name, value in bucket.environment(request.getfixturevalue("s3")).items():
        monkeypatch.setenv(name, value)
    buckets._connected.cache_clear()
    yield begun(open_store(f"s3://{bucket.BUCKET}/{tmp_path.name}"))
    buckets._connected.cache_clear()


def begun(store: Store, study: Study = STUDY) -> Store:
    """The store once the plan is written."""
    plans.write(store, study, plans.Plan.of(study, {"digits": "d"}, "fp32"))
    return store


def last_seeds(store: Store) -> dict[str, int]:
    """Seeds of each cell."""
    rows = plans.read(store).trials.table.to_pandas()
    return dict(rows.groupby("activation")["seed"].nunique())


def test_collectors_that_add_at_once_leave_out_nobody(store: Store) -> None:
    """Twelve, at several looks with several open cells: each gets what it asked for, and the plan has all of it."""
    asked = [([RELU], 6 + 2 * number) if number % 2 else ([RELU, TANH], 6 + 2 * number) for number in range(12)]
    with ThreadPoolExecutor(len(asked)) as pool:
        grown = list(pool.map(lambda one: plan_growth.grow(store, STUDY, *one), asked))
    assert last_seeds(store) == {"relu": 28, "tanh": 26}
    ids = plans.read(store).trials.keys()
    for (_, seeds), plan in zip(asked, grown, strict=True):
        assert plan.trials.keys() <= ids
        rows = plan.trials.table.to_pandas()
        assert rows.loc[rows["activation"] == "relu", "seed"].nunique() >= seeds


def test_those_at_one_look_end_with_one_plan(store: Store) -> None:
    """Eight reach the same look at the same time: the plan has its rows once, and all of them have that plan."""
    with ThreadPoolExecutor(8) as pool:
        grown = list(pool.map(lambda _: plan_growth.grow(store, STUDY, [RELU, TANH], 8), range(8)))
    kept = plans.read(store)
    assert len(kept.trials) == 8 * 2 * 2
    assert all(plan.trials.table.equals(kept.trials.table) for plan in grown)


def test_who_is_overtaken_reads_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another adds the rows of a later look between our reading the plan and writing it: both are there in the end."""
    kind = FolderStore if isinstance(store, FolderStore) else ObjectStore
    swap, overtaken = kind.swap, list[int]()

    def swapped(ours: Store, key: str, old: bytes, new: bytes) -> bool:
        if not overtaken:
            overtaken.append(1)
            plan_growth.grow(ours, STUDY, [TANH], 14)
        return swap(ours, key, old, new)  # type: ignore[arg-type]  # of the kind that it is

    monkeypatch.setattr(kind, "swap", swapped)
    plan_growth.grow(store, STUDY, [RELU], 8)
    assert overtaken
    assert last_seeds(store) == {"relu": 8, "tanh": 14}
