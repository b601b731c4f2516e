"""Offline runs, written by wandb in the test; and exported tables, as the documentation and the web page make them."""

import csv
from pathlib import Path

import pandas as pd
import pytest
import wandb

from analyze.errors import InvalidTableError
from analyze.study.imports import wandb as reader
from tests.analyze.study.imports.runs import RUNS, check

pytestmark = pytest.mark.filterwarnings("ignore")


def test_offline_runs_are_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configuration, history and summary, as the package logs them without a network; a long run fills many blocks."""
    monkeypatch.setenv("WANDB_SILENT", "true")
    settings = wandb.Settings(console="off", x_disable_stats=True, silent=True)
    for number, run in enumerate(RUNS):
        with wandb.init(
            mode="offline", dir=tmp_path, project="p", config={**run._asdict(), "lr": 1e-3}, settings=settings
        ) as logged:
            for step, loss in enumerate(run.losses):
                logged.log({"val/loss": loss, "epoch": step})
            if number == 0:
                for step in range(3, 300):
                    logged.log({"noise/of a long name": step * "x"})
            logged.summary["test_accuracy"] = run.accuracy
    wandb.teardown()  # what a run logged is in its file when the service has ended
    assert max(path.stat().st_size for path in (tmp_path / "wandb").rglob("*.wandb")) > 32768
    study = check(tmp_path / "wandb", tmp_path / "out")
    assert study.design.shared["lr"] == 0.001


def test_a_log_that_was_cut_off_is_of_a_run_that_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was logged is there; the end is not."""
    monkeypatch.setenv("WANDB_SILENT", "true")
    settings = wandb.Settings(console="off", x_disable_stats=True, silent=True)
    with wandb.init(mode="offline", dir=tmp_path, project="p", config={"seed": 1}, settings=settings) as logged:
        logged.log({"loss": 1.0})
    wandb.teardown()  # as above
    [log] = (tmp_path / "wandb").rglob("run-*.wandb")
    [whole] = reader.read(str(tmp_path / "wandb"))
    assert (whole.status, whole.settings, whole.metrics["loss"]) == ("finished", {"seed": 1}, 1.0)
    content = log.read_bytes()
    for length in range(len(content) - 1, 7, -97):
        log.write_bytes(content[:length])
        [cut] = reader.read(str(tmp_path / "wandb"))
        assert cut.status in ("finished", "running")
    assert cut.status == "running"
    log.write_bytes(b"something else")
    with pytest.raises(InvalidTableError, match="is no log of Weights & Biases"):
        list(reader.read(str(tmp_path / "wandb")))


def test_the_table_of_the_web_page_is_a_study(tmp_path: Path) -> None:
    """Its columns of bookkeeping are left out; of the others, numbers named like a metric are metrics."""
    with (tmp_path / "export.csv").open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(
            [
                *("Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep"),
                *("optimizer", "depth", "seed", "lr", "test_accuracy", "val_loss"),
            ]
        )
        for number, run in enumerate(RUNS):
            told = [f"sunny-{number}", "finished", "-", "somebody", "", "2026-01-01T00:00:00.000Z", "61", ""]
            writer.writerow([*told, *run, 0.001, run.accuracy, run.losses[-1]])
        crashed = ["dim-9", "crashed", "-", "somebody", "", "2026-01-01T00:00:00.000Z", "1", ""]
        writer.writerow([*crashed, "adam", 2, 6, 0.001, "", ""])
    study = check(tmp_path / "export.csv", tmp_path / "out", curves=False, failed=1)
    assert study.design.shared["lr"] == 0.001
    assert not {"User", "Created"} & {*study.trials}


def test_the_table_of_the_export_by_script_is_a_study(tmp_path: Path) -> None:
    """The script of wandb's documentation: dictionaries as text, with numbers that are not finite."""
    rows = [
        {
            "summary": {"_step": 3, "test_accuracy": run.accuracy, "val_loss": float("nan"), "_wandb": {"runtime": 1}},
            "config": {**run._asdict(), "lr": 1e-3, "_wandb": {}},
            "name": f"run-{number}",
        }
        for number, run in enumerate(RUNS)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "project.csv")
    check(tmp_path / "project.csv", tmp_path / "out", curves=False)
