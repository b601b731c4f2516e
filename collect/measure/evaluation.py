"""What is measured of a network's predictions, and on which images, so that batch statistics mean the same everywhere.

The test order is shuffled once by a fixed Generator (sorted labels would make one-class batches), the batch is 128
whatever the stack or the memory, and the last batch is filled up with images from the start of the order, which count
once. Running statistics are never touched. The test subset is the first 512 images of that order; the training subset
is one fixed draw of 5000.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from collect.images.on_device import ResidentImages
from collect.network.interface import Network
from collect.network.norms import BnMode

BATCH = 128
TEST_SUBSET = 512
TRAIN_SUBSET = 5000
ORDER_SEED = 150_203_167  # any constant would do, but it must stay


@dataclass(frozen=True)
class Measurement:
    """One network of K trials on one set of images in one BatchNorm mode.

    Attributes:
        loss: mean cross-entropy in nats, [K].
        correct: whether each image is classified correctly, [K, n], in evaluation order.
        predicted: the class each image is given, [K, n].
    """

    split: str
    eval_set: str
    bn_mode: str
    loss: Tensor
    correct: Tensor
    predicted: Tensor


class Evaluator:
    """Evaluates stacks on one data set; the orders are fixed when it is made."""

    def __init__(self, images: ResidentImages, validation: float, precision: str) -> None:
        self.images, self.precision = images, precision
        generator = torch.Generator().manual_seed(ORDER_SEED)
        self.test_order = torch.randperm(len(images.test_labels), generator=generator)
        #: Share of the most frequent class among the test images: what guessing scores.
        self.majority_share = int(images.test_labels.bincount().max()) / len(images.test_labels)
        shuffled = torch.randperm(len(images.train_labels), generator=generator)
        held_out = round(validation * len(shuffled))
        #: Training images that are trained on, and those that are held out.
        self.training, self.validation = shuffled[held_out:].sort().values, shuffled[:held_out]
        self.train_order = shuffled[held_out:][:TRAIN_SUBSET]

    def measure(self, network: Network, *, epoch_end: bool) -> list[Measurement]:
        """The fixed test subset in both modes; at an epoch's end all of test too, and the subsets of train."""
        modes: tuple[BnMode, ...] = (
            ("running", "batch") if any(map(network.normalises, network.stack)) else ("running",)
        )
        test = self.test_order if epoch_end else self.test_order[:TEST_SUBSET]
        measurements = []
        for mode in modes:
            seen = self._predict(network, self.images.test_images, self.images.test_labels, test, mode)
            measurements.append(_measured("test", "subset", mode, [values[:, :TEST_SUBSET] for values in seen]))
            if epoch_end:
                measurements.append(_measured("test", "full", mode, seen))
        if epoch_end:
            for split, eval_set, order in (
                ("train", "subset", self.train_order),
                ("validation", "full", self.validation),
            ):
                if len(order):
                    seen = self._predict(network, self.images.train_images, self.images.train_labels, order, "running")
                    measurements.append(_measured(split, eval_set, "running", seen))
        return measurements

    @torch.no_grad()
    def _predict(self, network: Network, pixels: Tensor, labels: Tensor, order: Tensor, mode: BnMode) -> list[Tensor]:
        """Cross-entropy, correctness and predicted class of every image, each [K, len(order)]."""
        batches = -(-len(order) // BATCH)
        filled = order.repeat(-(-batches * BATCH // len(order)))[: batches * BATCH].view(batches, BATCH)
        seen = []
        for index in filled.to(pixels.device):
            x = self.images.batch(pixels, index.expand(network.trials, -1))
            target = labels[index].expand(network.trials, -1)
            with torch.autocast(pixels.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                logits = network(x, mode)
            logits = logits.float()
            predicted = logits.argmax(2)
            loss = F.cross_entropy(logits.transpose(1, 2), target, reduction="none")
            seen.append((loss, predicted == target, predicted))
        return [torch.cat(values, 1)[:, : len(order)].cpu() for values in zip(*seen, strict=True)]


def _measured(split: str, eval_set: str, mode: BnMode, seen: Sequence[Tensor]) -> Measurement:
    loss, correct, predicted = seen
    return Measurement(split, eval_set, mode, loss.mean(1), correct, predicted)


def evaluation_steps(steps_per_epoch: int, epochs: int, points: int) -> set[int]:
    """`points` steps spaced evenly in log examples from the first step to the last, and every epoch's end."""
    total = steps_per_epoch * epochs
    spaced = np.rint(np.geomspace(1, total, points)).astype(int).tolist()
    return {*spaced, *range(steps_per_epoch, total + 1, steps_per_epoch)}
