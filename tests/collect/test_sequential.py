"""Studies whose seeds grow: collectors that share one, and one that is killed, end with an undisturbed run's tables."""

import json
import os
import signal
from pathlib import Path

import pandas as pd
import pytest

from collect.sequential import Settled, as_json, expected_seeds, in_lines, settled
from collect.store import audit, keys, ledger, open_store, plan_growth
from collect.store import plan as plans
from collect.store.place import bucket as buckets
from collect.study.study_file import read
from tests.collect import bucket
from tests.collect.commands import collect, start, tables, wait_for_parts
from tests.collect.execute.test_ray import two_nodes
from tests.collect.network.own_networks import MLP

STUDY = """
name = "growing"
seeds = 6
[factors]
ordering = ["bn_act", "act_bn", "none"]
depth = [1, 2]
[recipe]
activation = "relu"
dataset = "{dataset}"
epochs = 1
batch_size = 32
width = 0.125
evaluations = 2
[analysis]
targets = [0.4]
margin_pp = 3.0
sequential = true
seeds_max = 12
batch = 6
"""


OWN = """
name = "own"
network = "mlp.py:build"
dataset = "{dataset}"
seeds = 6
[factors]
bias = [true, false]
[recipe]
epochs = 1
batch_size = 32
evaluations = 2
[analysis]
factor = "bias"
contrast = [true, false]
sequential = true
seeds_max = 8
batch = 2
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> Path:
    """The study file."""
    path = tmp_path_factory.mktemp("study") / "growing.toml"
    path.write_text(STUDY.format(dataset=dataset), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, run by one collector without interruption."""
    folder = tmp_path_factory.mktemp("undisturbed")
    ran = collect("run", str(study), "--until-decided", "--jobs", "1", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert "6 seeds: " in ran.stderr
    return folder / "data" / "growing"


def same(folder: Path, other: Path) -> bool:
    """Whether two studies have the same plan, the same rows in their tables, bit for bit, and the same decisions."""
    trained = zip(tables(folder), tables(other), strict=True)
    unlike = [
        not one.drop(columns=["device", "stack_size"], errors="ignore").equals(
            two.drop(columns=["device", "stack_size"], errors="ignore")
        )
        for one, two in trained
    ]
    planned = [plans.read(open_store(str(one))).trials.table for one in (folder, other)]
    return not any(unlike) and planned[0].equals(planned[1]) and settled(str(folder)) == settled(str(other))


def test_batches_are_of_the_contrast_and_of_open_cells(undisturbed: Path) -> None:
    """Every look's seeds are complete in the cells that the look before left open; other orderings keep the first."""
    trials = pd.read_parquet(undisturbed / "trials.parquet")
    found = settled(str(undisturbed))
    assert found.seeds > 6
    assert set(trials.loc[trials["ordering"] == "none", "seed"]) == set(range(6))
    for one in found.cells:
        here = trials[(trials["depth"] == one.cell["depth"]) & (trials["ordering"] != "none")]
        taken = found.seeds if one.decision == "undecided" else one.n
        assert here.groupby("ordering")["seed"].apply(set).tolist() == [set(range(taken))] * 2
    assert not found.open


def test_planned_are_the_rows_of_the_plan(undisturbed: Path) -> None:
    """Growth that was declared is no extension: planned = completed, the tables say so, and nothing is damaged."""
    store = open_store(str(undisturbed))
    planned = plans.read(store)
    state = ledger.read(store, planned.trials, trust=False)
    assert state.counts["planned"] == state.counts["completed"] == len(planned.trials)
    assert len(pd.read_parquet(undisturbed / "trials.parquet")) == len(planned.trials)
    assert list(audit.findings(store, planned, state)) == []
    assert planned.study["extended"] is False


def test_status_says_what_is_decided(undisturbed: Path) -> None:
    """A line a cell: pairs, gap, interval, decision."""
    found = settled(str(undisturbed))
    status = json.loads(collect("status", str(undisturbed), "--json", cwd=undisturbed).stdout)
    assert status["sequential"] == json.loads(json.dumps(as_json(found)))
    first, *cells = in_lines(found).splitlines()
    assert first.startswith(f"{found.seeds} seeds: ")
    assert [line.split()[0] for line in cells] == ["depth=1", "depth=2"]


def test_an_extension_is_refused(undisturbed: Path) -> None:
    """It grows as it declares; the message says how."""
    refused = collect("run", str(undisturbed), "seeds=8", "--extend", cwd=undisturbed)
    assert refused.returncode == 2
    assert "--until-decided" in refused.stderr


def test_two_collectors_of_which_one_is_killed(study: Path, undisturbed: Path, tmp_path: Path) -> None:
    """One is killed in a later batch, the other goes on: they end as if nothing had happened."""
    killed, other = (start(study, tmp_path, "--until-decided") for _ in range(2))
    folder = tmp_path / "data" / "growing"
    wait_for_parts(folder, 40)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    _, said = other.communicate(timeout=250)
    assert other.returncode == 0, said
    assert same(folder, undisturbed)


@pytest.mark.soak
def test_a_killed_collector_goes_on(study: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Killed in its first seeds and in a later batch, and run again, it ends as if nothing had happened."""
    folder = tmp_path / "data" / "growing"
    for parts in (5, 40):
        running = start(study, tmp_path, "--until-decided")
        wait_for_parts(folder, parts)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    ran = collect("run", str(study), "--until-decided", "--jobs", "1", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert same(folder, undisturbed)


@pytest.mark.soak
def test_collectors_that_share_a_study(study: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Two at once, shards of one another, reach the same looks and the same rows."""
    running = [start(study, tmp_path, "--until-decided", "--shard", f"{index}/2") for index in (1, 2)]
    for one in running:
        _, said = one.communicate(timeout=250)
        assert one.returncode == 0, said
    assert same(tmp_path / "data" / "growing", undisturbed)


def test_two_collectors_at_a_bucket(
    study: Path, undisturbed: Path, s3: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be locked two train and look at once: they end with the plan and the rows of a folder's one."""
    for name, value in bucket.environment(s3).items():
        monkeypatch.setenv(name, value)
    buckets._connected.cache_clear()
    where = f"s3://{bucket.BUCKET}/{tmp_path.name}"
    running = [start(study, tmp_path, "--until-decided", "--out", where) for _ in range(2)]
    for one in running:
        _, said = one.communicate(timeout=250)
        assert one.returncode == 0, said
    for key in (keys.PLAN, keys.STUDY, *map(keys.table, ("trials", "curves", "layers"))):
        (tmp_path / key).write_bytes(open_store(where).read(key) or b"")
    assert same(tmp_path, undisturbed)
    assert settled(where) == settled(str(undisturbed))
    buckets._connected.cache_clear()


@pytest.mark.timeout(400)
def test_on_a_cluster(study: Path, undisturbed: Path, tmp_path: Path) -> None:
    """By Ray, every look and every row is that of a run on one machine."""
    with two_nodes() as cluster:
        where = ("--backend", "ray", "--address", cluster.address)
        ran = collect("run", str(study), "--until-decided", *where, cwd=tmp_path, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert same(tmp_path / "data" / "growing", undisturbed)


def test_a_plan_grows_once(undisturbed: Path) -> None:
    """Asked again for rows that it has, or for fewer, it stays as it is; an altered row is refused when it is read."""
    store = open_store(str(undisturbed))
    before = (undisturbed / "plan.parquet").read_bytes()
    design = read(str(undisturbed))
    named = design.with_datasets({design.recipe.dataset: plans.read(store).study["dataset"]})
    plan_growth.grow(store, named, [{"depth": 1}, {"depth": 2}], 6)
    assert (undisturbed / "plan.parquet").read_bytes() == before


def test_a_network_of_ones_own_grows_too(dataset: Path, tmp_path: Path) -> None:
    """Its settings are factors of the looks, and the rows that are added are its own."""
    (tmp_path / "mlp.py").write_text(MLP, encoding="utf-8")
    (tmp_path / "own.toml").write_text(OWN.format(dataset=dataset), encoding="utf-8")
    ran = collect("run", "own.toml", "--until-decided", "--jobs", "1", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert [line for line in ran.stderr.splitlines() if "seeds: " in line][-1].startswith(
        ("6 seeds: 1 of", "8 seeds: ")
    )
    folder = tmp_path / "data" / "own"
    planned = plans.read(open_store(str(folder)))
    assert {trial.settings.own.call for trial in planned.trials.values()} == {"mlp.py:build"}
    assert (
        list(audit.findings(open_store(str(folder)), planned, ledger.read(open_store(str(folder)), planned.trials)))
        == []
    )


def test_a_study_that_declares_no_growth_has_none(finished: Path) -> None:
    """It has to stand in the study file before the data."""
    refused = collect("run", str(finished), "--until-decided", cwd=finished)
    assert refused.returncode == 2
    assert "sequential = true" in refused.stderr


def test_what_a_plan_expects() -> None:
    """Seeds by true gap: fewer where it is large, at most what is declared; in the words of collect plan."""
    study = read("quick", ["analysis.sequential=true", "analysis.seeds_max=80"])
    found = expected_seeds(study, 0.2)
    assert set(found) == {0.0, 0.1, 0.2}
    assert 10 <= found[0.2][0] < found[0.0][0] <= 80
    assert found[0.2][1] == 1.0


def test_before_the_first_look_every_cell_is_open() -> None:
    """Nothing is decided of a study that has not begun."""
    assert Settled(0, open=True).open_cells == []
