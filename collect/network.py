"""The CNN of K stacked trials; K = 1 is the ordinary network.

Trials that share shapes stand side by side as channel groups of one network: feature maps are [B, K * C, H, W], every
convolution has K groups, BatchNorm over K * C channels is K independent BatchNorms, and the K classifiers are one
`baddbmm`. Consecutive trials of equal ordering, activation and BatchNorm momentum form a `Group` and are normalised and
activated together. Trials never mix: what one does cannot reach another.

Depth d spreads over the three stages as evenly as it can, earlier stages first: 2 = 1+1+0, 4 = 2+1+1, 8 = 3+3+2. A
2 x 2 max-pool follows the first and the second stage, whatever the ordering.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.activations import ACTIVATIONS
from collect.trial import Settings

STAGE_CHANNELS = (16, 32, 64)

BnMode = Literal["train", "batch", "running"]


def stage_depths(depth: int) -> tuple[int, int, int]:
    """Convolutions in each of the three stages."""
    return (depth + 2) // 3, (depth + 1) // 3, depth // 3


class Group(NamedTuple):
    """Consecutive trials start … stop - 1 of a stack that are normalised and activated together."""

    start: int
    stop: int
    ordering: str
    activation: str
    bn_momentum: float


def groups_of(stack: Sequence[Settings]) -> tuple[Group, ...]:
    """Runs of consecutive trials with equal ordering, activation and BatchNorm momentum."""
    runs, start = [], 0
    for key, members in groupby(stack, key=lambda s: (s.ordering, s.activation, s.bn_momentum)):
        stop = start + len(list(members))
        runs.append(Group(start, stop, *key))
        start = stop
    return tuple(runs)


class BatchNorm(nn.Module):
    """BatchNorm over channels whose last batch statistics can be read.

    `train` normalises by the batch and moves the running statistics, `batch` normalises by the batch and leaves them,
    `running` normalises by them. The running variance is the unbiased one, as in torch.nn.BatchNorm2d.
    """

    running_mean: Tensor
    running_var: Tensor
    batch_mean: Tensor
    batch_var: Tensor

    def __init__(self, channels: int, momentum: float, eps: float) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("batch_mean", torch.zeros(channels))
        self.register_buffer("batch_var", torch.ones(channels))

    def forward(self, x: Tensor, mode: BnMode) -> Tensor:
        """Normalise [B, channels, H, W]."""
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
                self.running_mean.lerp_(self.batch_mean, self.momentum)
                self.running_var.lerp_(self.batch_var, self.momentum)
        return y


class Block(nn.Module):
    """One convolution of every trial, with what its ordering puts around it."""

    def __init__(self, groups: Sequence[Group], channels_in: int, channels_out: int, bn_eps: float) -> None:
        super().__init__()
        self.groups, self.channels_in, self.channels_out = groups, channels_in, channels_out
        trials = groups[-1].stop
        self.weight = nn.Parameter(torch.empty(trials * channels_out, channels_in, 3, 3))
        self.bias = nn.Parameter(torch.empty(trials * channels_out))
        self.norms = nn.ModuleList(
            nn.Identity()
            if group.ordering == "none"
            else BatchNorm(
                (group.stop - group.start) * (channels_in if group.ordering == "bn_conv" else channels_out),
                group.bn_momentum,
                bn_eps,
            )
            for group in groups
        )

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None) -> Tensor:
        """[B, K * channels_in, H, W] -> [B, K * channels_out, H, W]; `record` receives the activations' outputs."""
        if any(group.ordering == "bn_conv" for group in self.groups):
            parts = self._split(x, self.channels_in)
            x = _joined(
                [
                    norm(part, mode) if group.ordering == "bn_conv" else part
                    for group, norm, part in zip(self.groups, self.norms, parts, strict=True)
                ]
            )
        x = F.conv2d(x, self.weight, self.bias, padding=1, groups=self.groups[-1].stop)
        outputs, activated = [], []
        for group, norm, part in zip(self.groups, self.norms, self._split(x, self.channels_out), strict=True):
            y = norm(part, mode) if group.ordering == "bn_act" else part
            activation = ACTIVATIONS[group.activation]
            # A part of several is a view, which autograd does not let an operation overwrite.
            overwrite = activation.in_place if len(self.groups) == 1 or y is not part else None
            y = (overwrite or activation.function)(y)
            activated.append(y)
            outputs.append(norm(y, mode) if group.ordering == "act_bn" else y)
        if record is not None:
            record.append(_joined(activated))
        return _joined(outputs)

    def _split(self, x: Tensor, channels: int) -> Sequence[Tensor]:
        """Each group's channels; a single group's are x itself."""
        if len(self.groups) == 1:
            return (x,)
        parts: tuple[Tensor, ...] = x.split([(group.stop - group.start) * channels for group in self.groups], 1)
        return parts


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), 1)


class StackedCNN(nn.Module):
    """K trials that agree in depth, width, head and BatchNorm's epsilon, as one network.

    Args:
        stack: the trials' settings.
        image_shape: (channels, height, width) of one image.
        classes: number of classes.
    """

    def __init__(self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        shapes = {(s.depth, s.width, s.head, s.bn_eps) for s in stack}
        if len(shapes) != 1:
            raise ValueError(f"trials of one stack must share depth, width, head and bn_eps, not {shapes}")
        self.stack, self.trials = tuple(stack), len(stack)
        depth, width, self.head, bn_eps = shapes.pop()
        channels, height, side = image_shape
        groups = groups_of(stack)
        self.blocks = nn.ModuleList()
        for stage, count in enumerate(stage_depths(depth)):
            out = max(1, round(STAGE_CHANNELS[stage] * width))
            for _ in range(count):
                self.blocks.append(Block(groups, channels, out, bn_eps))
                channels = out
        first, second, _ = stage_depths(depth)
        self.pools = (first, first + second)
        features = channels * (1 if self.head == "gap" else (height // 4) * (side // 4))
        self.head_weight = nn.Parameter(torch.empty(self.trials, features, classes))
        self.head_bias = nn.Parameter(torch.empty(self.trials, 1, classes))
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None = None) -> Tensor:
        """[B, K * channels, H, W] -> logits [K, B, classes]."""
        for index, block in enumerate(self.blocks, start=1):
            x = block(x, mode, record)
            for _ in range(self.pools.count(index)):
                x = F.max_pool2d(x, 2)
        if self.head == "gap":
            x = x.mean((2, 3), keepdim=True)
        features = x.unflatten(1, (self.trials, -1)).flatten(2).transpose(0, 1)
        return torch.baddbmm(self.head_bias, features, self.head_weight)

    def each_block(self) -> Iterator[Block]:
        """The blocks in forward order, by their type."""
        for block in self.blocks:
            assert isinstance(block, Block)
            yield block

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """(kind, weight) of every layer with weights, in forward order; the first axis counts trials x channels."""
        for block in self.each_block():
            yield "conv", block.weight
        yield "linear", self.head_weight

    @torch.no_grad()
    def finite(self) -> Tensor:
        """Whether every parameter of each trial is finite, [K]."""
        ok = self.head_weight.isfinite().flatten(1).all(1) & self.head_bias.isfinite().flatten(1).all(1)
        for block in self.each_block():
            ok &= block.weight.isfinite().reshape(self.trials, -1).all(1) & block.bias.isfinite().view(
                self.trials, -1
            ).all(1)
            for group, norm in zip(block.groups, block.norms, strict=True):
                if isinstance(norm, BatchNorm):
                    trials = group.stop - group.start
                    for values in (norm.gamma, norm.beta):
                        ok[group.start : group.stop] &= values.isfinite().view(trials, -1).all(1)
        return ok

    @torch.no_grad()
    def initialise(self, generators: Sequence[torch.Generator]) -> list[str]:
        """Draw every trial's initial weights from its own generator; BatchNorm draws nothing.

        `torch` is the default of torch.nn.Conv2d and torch.nn.Linear: weights and biases uniform on ±1/sqrt(fan_in).
        The others draw the weights by torch.nn.init and set the biases to zero.

        Returns:
            The SHA-256 of each trial's weights and biases, in forward order.
        """
        hashes = []
        for trial, (settings, generator) in enumerate(zip(self.stack, generators, strict=True)):
            digest = hashlib.sha256()
            for weight, bias in self._parameters_of(trial):
                # Drawn in torch's own layout, out x in, so that a stack and a plain network draw alike.
                drawn = torch.empty(weight.shape if weight.ndim == 4 else weight.T.shape)
                _initialise(drawn, bias, settings.init, generator)
                weight.copy_(drawn if weight.ndim == 4 else drawn.T)
                digest.update(drawn.numpy().tobytes())
                digest.update(bias.float().cpu().contiguous().numpy().tobytes())
            hashes.append(digest.hexdigest())
        return hashes

    def _parameters_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor]]:
        for block in self.each_block():
            own = slice(trial * block.channels_out, (trial + 1) * block.channels_out)
            yield block.weight[own], block.bias[own]
        yield self.head_weight[trial], self.head_bias[trial, 0]


def _initialise(weight: Tensor, bias: Tensor, init: str, generator: torch.Generator) -> None:
    """Fill a weight [out, in, ...] and its bias."""
    if init == "torch":
        bound = weight[0].numel() ** -0.5
        weight.uniform_(-bound, bound, generator=generator)
        bias.copy_(torch.empty(bias.shape).uniform_(-bound, bound, generator=generator))
        return
    bias.zero_()
    if init == "he_normal":
        nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    elif init == "xavier_normal":
        nn.init.xavier_normal_(weight, generator=generator)
    else:
        nn.init.orthogonal_(weight, generator=generator)
