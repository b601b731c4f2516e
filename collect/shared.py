"""A data set in one flat file that every worker maps, so that memory holds it once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from collect.images import Images, Size


@dataclass(frozen=True)
class SharedImages:
    """Where the bytes of a data set lie: train images, train labels, test images, test labels."""

    path: Path
    size: Size
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def write(cls, images: Images, path: Path) -> Self:
        """Write a data set's bytes to `path`."""
        with path.open("wb") as file:
            for array in (images.train_images, images.train_labels, images.test_images, images.test_labels):
                file.write(array.tobytes())
        return cls(path, images.size, *images.channel_mean_std)
