"""BatchNorm whose last batch statistics can be read, for one trial or several side by side."""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BnMode = Literal["train", "batch", "running"]


class BatchNorm(nn.Module):
    """BatchNorm over the channels of a run of trials.

    `train` normalises by the batch and moves the running statistics, `batch` normalises by the batch and leaves them,
    `running` normalises by them. The running variance is the unbiased one, as in torch.nn.BatchNorm2d.

    Args:
        channels: of one trial.
        momenta: of each trial, the share of the newest batch in its running statistics.
        eps: added to the variance.
    """

    running_mean: Tensor
    running_var: Tensor
    batch_mean: Tensor
    batch_var: Tensor
    momentum: Tensor

    def __init__(self, channels: int, momenta: Sequence[float], eps: float) -> None:
        super().__init__()
        self.trials, self.eps = len(momenta), eps
        total = len(momenta) * channels
        self.gamma, self.beta = nn.Parameter(torch.ones(total)), nn.Parameter(torch.zeros(total))
        self.register_buffer("running_mean", torch.zeros(total))
        self.register_buffer("running_var", torch.ones(total))
        self.register_buffer("batch_mean", torch.zeros(total))
        self.register_buffer("batch_var", torch.ones(total))
        momentum = torch.tensor(momenta, dtype=torch.float64).repeat_interleave(channels)
        self.register_buffer("momentum", momentum, persistent=False)

    def forward(self, x: Tensor, mode: BnMode) -> Tensor:
        """Normalise [B, trials * channels, H, W]."""
        if mode == "running":
            return F.batch_norm(x, self.running_mean, self.running_var, self.gamma, self.beta, eps=self.eps)
        # Momentum 1 turns torch's running update into a copy of the batch statistics.
        y = F.batch_norm(
            x,
            self.batch_mean,
            self.batch_var,
            self.gamma,
            self.beta,
            training=True,
            momentum=1.0,
            eps=self.eps,
        )
        if mode == "train":
            with torch.no_grad():
                weight = self.momentum.to(self.running_mean.dtype)
                self.running_mean.lerp_(self.batch_mean, weight)
                self.running_var.lerp_(self.batch_var, weight)
        return y
