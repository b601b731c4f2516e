"""The CNN of K stacked trials; K = 1 is the ordinary network.

Trials that share shapes stand side by side as channel groups of one network: feature maps are [B, K * C, H, W], every
convolution has K groups, BatchNorm over K * C channels is K independent BatchNorms, and the K classifiers are one
`baddbmm`. Neighbours of one ordering are normalised together, those of one activation activated together. Trials never
mix: what one does cannot reach another.

Depth d spreads over the three stages as evenly as it can, earlier stages first: 2 = 1+1+0, 4 = 2+1+1, 8 = 3+3+2. A
2 x 2 max-pool follows the first and the second stage, whatever the ordering.
"""

import math
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.network.activations import ACTIVATIONS
from collect.network.interface import Layer, Network, NormRun
from collect.network.norms import BatchNorm, BnMode
from collect.network.stack import Run, Share, runs
from collect.study.trial import Settings

STAGE_CHANNELS = (16, 32, 64)


def stage_depths(depth: int) -> tuple[int, int, int]:
    """Convolutions in each of the three stages."""
    return (depth + 2) // 3, (depth + 1) // 3, depth // 3


class Placement(nn.Module):
    """What one ordering puts around a convolution, for a run of trials."""

    def __init__(self, run: Run, stack: Sequence[Settings], channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.run, self.ordering = run, run.value
        self.activations = runs(stack[run.start : run.stop], lambda settings: settings.activation)
        self.channels_out = channels_out
        self.norm = None
        if self.ordering != "none":
            channels = channels_in if self.ordering == "bn_conv" else channels_out
            self.norm = BatchNorm(channels, [s.bn_momentum for s in stack[run.start : run.stop]], stack[0].bn_eps)

    def before(self, x: Tensor, mode: BnMode) -> Tensor:
        """What happens to the convolution's input."""
        return self.norm(x, mode) if self.norm and self.ordering == "bn_conv" else x

    def after(self, x: Tensor, mode: BnMode, *, overwrite: bool) -> tuple[Tensor, Tensor]:
        """The activations' output and the block's, from the convolution's; `overwrite` where x may be changed."""
        if self.norm and self.ordering == "bn_act":
            x, overwrite = self.norm(x, mode), True
        activated = self._activate(x, overwrite=overwrite)
        return activated, self.norm(activated, mode) if self.norm and self.ordering == "act_bn" else activated

    def _activate(self, x: Tensor, *, overwrite: bool) -> Tensor:
        if len(self.activations) == 1:
            activation = ACTIVATIONS[self.activations[0].value]
            return ((activation.in_place if overwrite else None) or activation.function)(x)
        # One of several is a view, which autograd does not let an operation overwrite.
        pieces = x.split([run.trials * self.channels_out for run in self.activations], 1)
        return torch.cat(
            [ACTIVATIONS[run.value].function(piece) for run, piece in zip(self.activations, pieces, strict=True)], 1
        )


class Block(nn.Module):
    """One convolution of every trial, with what its ordering puts around it."""

    def __init__(self, stack: Sequence[Settings], channels_in: int, channels_out: int, *, padded: bool) -> None:
        super().__init__()
        self.trials, self.channels_in, self.channels_out = len(stack), channels_in, channels_out
        self.padding = channels_out - channels_in if padded and self.trials > 1 else 0
        self.weight = nn.Parameter(torch.empty(self.trials * channels_out, channels_in, 3, 3))
        self.bias = nn.Parameter(torch.empty(self.trials * channels_out))
        self.placements = nn.ModuleList(
            Placement(run, stack, channels_in, channels_out) for run in runs(stack, lambda settings: settings.ordering)
        )

    def each_placement(self) -> Iterator[Placement]:
        """Those in the order of the stack, by their type."""
        for placement in self.placements:
            assert isinstance(placement, Placement)
            yield placement

    def layer(self) -> Layer:
        """The convolution, with what normalises each run."""
        norms = [
            NormRun(placement.run.start, placement.run.stop, placement.norm)
            for placement in self.each_placement()
            if placement.norm
        ]
        weight, bias = Share("conv", self.weight, 0, self.trials), Share("bias", self.bias, 0, self.trials)
        return Layer(weight, bias, tuple(norms))

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None) -> Tensor:
        """[B, K * channels_in, H, W] -> [B, K * channels_out, H, W]; `record` receives the activations' outputs."""
        if any(placement.ordering == "bn_conv" for placement in self.each_placement()):
            pieces = self._pieces(x, self.channels_in)
            x = _joined(
                [placement.before(piece, mode) for placement, piece in zip(self.each_placement(), pieces, strict=True)]
            )
        x = self._convolve(x)
        pieces = self._pieces(x, self.channels_out)
        both = [
            placement.after(piece, mode, overwrite=len(pieces) == 1)
            for placement, piece in zip(self.each_placement(), pieces, strict=True)
        ]
        if record is not None:
            record.append(_joined([activated for activated, _ in both]))
        return _joined([output for _, output in both])

    def _convolve(self, x: Tensor) -> Tensor:
        """Grouped convolution; where asked to, with as many input as output channels in a group, the rest being zero.

        cuDNN is fast for equal numbers alone: elsewhere it runs K separate kernels, with transforms between them.
        """
        weight: Tensor = self.weight
        if self.padding > 0:
            by_trial = x.permute(0, 2, 3, 1).unflatten(3, (self.trials, -1))
            x = F.pad(by_trial, (0, self.padding)).flatten(3).permute(0, 3, 1, 2)
            weight = F.pad(weight, (0, 0, 0, 0, 0, self.padding))
        return F.conv2d(x, weight, self.bias, padding=1, groups=self.trials)

    def _pieces(self, x: Tensor, channels: int) -> Sequence[Tensor]:
        """Each placement's channels; a single one's are x itself."""
        if len(self.placements) == 1:
            return (x,)
        pieces: tuple[Tensor, ...] = x.split(
            [placement.run.trials * channels for placement in self.each_placement()], 1
        )
        return pieces


def _joined(pieces: Sequence[Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else torch.cat(list(pieces), 1)


class StackedCNN(Network):
    """K trials that agree in depth, width, head and BatchNorm's epsilon, as one network.

    On a GPU every convolution gets as many input as output channels.
    """

    #: The ordering costs next to nothing.
    costly = ("depth", "width", "head", "activation")

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        shapes = {(s.depth, s.width, s.head, s.bn_eps) for s in stack}
        if len(shapes) != 1:
            raise ValueError(f"trials of one stack must share depth, width, head and bn_eps, not {shapes}")
        depth, width, self.head, _ = shapes.pop()
        channels, height, side = image_shape
        self.blocks = nn.ModuleList()
        for stage, count in enumerate(stage_depths(depth)):
            out = max(1, round(STAGE_CHANNELS[stage] * width))
            for _ in range(count):
                self.blocks.append(Block(stack, channels, out, padded=on_gpu))
                channels = out
        first, second, _ = stage_depths(depth)
        self.pools = (first, first + second)
        #: (channels, height, width) of what the classifier reads.
        self.features = (channels, 1, 1) if self.head == "gap" else (channels, height // 4, side // 4)
        features = math.prod(self.features)
        self.head_weight = nn.Parameter(torch.empty(self.trials, classes, features))
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
        # Height, width, channels, as they lie in memory: read otherwise, the map and its gradient would be copied.
        features = x.permute(0, 2, 3, 1).unflatten(3, (self.trials, -1)).permute(3, 0, 1, 2, 4).flatten(2)
        return torch.baddbmm(self.head_bias, features, self.head_weight.transpose(1, 2))

    def each_block(self) -> Iterator[Block]:
        """The blocks in forward order, by their type."""
        for block in self.blocks:
            assert isinstance(block, Block)
            yield block

    def layers(self) -> list[Layer]:
        """The convolutions, then the classifier."""
        layers = [block.layer() for block in self.each_block()]
        weight, bias = Share("linear", self.head_weight, 0, self.trials), Share("bias", self.head_bias, 0, self.trials)
        return [*layers, Layer(weight, bias, activated=False)]

    @staticmethod
    def normalises(settings: Settings) -> bool:
        """In every ordering but one."""
        return settings.ordering != "none"

    def weights_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Those of the convolutions, then the classifier's as [classes, channels, height, width]."""
        for block in self.each_block():
            own = slice(trial * block.channels_out, (trial + 1) * block.channels_out)
            yield block.weight[own], block.bias[own]
        channels, height, width = self.features
        yield self.head_weight[trial].view(-1, height, width, channels).permute(0, 3, 1, 2), self.head_bias[trial, 0]
