"""The path of a study is what arranges and takes its steps, and a line that says so."""

import pytest

from collect.engine.cuda_graph import Captured, fastest
from collect.execute.training_path import path_on
from collect.network.cnn import StackedCNN
from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.study.stacks import LARGEST


@pytest.mark.parametrize(
    ("gpus", "network", "side_by_side", "said"),
    [
        (0, StackedCNN, 1, "one trial a worker on the CPU; a GPU would train up to 128 side by side"),
        (0, OwnModule, 1, "one trial a worker on the CPU; a GPU would train one at a time, too"),
        (2, StackedCNN, LARGEST, "up to 128 trials side by side on a GPU, their step one CUDA graph"),
        (2, OwnModule, 1, "one trial at a time on a GPU, each step by itself: no stack, no CUDA graph"),
    ],
)
def test_path(gpus: int, network: type[Network], side_by_side: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the built-in network and of one's own, without and with GPUs; a terminal's width holds the line."""
    path = path_on(gpus, network)
    assert (path.side_by_side, path.in_words()) == (side_by_side, f"Path: {said}")
    assert len(path.in_words()) <= 80
    monkeypatch.setattr(Captured, "__init__", lambda *_: None)
    stepper = type("Stepper", (), {"device_type": "cuda" if gpus else "cpu", "network": network})()
    assert path.cuda_graph == isinstance(fastest(stepper, 1), Captured)
