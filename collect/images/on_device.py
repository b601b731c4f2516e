"""A data set as tensors on a device."""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from collect.images.sharing import Shared


@dataclass(frozen=True)
class ResidentImages:
    """A data set on a device: uint8 images [n, channels, height, width], int64 labels [n], input scaling."""

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
        n_train, n_test, image_shape, classes = shared.size
        pixels = math.prod(image_shape)
        sizes = [n_train * pixels, n_train, n_test * pixels, n_test]
        train, train_labels, test, test_labels = (values.to(device) for values in shared.flat().split(sizes))
        mean, std = (torch.tensor(values, device=device).view(-1, 1, 1) for values in shared.mean_std)
        return cls(
            train.view(-1, *image_shape),
            train_labels.long(),
            test.view(-1, *image_shape),
            test_labels.long(),
            mean,
            std,
            classes,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width

    def batch(self, images: Tensor, index: Tensor) -> Tensor:
        """Network input for K trials.

        Args:
            images: uint8 [n, channels, height, width].
            index: [K, B], which images each trial sees.

        Returns:
            [B, K * channels, height, width], (x / 255 - mean) / std by channel.
        """
        stacked = images[index].float().div_(255).sub_(self.mean).div_(self.std)
        return stacked.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)
