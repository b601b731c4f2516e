"""A data set as tensors on a device."""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from collect.images.sharing import Shared


@dataclass(frozen=True)
class ResidentImages:
    """A data set on a device: uint8 or float32 images [n, channels, height, width], int64 labels [n], input scaling."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    mean: Tensor
    std: Tensor
    classes: int

    @classmethod
    def open(cls, shared: Shared, device: torch.device) -> Self:
        """Put a shared data set on a device; on the CPU the shared bytes themselves are used."""
        n_train, n_test, image_shape, classes, pixel = shared.size
        dtype: torch.dtype = getattr(torch, pixel)
        each = math.prod(image_shape) * dtype.itemsize
        train, test, *labels = shared.flat().split([n_train * each, n_test * each, 2 * n_train, 2 * n_test])
        train_images, test_images = (values.view(dtype).view(-1, *image_shape).to(device) for values in (train, test))
        train_labels, test_labels = (values.view(-1, 2).long().to(device) for values in labels)
        mean, std = (torch.tensor(values, device=device).view(-1, 1, 1) for values in shared.mean_std)
        return cls(
            train_images,
            train_labels[:, 0] + 256 * train_labels[:, 1],
            test_images,
            test_labels[:, 0] + 256 * test_labels[:, 1],
            mean,
            std,
            classes,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width

    def batch(self, images: Tensor, index: Tensor, moves: Tensor | None = None) -> Tensor:
        """Network input for K trials.

        Args:
            images: [n, channels, height, width].
            index: [K, B], which images each trial sees.
            moves: [K, B, 3], how each is moved (see `moved`); None leaves all where they are.

        Returns:
            [B, K * channels, height, width], (x - mean) / std by channel, x being x / 255 where it is a byte.
        """
        chosen = images[index] if moves is None else moved(images, index, moves)
        scaled = chosen.float().div_(255) if chosen.dtype == torch.uint8 else chosen
        stacked = scaled.sub_(self.mean).div_(self.std)
        return stacked.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)


def moved(images: Tensor, index: Tensor, moves: Tensor) -> Tensor:
    """Images [K, B, channels, height, width] that are cut out `down` and `right` of where they lie, then mirrored.

    Args:
        images: [n, channels, height, width].
        index: [K, B], which images.
        moves: [K, B, 3], pixels down, pixels right, and whether left and right change places. What comes from outside
            an image is zero, as torchvision's RandomCrop pads.
    """
    height, width = images.shape[2:]
    down, right, mirrored = moves.long()[..., None].unbind(2)
    across = torch.arange(width, device=images.device)
    rows = torch.arange(height, device=images.device) + down
    columns = torch.where(mirrored.bool(), width - 1 - across, across) + right
    inside_rows, inside_columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    cut = images[index[..., None, None], :, inside_rows[..., None], inside_columns[:, :, None]]
    outside = (rows != inside_rows)[..., None] | (columns != inside_columns)[:, :, None]
    return cut.masked_fill(outside[..., None], 0).movedim(-1, 2)
