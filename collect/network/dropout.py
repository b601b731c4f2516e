"""Dropout, drawn before a step by each trial's own generator, so that a captured step only reads what was drawn."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Leaves out values of a run of trials at random and scales up the others (Srivastava et al. 2014).

    Args:
        shares: of each trial, the share that is left out.
        shape: (batch, channels, height, width) of one trial's maps.
    """

    scale: Tensor

    def __init__(self, shares: Sequence[float], shape: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.shares, self.shape = tuple(shares), shape
        scale = torch.tensor([1 / (1 - share) for share in shares], dtype=torch.float64).repeat_interleave(shape[1])
        self.register_buffer("scale", scale.view(1, -1, 1, 1), persistent=False)
        self.kept: Tensor | None = None

    def draw(self, generators: Sequence[torch.Generator]) -> None:
        """Draw what the next step keeps; a trial that leaves nothing out draws nothing."""
        batch, channels, *places = self.shape
        if self.kept is None:
            whole = torch.ones(batch, len(self.shares) * channels, *places, dtype=torch.bool, device=self.scale.device)
            self.kept = whole.contiguous(memory_format=torch.channels_last)
        for share, generator, kept in zip(self.shares, generators, self.kept.split(channels, 1), strict=True):
            if share:
                kept.copy_(torch.rand(self.shape, generator=generator, device=kept.device) >= share)

    def forward(self, x: Tensor) -> Tensor:
        """[B, trials * channels, H, W] with what was drawn last."""
        assert self.kept is not None
        return x * self.kept * self.scale.to(x.dtype)
