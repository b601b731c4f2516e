"""The CNN of K stacked trials; K = 1 is the ordinary network.

Neighbours of one structure (ordering, norm, activation, place of dropout), a run, stand side by side as channel groups:
their feature maps are one tensor [B, k * C, H, W], their convolutions one convolution of k groups, BatchNorm over k * C
channels is k independent BatchNorms, and the k classifiers are one `baddbmm`. Runs share nothing but the tensors that
hold their weights: maps of the whole stack, normalised and activated slice by slice, cost a GPU most of its time for
slices and joins. Trials never mix: what one does cannot reach another.

Depth d spreads over the three stages as evenly as it can, earlier stages first: 2 = 1+1+0, 4 = 2+1+1, 8 = 3+3+2. A
2 x 2 max-pool follows the first and the second stage, whatever the ordering.
"""

import math
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.network.block import Block
from collect.network.interface import Layer, Network
from collect.network.norms import BnMode, normalises_batches
from collect.network.stack import Share, by_run, runs
from collect.study.stacks import STRUCTURE
from collect.study.trial import Settings

STAGE_CHANNELS = (16, 32, 64)
#: Settings in which the trials of one network agree.
SHARED = ("depth", "width", "head", "bn_eps", "conv_bias")


def stage_depths(depth: int) -> tuple[int, int, int]:
    """Convolutions in each of the three stages."""
    return (depth + 2) // 3, (depth + 1) // 3, depth // 3


class StackedCNN(Network):
    """K trials that agree in all that shapes a network, and in the norm's epsilon, as one network.

    On a GPU every convolution gets as many input as output channels.
    """

    #: The ordering costs next to nothing.
    costly = ("depth", "width", "head", "activation", "norm", "conv_bias", "dropout")

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        shapes = {tuple(getattr(settings, name) for name in SHARED) for settings in stack}
        if len(shapes) != 1:
            raise ValueError(f"trials of one stack must share {', '.join(SHARED)}, not {shapes}")
        depth, width, self.head = stack[0].depth, stack[0].width, stack[0].head
        channels, height, side = image_shape
        self.cuts = runs(stack, lambda settings: str([getattr(settings, name) for name in STRUCTURE]))
        self.draws = any(settings.dropout for settings in stack)
        self.blocks = nn.ModuleList()
        for stage, count in enumerate(stage_depths(depth)):
            out = max(1, round(STAGE_CHANNELS[stage] * width))
            for _ in range(count):
                places = height >> stage, side >> stage
                self.blocks.append(Block(stack, self.cuts, channels, out, places, padded=on_gpu))
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
        maps = by_run(x, self.cuts, axis=1)
        for index, block in enumerate(self.each_block(), start=1):
            maps = block(maps, mode, record)
            for _ in range(self.pools.count(index)):
                maps = [F.max_pool2d(x, 2) for x in maps]
        heads = zip(maps, by_run(self.head_weight, self.cuts), by_run(self.head_bias, self.cuts), strict=True)
        logits = [self._classify(x, weight, bias) for x, weight, bias in heads]
        return logits[0] if len(logits) == 1 else torch.cat(logits)

    def _classify(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """A run's logits [k, B, classes]."""
        if self.head == "gap":
            x = x.mean((2, 3), keepdim=True)
        # Height, width, channels, as they lie in memory: read otherwise, the map and its gradient would be copied.
        features = x.permute(0, 2, 3, 1).unflatten(3, (len(weight), -1)).permute(3, 0, 1, 2, 4).flatten(2)
        return torch.baddbmm(bias, features, weight.transpose(1, 2))

    def each_block(self) -> Iterator[Block]:
        """The blocks in forward order, by their type."""
        for block in self.blocks:
            assert isinstance(block, Block)
            yield block

    def draw(self, generators: Sequence[torch.Generator]) -> None:
        """What each block drops, in forward order."""
        for block in self.each_block():
            block.draw(generators)

    def layers(self) -> list[Layer]:
        """The convolutions, then the classifier."""
        layers = [block.layer() for block in self.each_block()]
        weight, bias = Share("linear", self.head_weight, 0, self.trials), Share("bias", self.head_bias, 0, self.trials)
        return [*layers, Layer(weight, bias, activated=False)]

    @staticmethod
    def normalises(settings: Settings) -> bool:
        """Where the ordering places BatchNorm."""
        return normalises_batches(settings)

    def weights_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Those of the convolutions, then the classifier's as [classes, channels, height, width]."""
        for block in self.each_block():
            own = slice(trial * block.channels_out, (trial + 1) * block.channels_out)
            yield block.weight[own], None if block.bias is None else block.bias[own]
        channels, height, width = self.features
        yield self.head_weight[trial].view(-1, height, width, channels).permute(0, 3, 1, 2), self.head_bias[trial, 0]
