"""Optuna's storages, written by Optuna in the test."""

from pathlib import Path

import optuna
import pandas as pd
import pytest

from tests.analyze.study.imports import runs
from tests.analyze.study.imports.runs import RUNS, check

pytestmark = pytest.mark.filterwarnings("ignore")

SPACE = {"optimizer": ["adam", "sgd"], "depth": [2, 4], "seed": list(range(4))}


def _storage(folder: Path, kind: str) -> optuna.storages.BaseStorage:
    if kind == "sqlite":
        return optuna.storages.RDBStorage(f"sqlite:///{folder / 'studies.db'}")
    backend = optuna.storages.journal.JournalFileBackend(str(folder / "journal.log"))
    return optuna.storages.JournalStorage(backend)


@pytest.mark.parametrize(("kind", "name"), [("sqlite", "studies.db"), ("journal", "journal.log")])
def test_a_storage_is_a_study(tmp_path: Path, kind: str, name: str) -> None:
    """Parameters are settings, the objective is the metric of its name."""

    def objective(trial: optuna.Trial) -> float:
        run = runs.Made(
            trial.suggest_categorical("optimizer", SPACE["optimizer"]),
            trial.suggest_categorical("depth", SPACE["depth"]),
            trial.suggest_categorical("seed", SPACE["seed"]),
        )
        trial.set_user_attr("lr", "1e-3")
        return run.accuracy

    study = optuna.create_study(
        storage=_storage(tmp_path, kind), sampler=optuna.samplers.GridSampler(SPACE, seed=1), study_name="grid"
    )
    study.set_metric_names(["test_accuracy"])
    study.optimize(objective, n_trials=len(RUNS))
    address = tmp_path / name if kind == "journal" else f"sqlite:///{tmp_path / name}"
    before = (tmp_path / name).read_bytes()
    found = check(address, tmp_path / "out", curves=False)
    assert (tmp_path / name).read_bytes() == before
    assert found.design.shared["study_name"] == "grid"


def test_pruned_and_failed_trials_have_failed(tmp_path: Path) -> None:
    """And one that still runs is pending; several values have names or numbers; float attributes are metrics."""
    study = optuna.create_study(storage=_storage(tmp_path, "sqlite"), directions=["maximize", "minimize"])
    for number, state in enumerate(("COMPLETE", "FAIL", "RUNNING", "COMPLETE")):
        trial = study.ask({"optimizer": optuna.distributions.CategoricalDistribution(["adam", "sgd"])})
        trial.set_user_attr("seed", number)
        trial.set_user_attr("test_accuracy", 0.5)
        if state != "RUNNING":
            kind = optuna.trial.TrialState[state]
            study.tell(trial, [0.5, 1.0] if state == "COMPLETE" else None, state=kind)
    runs.imported(tmp_path / "studies.db", tmp_path / "out")
    found = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    assert found["status"].tolist() == ["COMPLETE", "FAIL", "RUNNING", "COMPLETE"]
    assert found["value_1"].isna().tolist() == [False, True, True, False]
