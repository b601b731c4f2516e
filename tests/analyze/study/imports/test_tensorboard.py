"""Event files, written by torch's SummaryWriter and by TensorBoard's own writer in the test."""

from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.scalar.metadata import create_summary_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto
from torch.utils.tensorboard import SummaryWriter

from tests.analyze.study.imports.runs import RUNS, check

pytestmark = pytest.mark.filterwarnings("ignore")


def test_hyperparameters_are_settings(tmp_path: Path) -> None:
    """Of torch's add_hparams, which keeps them in a folder of its own inside the run's."""
    for number, run in enumerate(RUNS):
        with SummaryWriter(str(tmp_path / "logs" / f"run_{number}")) as writer:
            for step, loss in enumerate(run.losses):
                writer.add_scalar("val/loss", loss, step)
            writer.add_hparams({**run._asdict(), "lr": 1e-3}, {"test_accuracy": run.accuracy})
    study = check(tmp_path / "logs", tmp_path / "out")
    assert study.design.shared["lr"] == 0.001


def test_folders_names_are_settings(tmp_path: Path) -> None:
    """Where there are no hyperparameters; scalars of TensorFlow 2 are tensors."""
    for run in RUNS:
        folder = tmp_path / "logs" / f"optimizer={run.optimizer},depth={run.depth}" / f"seed={run.seed}"
        writer = EventFileWriter(str(folder))
        for step, loss in enumerate(run.losses):
            writer.add_event(_event("validation_loss", loss, step))
        writer.add_event(_event("test_accuracy", run.accuracy, 3))
        writer.close()
    check(tmp_path / "logs", tmp_path / "out")


def _event(tag: str, value: float, step: int) -> Event:
    """A scalar as TensorFlow 2 writes it."""
    value_of = Summary.Value(
        tag=tag, tensor=make_tensor_proto(np.float32(value)), metadata=create_summary_metadata("", "")
    )
    return Event(step=step, summary=Summary(value=[value_of]))


def test_a_name_without_a_setting_is_a_level(tmp_path: Path) -> None:
    """Whoever names folders after levels alone finds them as columns."""
    for name in ("adam/1", "sgd/1"):
        with SummaryWriter(str(tmp_path / "logs" / name)) as writer:
            writer.add_scalar("test_accuracy", 0.5, 0)
    from analyze.study.imports import tensorboard

    found = list(tensorboard.read(str(tmp_path / "logs")))
    assert [(run.id, run.settings) for run in found] == [
        ("adam/1", {"folder_1": "adam", "folder_2": "1"}),
        ("sgd/1", {"folder_1": "sgd", "folder_2": "1"}),
    ]
