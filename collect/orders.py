"""What is drawn at random, and when the trials are measured. Every draw has a Generator of its own.

Pairing: the initial weights and the batch order of a trial depend on its seed alone (and on the shapes they fill), so
trials of one seed share them across orderings, activations and whatever else leaves the shapes alone.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from collect.trial import Trial


def generator_for(purpose: str, seed: int) -> torch.Generator:
    """An independent stream for each purpose and seed."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def batch_orders(stack: Sequence[Trial], n: int) -> tuple[Tensor, list[str]]:
    """Every trial's batches for the whole run: a new permutation each epoch, the last partial batch dropped.

    Args:
        stack: trials of one batch size and number of epochs.
        n: number of images that are trained on.

    Returns:
        int32 [K, steps, batch_size], and the SHA-256 of each trial's.
    """
    epochs, batch_size = stack[0].settings.epochs, stack[0].settings.batch_size
    orders, hashes = [], []
    for trial in stack:
        generator = generator_for("batch order", trial.seed)
        permutations = [torch.randperm(n, generator=generator, dtype=torch.int32) for _ in range(epochs)]
        batches = torch.stack(permutations)[:, : n // batch_size * batch_size].reshape(-1, batch_size)
        orders.append(batches)
        hashes.append(hashlib.sha256(batches.numpy().tobytes()).hexdigest())
    return torch.stack(orders), hashes


def evaluation_steps(steps_per_epoch: int, epochs: int, points: int) -> set[int]:
    """`points` steps spaced evenly in log examples from the first step to the last, and every epoch's end."""
    total = steps_per_epoch * epochs
    spaced = np.rint(np.geomspace(1, total, points)).astype(int).tolist()
    return {*spaced, *range(steps_per_epoch, total + 1, steps_per_epoch)}
