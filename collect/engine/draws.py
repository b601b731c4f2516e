"""What is drawn at random. Every draw has a Generator of its own.

Pairing: the initial weights and the batch order of a trial depend on its seed alone (and on the shapes they fill), so
trials of one seed share them across orderings, activations and whatever else leaves the shapes alone. What dropout
leaves out and how images are moved depend on seed and step, likewise.
"""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

from collect.study.trial import Trial

#: Pixels that images are moved at most, each way.
REACH = {"none": 0, "shift": 2, "flip_crop": 4}


def generator_for(purpose: str, seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """An independent stream for each purpose and seed."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def generators_of_step(step: int, seeds: Sequence[int], device: torch.device) -> list[torch.Generator]:
    """What the networks draw in a step, a stream for each trial: one that goes on from a step needs no state of it."""
    return [generator_for(f"network in step {step}", seed, device) for seed in seeds]


def batch_orders(stack: Sequence[Trial], training: Tensor) -> tuple[Tensor, list[str]]:
    """Every trial's batches for the whole run: a new permutation each epoch, the last partial batch dropped.

    Args:
        stack: trials of one batch size and number of epochs.
        training: which images are trained on, [n].

    Returns:
        Those of each batch, int32 [steps, K, batch_size], and the SHA-256 of each trial's order.
    """
    n, epochs, batch_size = len(training), stack[0].settings.epochs, stack[0].settings.batch_size
    of_an_epoch = n // batch_size
    batches, hashes = torch.empty(epochs * of_an_epoch, len(stack), batch_size, dtype=torch.int32), []
    for k, trial in enumerate(stack):
        generator = generator_for("batch order", trial.seed)
        permutations = [torch.randperm(n, generator=generator, dtype=torch.int32) for _ in range(epochs)]
        order = torch.stack(permutations)[:, : of_an_epoch * batch_size].reshape(-1, batch_size)
        batches[:, k] = training.int()[order]
        hashes.append(hashlib.sha256(order.numpy().tobytes()).hexdigest())
    return batches, hashes


def augmentations(stack: Sequence[Trial], steps: int) -> Tensor | None:
    """How the images of each batch of the whole run are moved; None where no trial moves any.

    shift: up to 2 pixels each way. flip_crop: mirrored in half of the cases, and up to 4 pixels each way, a random
    crop of the image with 4 pixels of zeros around it.

    Returns:
        int8 [steps, K, batch_size, 3]: pixels down, pixels right, whether mirrored.
    """
    if all(trial.settings.augment == "none" for trial in stack):
        return None
    moves = torch.zeros(steps, len(stack), stack[0].settings.batch_size, 3, dtype=torch.int8)
    for k, trial in enumerate(stack):
        reach = REACH[trial.settings.augment]
        generator = generator_for("augmentation", trial.seed)
        moves[:, k, :, :2].random_(-reach, reach + 1, generator=generator)
        if trial.settings.augment == "flip_crop":
            moves[:, k, :, 2].random_(0, 2, generator=generator)
    return moves
