"""A data set that all workers on a machine share, so that memory holds it once."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from collect.errors import ImagesError
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
        """Of each channel over the training images."""

    def flat(self) -> "Tensor":
        """The bytes as `flattened` has them, uint8, not to be written to."""


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
        """The file, mapped. Torch itself takes no path that is not UTF-8.

        Raises:
            ImagesError: the file is gone, with the folder of the study that it lies in; no trial has failed by that.
        """
        import torch  # noqa: PLC0415  # in the worker; the parent never imports it

        try:
            mapped = np.memmap(self.path, np.uint8, mode="c")  # what was written would stay in the process
        except FileNotFoundError as error:
            raise ImagesError(
                f"{self.path}, where this run keeps its images, is gone; was the study's folder moved? "
                "Then start the run again where the folder is now"
            ) from error
        return torch.from_numpy(mapped)


def flattened(images: Images) -> Bytes:
    """The bytes of train images, test images, train labels, test labels; of a label there are two, the lower first."""
    labels = [found.astype("<u2") for found in (images.train_labels, images.test_labels)]
    arrays = (images.train_images, images.test_images, *labels)
    return np.concatenate([array.ravel().view(np.uint8) for array in arrays])
