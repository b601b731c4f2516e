"""A data set in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError

Bytes = NDArray[np.uint8]
#: More classes than any data set has.
MOST_CLASSES = 65_535


class Size(NamedTuple):
    """Extent of a data set, and the type of its pixels."""

    n_train: int
    n_test: int
    image_shape: tuple[int, int, int]
    classes: int
    pixel: Literal["uint8", "float32"] = "uint8"


@dataclass(frozen=True)
class Images:
    """Images and their labels.

    Attributes:
        train_images, test_images: uint8, from black to white, or float32 of any scale, [n, channels, height, width];
            of a plain array each feature is a channel of one pixel.
        train_labels, test_labels: uint16, [n], from 0 to classes - 1.
    """

    train_images: NDArray[Any]
    train_labels: NDArray[np.uint16]
    test_images: NDArray[Any]
    test_labels: NDArray[np.uint16]

    @classmethod
    def of(cls, arrays: Sequence[NDArray[Any]], where: str) -> Self:
        """Images from [n, h, w], [n, h, w, channels] or [n, channels, h, w] pixels and [n] labels, train then test.

        Of four axes two neighbours are equal in a square image; in any other the channels are the shorter one. A plain
        array, [n, features], becomes [n, features, 1, 1], so that each feature is scaled by itself.

        Raises:
            ImagesError: they are no such arrays; `where` is what they are called.
        """
        for pixels, labels in (arrays[:2], arrays[2:]):
            if not (pixels.dtype == np.uint8 or pixels.dtype.kind == "f") or pixels.ndim not in (2, 3, 4):
                raise ImagesError(
                    f"{where}: images must be uint8, or floating-point numbers, of shape n x height x width, "
                    "with channels last or second if any, or n x features"
                )
            if pixels.dtype.kind == "f" and not np.isfinite(pixels.astype(np.float32)).all():
                raise ImagesError(f"{where}: images must have finite values alone, in single precision too")
            if labels.ndim != 1 or len(labels) != len(pixels) or len(labels) == 0:
                raise ImagesError(f"{where}: there must be one label for each of the {len(pixels)} images")
            if labels.dtype.kind not in "ui" or labels.min() < 0 or labels.max() >= MOST_CLASSES:
                raise ImagesError(f"{where}: labels must be whole numbers from 0 to {MOST_CLASSES - 1}")
        if (arrays[0].dtype, arrays[0].shape[1:]) != (arrays[2].dtype, arrays[2].shape[1:]):
            raise ImagesError(f"{where}: training and test images differ in shape or type")
        train, test = (np.ascontiguousarray(_channels_second(pixels)) for pixels in arrays[::2])
        return cls(train, arrays[1].astype(np.uint16), test, arrays[3].astype(np.uint16))

    @property
    def size(self) -> Size:
        """Extent of the data set."""
        channels, height, width = self.train_images.shape[1:]
        return Size(len(self.train_labels), len(self.test_labels), (channels, height, width), self.classes, self._pixel)

    @property
    def _pixel(self) -> Literal["uint8", "float32"]:
        return "uint8" if self.train_images.dtype == np.uint8 else "float32"

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(max(self.train_labels.max(), self.test_labels.max())) + 1

    @property
    def channel_mean_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel over the training images.

        Of bytes, taken for numbers from 0 to 1, to four digits: for MNIST these are the well-known .1307 and .3081.
        """
        pixels = self.train_images
        if self._pixel == "float32":
            spread = pixels.std(axis=(0, 2, 3), dtype=np.float64)
            centre = pixels.mean(axis=(0, 2, 3), dtype=np.float64)
            return tuple(centre.tolist()), tuple(np.where(spread > 0, spread, 1.0).tolist())
        mean = pixels.mean(axis=(0, 2, 3), dtype=np.float64) / 255
        std = pixels.std(axis=(0, 2, 3), dtype=np.float64) / 255
        return tuple(np.round(mean, 4).tolist()), tuple(np.maximum(np.round(std, 4), 1e-4).tolist())


def _channels_second(pixels: NDArray[Any]) -> NDArray[Any]:
    """Bytes as they are, other numbers in single precision."""
    if pixels.dtype.kind == "f":
        pixels = pixels.astype(np.float32)
    if pixels.ndim == 2:
        return pixels[:, :, None, None]
    if pixels.ndim == 3:
        return pixels[:, None]
    second, third, last = pixels.shape[1:]
    channels_second = second != third and (third == last or second < last)
    return pixels if channels_second else np.moveaxis(pixels, 3, 1)
