"""A data set that all workers on a machine share, so that memory holds it once."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from collect.images import Bytes, Images, Size

if TYPE_CHECKING:
    from torch import Tensor


class Shared(Protocol):
    """A data set's extent, the mean and standard deviation of its channels, and where its bytes are."""

    @property
    def size(self) -> Size:
        """Extent of the data set."""

    @property
    def mean_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Of each channel over the training images, pixels in [0, 1]."""

    def flat(self) -> "Tensor":
        """Train images, train labels, test images, test labels: uint8, end to end, not to be written to."""


@dataclass(frozen=True)
class SharedFile:
    """A data set in one flat file that every worker maps."""

    path: Path
    size: Size
    mean_std: tuple[tuple[float, ...], tuple[float, ...]]

    @classmethod
    def write(cls, images: Images, path: Path) -> Self:
        """Write a data set's bytes to `path`."""
        path.write_bytes(flattened(images).tobytes())
        return cls(path, images.size, images.channel_mean_std)

    def flat(self) -> "Tensor":
        """The file, mapped."""
        import torch  # noqa: PLC0415  # in the worker; the parent never imports it

        return torch.from_file(str(self.path), shared=True, size=self.path.stat().st_size, dtype=torch.uint8)


def flattened(images: Images) -> Bytes:
    """Train images, train labels, test images, test labels, end to end."""
    arrays = (images.train_images, images.train_labels, images.test_images, images.test_labels)
    return np.concatenate([array.ravel() for array in arrays])
