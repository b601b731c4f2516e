"""A data set in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError

Bytes = NDArray[np.uint8]


class Size(NamedTuple):
    """Extent of a data set."""

    n_train: int
    n_test: int
    image_shape: tuple[int, int, int]
    classes: int


@dataclass(frozen=True)
class Images:
    """Images and their labels.

    Attributes:
        train_images, test_images: uint8, [n, channels, height, width].
        train_labels, test_labels: uint8, [n], from 0 to classes - 1.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes

    @classmethod
    def of(cls, arrays: Sequence[NDArray[Any]], where: str) -> Self:
        """Images from [n, h, w] or [n, h, w, channels] pixels and [n] labels, train then test.

        Raises:
            ImagesError: they are no such arrays; `where` is what they are called.
        """
        for pixels, labels in (arrays[:2], arrays[2:]):
            if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4):
                raise ImagesError(f"{where}: images must be uint8 of shape n x height x width (x channels)")
            if labels.ndim != 1 or len(labels) != len(pixels) or len(labels) == 0:
                raise ImagesError(f"{where}: there must be one label for each of the {len(pixels)} images")
            if labels.dtype.kind not in "ui" or labels.min() < 0 or labels.max() > 255:
                raise ImagesError(f"{where}: labels must be whole numbers from 0 to 255")
            if min(pixels.shape[1:3]) < 4 or pixels.shape[1] != pixels.shape[2]:
                raise ImagesError(f"{where}: images must be square and at least 4 x 4, for they are pooled twice")
        if arrays[0].shape[1:] != arrays[2].shape[1:]:
            raise ImagesError(f"{where}: training and test images differ in shape")
        train, test = (
            np.ascontiguousarray(np.moveaxis(pixels, 3, 1) if pixels.ndim == 4 else pixels[:, None])
            for pixels in arrays[::2]
        )
        return cls(train, arrays[1].astype(np.uint8), test, arrays[3].astype(np.uint8))

    @property
    def size(self) -> Size:
        """Extent of the data set."""
        channels, height, width = self.train_images.shape[1:]
        return Size(len(self.train_labels), len(self.test_labels), (channels, height, width), self.classes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(max(self.train_labels.max(), self.test_labels.max())) + 1

    @property
    def channel_mean_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel over the training images, pixels in [0, 1], to four digits.

        For MNIST these are the well-known .1307 and .3081.
        """
        pixels = self.train_images
        mean = pixels.mean(axis=(0, 2, 3), dtype=np.float64) / 255
        std = pixels.std(axis=(0, 2, 3), dtype=np.float64) / 255
        return tuple(np.round(mean, 4).tolist()), tuple(np.maximum(np.round(std, 4), 1e-4).tolist())
