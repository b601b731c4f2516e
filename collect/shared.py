"""A data set in one flat file that every worker maps, so that memory holds it once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from collect.images import Images


@dataclass(frozen=True)
class SharedImages:
    """Where the bytes of a data set lie: train images, train labels, test images, test labels."""

    path: Path
    n_train: int
    n_test: int
    image_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: int

    @classmethod
    def write(cls, images: Images, path: Path) -> Self:
        """Write a data set's bytes to `path`."""
        with path.open("wb") as file:
            for array in (images.train_images, images.train_labels, images.test_images, images.test_labels):
                file.write(array.tobytes())
        channels, height, width = images.train_images.shape[1:]
        mean, std = images.channel_mean_std
        n_train, n_test = len(images.train_labels), len(images.test_labels)
        return cls(path, n_train, n_test, (channels, height, width), mean, std, images.classes)
