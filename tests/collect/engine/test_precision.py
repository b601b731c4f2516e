"""Arithmetic and stacking move single numbers, not what a study finds: final accuracy is distributed alike."""

from pathlib import Path

import numpy as np
import pytest
import torch

from analyze.inference.paired import tost_p
from collect import images
from collect.engine import arithmetic
from collect.engine.training import train
from collect.errors import StudyError
from collect.images.on_device import ResidentImages
from collect.images.sharing import SharedFile
from collect.study.trial import Precision, Trial
from tests.collect.conftest import trial

SEEDS = 30
MARGIN_PP = 0.5
SETTINGS = {"epochs": 4, "evaluations": 1}


@pytest.fixture(scope="module")
def faint(tmp_path_factory: pytest.TempPathFactory) -> ResidentImages:
    """Three corners that are hard to see: a small network finds three of four images' class after four epochs."""
    generator = np.random.Generator(np.random.PCG64(1))
    arrays = {}
    for name, n in (("train", 512), ("test", 1000)):
        labels = generator.integers(0, 3, n).astype(np.uint8)
        pixels = generator.integers(0, 200, (n, 8, 8), dtype=np.uint8)
        for corner, (top, left) in enumerate([(0, 0), (4, 0), (0, 4)]):
            pixels[labels == corner, top : top + 4, left : left + 4] += 40
        arrays |= {f"x_{name}": pixels, f"y_{name}": labels}
    folder = tmp_path_factory.mktemp("faint")
    np.savez(folder / "images.npz", **arrays)
    loaded, _ = images.load(str(folder), Path())
    return ResidentImages.open(SharedFile.write(loaded, folder / "images"), torch.device("cpu"))


def trials(precision: Precision = "fp32") -> list[Trial]:
    """One trial a seed."""
    return [
        trial(seed=seed, **SETTINGS).model_copy(update={"precision": precision})  # type: ignore[arg-type]  # settings
        for seed in range(SEEDS)
    ]


def accuracies(stack: list[Trial], resident: ResidentImages) -> np.ndarray:
    """Final accuracy in percentage points of trials that train side by side."""
    return 100 * np.array([outcome.row.test_accuracy for outcome in train(stack, resident, probes=False)])


@pytest.fixture(scope="module")
def alone(faint: ResidentImages) -> np.ndarray:
    """Final accuracy of each trial by itself, in fp32."""
    return np.concatenate([accuracies([one], faint) for one in trials()])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_stacked_trials_are_distributed_as_single_ones(
    faint: ResidentImages, alone: np.ndarray, precision: Precision
) -> None:
    """30 seeds in one stack against each alone in fp32: equivalent within half a point (paired TOST at .05)."""
    difference = accuracies(trials(precision), faint) - alone
    assert alone.std(ddof=1) > MARGIN_PP, "without spread there is nothing to compare"
    assert tost_p(difference, MARGIN_PP) < 0.05


def test_a_workers_own_gpu_is_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams, graphs and memory statistics are of the current device, which is the first unless one says so."""
    chosen: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    arithmetic.use("fp32", torch.device("cuda:1"))
    arithmetic.use("fp32", torch.device("cpu"))
    assert chosen == [torch.device("cuda:1")]


def test_arithmetic_is_what_its_name_says() -> None:
    """Fp32 is IEEE on a GPU too; tf32 has to be asked for, and a CPU has none."""
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    try:
        arithmetic.use("tf32", gpu)
        assert torch.backends.cudnn.allow_tf32
        assert torch.backends.cuda.matmul.allow_tf32
        assert not torch.are_deterministic_algorithms_enabled()
        arithmetic.use("fp32", gpu)
        assert not torch.backends.cudnn.allow_tf32
        assert not torch.backends.cuda.matmul.allow_tf32
    finally:
        arithmetic.use("fp32", cpu)
    assert torch.are_deterministic_algorithms_enabled()
    with pytest.raises(StudyError, match="choose fp32 or bf16"):
        arithmetic.use("tf32", cpu)
