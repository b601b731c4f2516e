"""The CNN of K stacked trials; K = 1 is the ordinary network.

Neighbours of one structure (ordering, norm, activation, place of dropout), a run, stand side by side as channel groups:
their feature maps are one tensor [B, k * C, H, W], their convolutions one convolution of k groups, BatchNorm over k * C
channels is k independent BatchNorms, and the k classifiers are one `baddbmm`. Runs share nothing but the tensors that
hold their weights: maps of the whole stack, normalised and activated slice by slice, cost a GPU most of its time for
slices and joins. Trials never mix: what one does cannot reach another.

Depth d spreads over the stages as evenly as it can, earlier stages first: of three, 2 = 1+1+0, 4 = 2+1+1, 8 = 3+3+2. A
2 x 2 max-pool stands between stages, or where `pools` says, whatever the ordering.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.network.activations import ACTIVATIONS
from collect.network.block import Block
from collect.network.interface import Layer, Network
from collect.network.norms import BnMode, normalises_batches
from collect.network.stack import Run, Share, by_run, runs
from collect.study.stacks import STRUCTURE
from collect.study.stages import stages_of
from collect.study.trial import Settings

#: Settings that shape a network.
SHAPING = ("depth", "width", "head", "conv_bias", "kernel", "channels", "pools", "head_hidden")
#: Settings in which the trials of one network agree.
SHARED = (*SHAPING, "bn_eps")


class StackedCNN(Network):
    """K trials that agree in all that shapes a network, and in the norm's epsilon, as one network.

    On a GPU every convolution gets as many input as output channels.
    """

    #: The ordering costs next to nothing.
    costly = (*SHAPING, "activation", "norm", "dropout")

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        shapes = {tuple(getattr(settings, name) for name in SHARED) for settings in stack}
        if len(shapes) != 1:
            raise ValueError(f"trials of one stack must share {', '.join(SHARED)}, not {shapes}")
        self.head, stages = stack[0].head, stages_of(stack[0].channels, stack[0].pools)
        channels, height, side = image_shape
        self.cuts = runs(stack, lambda settings: str([getattr(settings, name) for name in STRUCTURE]))
        self.draws = any(settings.dropout for settings in stack)
        self.blocks = nn.ModuleList()
        #: After how many blocks the maps are pooled, once for each time.
        self.pools: list[int] = []
        for stage, count in enumerate(stages.depths(stack[0].depth)):
            out = max(1, round(stages.channels[stage] * stack[0].width))
            for _ in range(count):
                self.blocks.append(Block(stack, self.cuts, channels, out, (height, side), padded=on_gpu))
                channels = out
            if stage + 1 in stages.pooled:
                self.pools.append(len(self.blocks))
                height, side = height // 2, side // 2
        #: (channels, height, width) of what the head reads.
        self.features = (channels, 1, 1) if self.head == "gap" else (channels, height, side)
        features, hidden = math.prod(self.features), stack[0].head_hidden
        self.hidden_weight = nn.Parameter(torch.empty(self.trials, hidden, features)) if hidden else None
        self.hidden_bias = nn.Parameter(torch.empty(self.trials, 1, hidden)) if hidden else None
        features = hidden or features
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
        features = [self._features(x, run.trials) for x, run in zip(maps, self.cuts, strict=True)]
        if self.hidden_weight is not None and self.hidden_bias is not None:
            hidden = self._linear(features, self.hidden_weight, self.hidden_bias)
            features = [self._activation(run)(x) for x, run in zip(hidden, self.cuts, strict=True)]
            if record is not None:
                record.append(torch.cat(features).transpose(0, 1).flatten(1))
        logits = self._linear(features, self.head_weight, self.head_bias)
        return logits[0] if len(logits) == 1 else torch.cat(logits)

    def _features(self, x: Tensor, trials: int) -> Tensor:
        """What the head reads of a run, [k, B, features]."""
        if self.head == "gap":
            x = x.mean((2, 3), keepdim=True)
        # Height, width, channels, as they lie in memory: read otherwise, the map and its gradient would be copied.
        features: Tensor = x.permute(0, 2, 3, 1).unflatten(3, (trials, -1)).permute(3, 0, 1, 2, 4).flatten(2)
        return features

    def _linear(self, inputs: Sequence[Tensor], weight: Tensor, bias: Tensor) -> list[Tensor]:
        """A linear layer of every trial, run by run: [k, B, in] -> [k, B, out]."""
        parts = zip(inputs, by_run(weight, self.cuts), by_run(bias, self.cuts), strict=True)
        return [torch.baddbmm(own_bias, x, own_weight.transpose(1, 2)) for x, own_weight, own_bias in parts]

    def _activation(self, run: Run) -> Callable[[Tensor], Tensor]:
        return ACTIVATIONS[self.stack[run.start].activation].function

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
        """The convolutions, a hidden layer if there is one, then the classifier."""
        layers = [block.layer() for block in self.each_block()]
        if self.hidden_weight is not None and self.hidden_bias is not None:
            hidden = Share("linear", self.hidden_weight, 0, self.trials)
            layers.append(Layer(hidden, Share("bias", self.hidden_bias, 0, self.trials)))
        weight, bias = Share("linear", self.head_weight, 0, self.trials), Share("bias", self.head_bias, 0, self.trials)
        return [*layers, Layer(weight, bias, activated=False)]

    @staticmethod
    def normalises(settings: Settings) -> bool:
        """Where the ordering places BatchNorm."""
        return normalises_batches(settings)

    def weights_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Those of the convolutions, then those of the head, the first as [out, channels, height, width]."""
        for block in self.each_block():
            own = slice(trial * block.channels_out, (trial + 1) * block.channels_out)
            yield block.weight[own], None if block.bias is None else block.bias[own]
        channels, height, width = self.features
        if self.hidden_weight is not None and self.hidden_bias is not None:
            hidden = self.hidden_weight[trial].view(-1, height, width, channels).permute(0, 3, 1, 2)
            yield hidden, self.hidden_bias[trial, 0]
            channels, height, width = len(hidden), 1, 1
        yield self.head_weight[trial].view(-1, height, width, channels).permute(0, 3, 1, 2), self.head_bias[trial, 0]
