"""One optimizer step of all trials of a stack: gather, forward, backward, update."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from collect.engine.draws import generators_of_step
from collect.engine.optimizer import StackOptimizer
from collect.images.on_device import ResidentImages
from collect.network.interface import Network
from collect.study.trial import Precision

if TYPE_CHECKING:
    from collections.abc import Callable


class Stepper:
    """Trains a stack step by step and keeps the first step at which each trial's loss was not finite.

    Args:
        network: of K trials.
        optimizer: over its parameters.
        images: the data set, on the network's device.
        seeds: of the trials, for what their networks draw.
        batches: which images each trial sees at each step, int32 [steps, K, B] in main memory.
        precision: arithmetic of forward and backward pass.
        moves: how each of these images is moved, int8 [steps, K, B, 3] in main memory; None where none is.

    Attributes:
        diverged_at: 0 or that step, int64 [K], on the device.
    """

    def __init__(
        self,
        network: Network,
        optimizer: StackOptimizer,
        images: ResidentImages,
        seeds: Sequence[int],
        batches: Tensor,
        precision: Precision,
        moves: Tensor | None = None,
    ) -> None:
        self.network, self.optimizer, self.images, self.precision = network, optimizer, images, precision
        self._forward: Callable[..., Tensor] = network
        device = images.train_images.device
        self.device_type, self.seeds = device.type, tuple(seeds)
        self.batches = batches.pin_memory() if device.type == "cuda" else batches
        self.index = torch.zeros(batches.shape[1:], dtype=torch.int32, device=device)
        self.moves = moves
        self.move = None if moves is None else torch.zeros(moves.shape[1:], dtype=moves.dtype, device=device)
        self.step = torch.zeros((), dtype=torch.int64, device=device)
        self.diverged_at = torch.zeros(batches.shape[1], dtype=torch.int64, device=device)

    def __call__(self, step: int) -> None:
        """Take a step, counted from 1."""
        self.prepare(step)
        self.compute()

    def compile(self) -> None:
        """Compile the network's forward and backward pass; where that cannot be done, they stay as they are."""
        torch._dynamo.reset()  # noqa: SLF001  # documented; earlier stacks' code counts against a limit
        torch._dynamo.config.suppress_errors = True  # noqa: SLF001  # the documented switch
        self._forward = torch.compile(self.network, dynamic=False)

    def prepare(self, step: int) -> None:
        """Set what differs from step to step."""
        self.optimizer.schedule(step)
        self.step.fill_(step)
        self.index.copy_(self.batches[step - 1], non_blocking=True)
        if self.moves is not None and self.move is not None:
            self.move.copy_(self.moves[step - 1], non_blocking=True)
        if self.network.draws:
            self.network.draw(generators_of_step(step, self.seeds, self.index.device))

    def compute(self) -> None:
        """The step itself; it reads and writes the same memory each time."""
        index = self.index.long()
        x, target = self.images.batch(self.images.train_images, index, self.move), self.images.train_labels[index]
        self.optimizer.zero_grad()
        with torch.autocast(self.device_type, torch.bfloat16, enabled=self.precision == "bf16"):
            logits = self._forward(x, "train")
        losses = F.cross_entropy(logits.float().transpose(1, 2), target, reduction="none").mean(1)
        losses.sum().backward()
        self.optimizer.step()
        first = (self.diverged_at == 0) & ~losses.detach().isfinite()
        self.diverged_at.copy_(torch.where(first, self.step, self.diverged_at))
