"""What the ordering places, for one trial or several: BatchNorm, of which batch statistics are read, or ImageNorm."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.study.trial import Settings

BnMode = Literal["train", "batch", "running"]

#: Of the channels of one trial, under norm = group.
GROUPS = 4


def places(settings: Settings) -> bool:
    """Whether there is a norm and a place for it."""
    return settings.ordering != "none" and settings.norm != "none"


def normalises_batches(settings: Settings) -> bool:
    """Whether there is BatchNorm, and so a difference between batch and running statistics."""
    return settings.norm == "batch" and places(settings)


def made_for(run: Sequence[Settings], channels: int) -> "BatchNorm | ImageNorm":
    """The norm of trials that agree in it and in its epsilon; `channels` are those of one trial."""
    if run[0].norm == "batch":
        return BatchNorm(channels, [settings.bn_momentum for settings in run], run[0].bn_eps)
    groups = math.gcd(GROUPS, channels) if run[0].norm == "group" else 1
    return ImageNorm(channels, len(run), groups, run[0].bn_eps)


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


class ImageNorm(nn.Module):
    """Normalises each image by itself, over groups of the channels of each trial; it is the same in every mode.

    One group is LayerNorm over channels and places, with a scale and a shift a channel; several are GroupNorm
    (Wu & He 2018, arXiv 1803.08494), of which it is the case G = 1.

    Args:
        channels: of one trial.
        trials: of the run.
        groups: of the channels of one trial.
        eps: added to the variance.
    """

    def __init__(self, channels: int, trials: int, groups: int, eps: float) -> None:
        super().__init__()
        self.trials, self.groups, self.eps = trials, groups, eps
        self.gamma = nn.Parameter(torch.ones(trials * channels))
        self.beta = nn.Parameter(torch.zeros(trials * channels))

    def forward(self, x: Tensor, _: BnMode) -> Tensor:
        """Normalise [B, trials * channels, H, W]."""
        return F.group_norm(x, self.trials * self.groups, self.gamma, self.beta, self.eps)
