"""The path of a study is what arranges and takes its steps, and a line that says so."""

from pathlib import Path

import pytest

from collect.engine.cuda_graph import Captured, fastest
from collect.execute.training_path import path_of, path_on
from collect.images import Size
from collect.network.cnn import StackedCNN
from collect.network.own_stack import OwnStack
from collect.study import study_file as studies
from collect.study.stacks import LARGEST
from tests.collect.network.own_networks import MLP


@pytest.mark.parametrize(
    ("gpus", "reasons", "side_by_side", "said"),
    [
        (0, [], 1, "one trial a worker on the CPU; a GPU would train up to 128 side by side"),
        (0, [None], 1, "one trial a worker on the CPU; a GPU would train up to 128 side by side"),
        (0, [None, "it draws"], 1, "one trial a worker on the CPU; a GPU would train some side by side"),
        (0, ["it draws"], 1, "one trial a worker on the CPU; a GPU would train one at a time, too"),
        (2, [], LARGEST, "up to 128 trials side by side on a GPU, their step one CUDA graph"),
        (2, [None], LARGEST, "up to 128 trials side by side on a GPU by vmap, no CUDA graph"),
        (2, ["it draws", None], LARGEST, "up to 128 trials side by side on a GPU by vmap, some one at a time"),
        (2, ["it draws"], 1, "one trial at a time on a GPU, each step by itself: no stack, no CUDA graph"),
    ],
)
def test_path(
    gpus: int, reasons: list[str | None], side_by_side: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the built-in network and of one's own, without and with GPUs; a terminal's width holds the line."""
    path = path_on(gpus, reasons)
    assert (path.side_by_side, path.in_words()) == (side_by_side, f"Path: {said}")
    assert len(path.in_words()) <= 80
    assert path.one_at_a_time == ("it draws" if "it draws" in reasons else None)
    monkeypatch.setattr(Captured, "__init__", lambda *_: None)
    network = OwnStack if reasons else StackedCNN
    stepper = type("Stepper", (), {"device_type": "cuda" if gpus else "cpu", "network": network})()
    assert path.cuda_graph == isinstance(fastest(stepper, 1), Captured)


@pytest.mark.parametrize(
    ("levels", "stacked", "why"),
    [("0.0", True, None), ("0.0,0.5", True, "it draws at random"), ("0.2,0.5", False, "it draws at random")],
)
def test_the_path_of_one_s_own_is_tried_out(tmp_path: Path, levels: str, *, stacked: bool, why: str | None) -> None:
    """Each level of dropout: without it trials train side by side on a GPU, with it one at a time."""
    (tmp_path / "own.py").write_text(MLP, encoding="utf-8")
    study = tmp_path / "own.toml"
    study.write_text(
        'name = "own"\nnetwork = "own.py:build"\ndataset = "digits"\n[factors]\n'
        f'hidden = [4, 8]\ndropout = [{levels}]\n[analysis]\nfactor = "hidden"\ncontrast = [8, 4]\n',
        encoding="utf-8",
    )
    path = path_of(studies.read(str(study)), {"digits": Size(100, 50, (1, 8, 8), 10, "uint8")})
    assert (path.stacked_on_gpu, path.one_at_a_time) == (stacked, why)
