"""A study of a network of one's own where workers train stacks, as on a GPU: what trains together, and what alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from collect import runner
from collect.engine.draws import generator_for
from collect.execute.local import LocalExecutor
from collect.execute.worker import Report, Task
from collect.network.own import OwnModule
from collect.store.ledger import Ledger
from collect.store.place.folder import FolderStore
from collect.study import study_file as studies
from collect.study.own_network import OwnNetwork, settings_from
from collect.study.stacks import Job, arrange, kind_of
from collect.study.trial import Settings, Trial
from tests.collect.network.own_networks import LATE, MLP

STUDY = """
name = "own"
network = "own.py:build"
dataset = "{dataset}"
seeds = 3
[factors]
{factor}
learning_rate = [1e-3, 1e-2]
[recipe]
epochs = 1
batch_size = 32
evaluations = 2
[analysis]
factor = "learning_rate"
contrast = [1e-2, 1e-3]
"""


class Stacking(LocalExecutor):
    """An executor that trains stacks, as one with a GPU does, in this process."""

    def __init__(self) -> None:
        super().__init__(1, "cpu")
        self.stacks: list[int] = []

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Train them one after another."""
        for stack in arrange(jobs, largest, 1, together):
            self.stacks.append(len(stack))
            yield from task(stack, "cpu")


def run(folder: Path, dataset: Path, source: str, factor: str) -> tuple[Ledger, list[int], list[dict[str, object]]]:
    """How a study ends, the sizes of the stacks that were tried, and its rows."""
    (folder / "own.py").write_text(source, encoding="utf-8")
    (folder / "own.toml").write_text(STUDY.format(dataset=dataset, factor=factor), encoding="utf-8")
    store, executor = FolderStore(folder / "study"), Stacking()
    plan = runner.open_study(store, studies.read(str(folder / "own.toml")), None, folder, extend=False)
    state, _ = runner.run(store, plan, executor, folder)
    return state, executor.stacks, pq.read_table(store.root / "trials.parquet").to_pylist()


def test_what_draws_at_random_trains_by_itself(
    tmp_path: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six trials without dropout as one stack, six with it one at a time, for a reason that is said once."""
    state, stacks, rows = run(tmp_path, dataset, MLP, "dropout = [0.0, 0.5]")
    assert state.counts["completed"] == 12
    assert stacks == [6, 6, *[1] * 6]
    assert {(row["dropout"], row["stack_size"]) for row in rows} == {(0.0, 6), (0.5, 1)}
    said = capsys.readouterr().err
    assert said.count("trials train one at a time, not side by side: it draws at random\n") == 1


def test_an_error_in_a_stack_fails_the_trial_that_it_is_of(
    tmp_path: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack raises in its sixth step: of its trials, trained one at a time, the two of one seed fail, once each."""
    first = OwnModule([settings(LATE)], (1, 8, 8), 3)
    first.initialise([generator_for("initial weights", 0)])
    source = LATE.replace("DRAWN", repr(first.built.drawn.item()))
    state, stacks, rows = run(tmp_path, dataset, source, "hidden = [4, 8]")
    assert stacks == [6, 6, *[1] * 6]
    assert state.counts == {"planned": 12, "completed": 10, "diverged": 0, "failed": 2, "pending": 0}
    assert {(row["hidden"], row["seed"], row["status"], row["stack_size"]) for row in rows} == {
        *((4, seed, "completed", 6) for seed in range(3)),
        *((8, seed, "completed", 1) for seed in (1, 2)),
        (8, 0, "failed", None),
    }
    assert len(list((tmp_path / "study" / "failures").iterdir())) == 2
    assert "side by side: ArithmeticError: the flux is not calibrated (own.py, line " in capsys.readouterr().err


def settings(source: str, **chosen: object) -> Settings:
    """Of a network of one's own."""
    return settings_from({"dataset": "blobs", **chosen}, OwnNetwork("own.py:build", source))


def test_trials_of_one_network_may_stand_in_one_stack() -> None:
    """They differ in what reaches the optimizer or the images, never in what reaches the network or its BatchNorm."""

    def kind(seed: int = 0, source: str = MLP, **chosen: object) -> tuple[object, ...]:
        return kind_of(Trial(settings=settings(source, **chosen), seed=seed, data_hash="blobs"))

    alike = [{"seed": 1}, {"learning_rate": 0.1}, {"schedule": "cosine", "warmup": 2}, {"momentum": 0.5}]
    alike += [{"weight_decay": 0.1, "decay_bn": False}, {"augment": "shift"}]
    assert all(kind(**changed) == kind() for changed in alike)  # type: ignore[arg-type]  # passed through
    other: list[dict[str, object]] = [{"hidden": 8}, {"dropout": 0.0}, {"bn_momentum": 0.2}, {"bn_eps": 1e-3}]
    other += [{"source": MLP + "#"}, {"optimizer": "sgd"}, {"batch_size": 16}, {"epochs": 2}]
    assert len({kind(), *(kind(**changed) for changed in other)}) == 9  # type: ignore[arg-type]  # passed through
