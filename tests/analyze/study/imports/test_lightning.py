"""Folders of Lightning's CSVLogger, written by Lightning in the test."""

from argparse import Namespace
from pathlib import Path

import pytest
from lightning.pytorch.loggers import CSVLogger

from analyze.errors import InvalidTableError
from analyze.study.imports import lightning as reader
from tests.analyze.study.imports.runs import RUNS, check

pytestmark = pytest.mark.filterwarnings("ignore")


def test_versions_of_a_logger_are_a_study(tmp_path: Path) -> None:
    """Hyperparameters, nested ones dotted; losses by step and epoch, the end in a row of its own."""
    for run in RUNS:
        logger = CSVLogger(tmp_path, name="lightning_logs")
        settings = {"optimizer": run.optimizer, "model": {"depth": run.depth}, "seed_everything": run.seed, "lr": 1e-3}
        logger.log_hyperparams(Namespace(**settings))
        for step, loss in enumerate(run.losses):
            logger.log_metrics({"val_loss": loss, "epoch": step}, step=10 * step)
        logger.log_metrics({"test_accuracy": run.accuracy, "epoch": 3}, step=30)
        logger.save()
    study = check(tmp_path / "lightning_logs", tmp_path / "out", depth="model.depth")
    assert study.design.shared["lr"] == 0.001


def test_objects_in_hyperparameters_are_text(tmp_path: Path) -> None:
    """Nothing in a file is made or called; what is no YAML is refused."""
    (tmp_path / "hparams.yaml").write_text(
        "net: !!python/object/apply:os.system ['touch made']\nact: !!python/name:torch.relu ''\nlr: 0.1\n"
    )
    found = reader.settings_in(tmp_path / "hparams.yaml")
    assert found["lr"] == 0.1
    assert "torch.relu" in found["act"]
    assert not Path("made").exists()
    for content, said in (("a: [", "cannot be read as YAML"), ("- 1", "holds no settings")):
        (tmp_path / "hparams.yaml").write_text(content)
        with pytest.raises(InvalidTableError, match=said):
            reader.settings_in(tmp_path / "hparams.yaml")
