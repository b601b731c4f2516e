"""The training loop of one stack of trials, on one page. Everything random comes from each trial's own generators.

Pairing: the initial weights and the batch order of a trial depend on its seed alone (and on the shapes they fill), so
trials of one seed share them across orderings, activations and whatever else leaves the shapes alone.
"""

import hashlib
import math
import time
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from collect.network import StackedCNN
from collect.outcome import Outcome
from collect.recording import Recorder
from collect.resident import ResidentImages
from collect.trial import Settings, Trial


def train(stack: Sequence[Trial], images: ResidentImages, *, probes: bool = True) -> list[Outcome]:
    """Train the trials of one stack side by side and measure them.

    Args:
        stack: trials that agree in everything but seed, ordering, activation and BatchNorm momentum.
        images: the data set, on the device to train on.
        probes: whether to measure inside the network too; training is the same either way.
    """
    started, train_seconds = time.perf_counter(), 0.0
    settings, precision, device = stack[0].settings, stack[0].precision, images.train_images.device
    image_shape = (images.train_images.shape[1], images.train_images.shape[2], images.train_images.shape[3])
    network = StackedCNN([trial.settings for trial in stack], image_shape, images.classes)
    init_hashes = network.initialise([generator_for("initial weights", trial.seed) for trial in stack])
    network.to(device)
    optimizer = optimizer_for(network, settings)
    held_in = len(images.train_labels) - round(settings.validation * len(images.train_labels))
    orders, order_hashes = batch_orders(stack, held_in)
    total = orders.shape[1]
    recorder = Recorder(stack, network, images, total // settings.epochs)
    points = evaluation_steps(total // settings.epochs, settings.epochs, settings.evaluations)
    training_index = recorder.evaluator.training.to(device)
    if probes:
        recorder.probe(0)
    clock = time.perf_counter()
    for step in range(1, total + 1):
        index = training_index[orders[:, step - 1].to(device, torch.int64)]
        x, target = images.batch(images.train_images, index), images.train_labels[index]
        set_learning_rate(optimizer, settings, (step - 1) / total)
        optimizer.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            logits = network(x, "train")
        losses = F.cross_entropy(logits.float().transpose(1, 2), target, reduction="none").mean(1)
        losses.sum().backward()
        optimizer.step()
        recorder.watch(step, losses.isfinite(), "loss")
        if not recorder.alive():
            break
        if step in points:
            train_seconds += time.perf_counter() - clock
            recorder.measure(step)
            if probes:
                recorder.probe(step)
            clock = time.perf_counter()
    recorder.finish(total)
    train_seconds += time.perf_counter() - clock
    for outcome, init_hash, order_hash in zip(recorder.outcomes, init_hashes, order_hashes, strict=True):
        outcome.row |= {
            "init_hash": init_hash,
            "order_hash": order_hash,
            "train_seconds": train_seconds,
            "wall_seconds": time.perf_counter() - started,
            "device": device.type,
            "precision": precision,
            "stack_size": len(stack),
        }
    return recorder.outcomes


def generator_for(purpose: str, seed: int) -> torch.Generator:
    """An independent stream for each purpose and seed."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def batch_orders(stack: Sequence[Trial], n: int) -> tuple[Tensor, list[str]]:
    """Every trial's batches for the whole run: a new permutation each epoch, the last partial batch dropped.

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


def optimizer_for(network: StackedCNN, settings: Settings) -> torch.optim.Optimizer:
    """The optimizer of a recipe; BatchNorm's parameters escape weight decay where the recipe says so."""
    norm = [p for name, p in network.named_parameters() if name.endswith(("gamma", "beta"))]
    other = [p for name, p in network.named_parameters() if not name.endswith(("gamma", "beta"))]
    groups = [
        {"params": other, "weight_decay": settings.weight_decay},
        {"params": norm, "weight_decay": settings.weight_decay if settings.decay_bn else 0.0},
    ]
    used = [group for group in groups if group["params"]]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(used, lr=settings.learning_rate, momentum=settings.momentum, fused=True)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(used, lr=settings.learning_rate, fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, settings: Settings, progress: float) -> None:
    """The schedule's learning rate at a share of the run: constant, or half a cosine from the peak to zero."""
    if settings.schedule == "cosine":
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2
