"""MLflow's own stores, written by MLflow in the test."""

from pathlib import Path

import mlflow
import pytest

from tests.analyze.study.imports.runs import RUNS, check

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with the runs, and a crashed and a deleted one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    place = {"file": "mlruns", "sqlite": "sqlite:///runs.db"}[request.param]
    client = mlflow.MlflowClient(tracking_uri=(tmp_path / place).as_uri() if request.param == "file" else place)
    experiment = client.create_experiment("mnist")
    for run in RUNS:
        one = client.create_run(experiment, run_name="a name")
        for name, value in {**run._asdict(), "lr": 1e-3}.items():
            client.log_param(one.info.run_id, name, value)
        for step, loss in enumerate(run.losses):
            client.log_metric(one.info.run_id, "val_loss", loss, step=step)
        client.log_metric(one.info.run_id, "test_accuracy", run.accuracy)
        client.set_terminated(one.info.run_id)
    crashed = client.create_run(experiment)
    for name, value in {"optimizer": "adam", "depth": 2, "seed": 6, "lr": 1e-3}.items():
        client.log_param(crashed.info.run_id, name, value)
    client.set_terminated(crashed.info.run_id, "FAILED")
    client.delete_run(client.create_run(experiment).info.run_id)
    return place


@pytest.mark.parametrize("address", ["sqlite", "file"], indirect=True)
def test_a_store_is_a_study(address: str, tmp_path: Path) -> None:
    """Parameters are settings, typed; last metrics, curves and statuses are the runs'; nothing else is written."""
    before = _content(tmp_path)
    study = check(address, tmp_path / "out", failed=1)
    assert {study.design.shared[name] for name in ("lr", "experiment")} == {0.001, "mnist"}
    assert _content(tmp_path) == before


def _content(folder: Path) -> dict[str, bytes]:
    """Every file but what an import wrote."""
    files = [path for path in folder.rglob("*") if path.is_file() and "out" not in path.parts]
    return {str(path): path.read_bytes() for path in files}
