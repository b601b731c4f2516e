"""A data set and a study small enough to train in a second."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from collect import images
from collect.images.on_device import ResidentImages
from collect.images.sharing import SharedFile
from collect.study.trial import Settings, Trial
from tests.collect import bucket
from tests.collect.commands import collect

# As a worker has it: more would wait for one another, and for the tests beside.
torch.set_num_threads(1)

STUDY = """
name = "tiny"
seeds = 2
[factors]
ordering = ["bn_act", "act_bn"]
depth = [1, 2]
activation = ["relu"]
[recipe]
dataset = "{dataset}"
epochs = 1
batch_size = 32
width = 0.125
evaluations = 3
[analysis]
targets = [0.4]
"""


def blobs(generator: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """N noisy 8 x 8 images of three classes, each with a bright corner of its own."""
    labels = generator.integers(0, 3, n).astype(np.uint8)
    pixels = generator.integers(0, 80, (n, 8, 8), dtype=np.uint8)
    for corner, (rows, columns) in enumerate(
        [(slice(0, 4), slice(0, 4)), (slice(4, 8), slice(0, 4)), (slice(0, 4), slice(4, 8))]
    ):
        pixels[labels == corner, rows, columns] += 120
    return pixels, labels


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images.npz: 256 training and 150 test images."""
    folder = tmp_path_factory.mktemp("blobs")
    generator = np.random.Generator(np.random.PCG64(1))
    (x_train, y_train), (x_test, y_test) = blobs(generator, 256), blobs(generator, 150)
    np.savez(folder / "images.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return folder


@pytest.fixture
def study_file(tmp_path: Path, dataset: Path) -> Path:
    """A study of eight trials on the blobs."""
    path = tmp_path / "tiny.toml"
    path.write_text(STUDY.format(dataset=dataset), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def resident(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> ResidentImages:
    """The blobs as tensors."""
    loaded, _ = images.load(str(dataset), Path())
    shared = SharedFile.write(loaded, tmp_path_factory.mktemp("shared") / "images")
    return ResidentImages.open(shared, torch.device("cpu"))


def trial(seed: int = 0, **settings: object) -> Trial:
    """A small trial on the blobs."""
    small = {"dataset": "blobs", "epochs": 2, "batch_size": 32, "width": 0.25, "evaluations": 4, "depth": 2}
    return Trial(settings=Settings.model_validate({**small, **settings}), seed=seed, data_hash="blobs")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> Path:
    """The tiny study, run without interruption by two workers."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.toml").write_text(STUDY.format(dataset=dataset), encoding="utf-8")
    done = collect("run", "tiny.toml", "--jobs", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "data/tiny: 8 planned = 8 completed + 0 diverged + 0 failed + 0 pending\n"
    return folder / "data" / "tiny"


@pytest.fixture(scope="session")
def s3() -> Iterator[int]:
    """The port of an S3 server."""
    with bucket.serving() as port:
        yield port
