"""A multirun, started by Hydra in the test: a sweep over optimizer, depth and seed."""

import subprocess
import sys
from pathlib import Path

from tests.analyze.study.imports.runs import RUNS, check

APP = """
import csv, json, math
import hydra
from hydra.core.hydra_config import HydraConfig
from pathlib import Path

@hydra.main(version_base=None, config_path=None, config_name="config")
def main(config):
    folder = Path(HydraConfig.get().runtime.output_dir)
    accuracy = 0.9 + 0.01 * (config.optimizer == "adam") + 0.003 * math.sin(7 * config.seed + 3 * config.model.depth)
    (folder / "results.json").write_text(json.dumps({"test_accuracy": accuracy, "note": "text"}))
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "step", "val_loss"])
        writer.writerows([step, 10 * step, 1 / (step + 1 + config.seed)] for step in range(3))

from hydra.core.config_store import ConfigStore
ConfigStore.instance().store("config", {"optimizer": "adam", "model": {"depth": 2}, "seed": 0, "lr": 1e-3})
main()
"""


def test_a_multirun_is_a_study(tmp_path: Path) -> None:
    """Configurations are settings, results are what the jobs wrote."""
    (tmp_path / "app.py").write_text(APP)
    sweep = ["optimizer=adam,sgd", "model.depth=2,4", "seed=0,1,2,3", "hydra.sweep.dir=multirun"]
    subprocess.run([sys.executable, "app.py", "-m", *sweep], cwd=tmp_path, check=True, capture_output=True, timeout=280)
    assert len(list((tmp_path / "multirun").glob("*/.hydra/config.yaml"))) == len(RUNS)
    study = check(tmp_path / "multirun", tmp_path / "out", depth="model.depth")
    assert study.design.shared["lr"] == 0.001


def test_a_job_without_results_has_failed(tmp_path: Path) -> None:
    """Hydra keeps no status; a job that ended early left its configuration alone."""
    from analyze.study.imports import hydra

    for number, content in enumerate(('{"loss": 1.0}', "[1]")):
        folder = tmp_path / str(number) / ".hydra"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(f"seed: {number}\n")
        (folder.parent / "out.json").write_text(content)
    assert [(run.id, run.status, run.metrics) for run in hydra.read(str(tmp_path))] == [
        ("0", "completed", {"loss": 1.0}),
        ("1", "failed", {}),
    ]
