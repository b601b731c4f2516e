"""The CNN of K stacked trials; K = 1 is the ordinary network.

Neighbours of one ordering and one activation, a run, stand side by side as channel groups: their feature maps are one
tensor [B, k * C, H, W], their convolutions one convolution of k groups, BatchNorm over k * C channels is k independent
BatchNorms, and the k classifiers are one `baddbmm`. Runs share nothing but the tensors that hold their weights: maps of
the whole stack, normalised and activated slice by slice, cost a GPU most of its time for slices and joins. Trials never
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
    """What the ordering of a run of trials puts around a convolution.

    Args:
        run: the settings of its trials, which agree in ordering and activation.
        channels_in: of one trial.
        channels_out: of one trial.
    """

    def __init__(self, run: Sequence[Settings], channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.trials, self.ordering, self.activation = len(run), run[0].ordering, ACTIVATIONS[run[0].activation]
        self.norm = None
        if self.ordering != "none":
            channels = channels_in if self.ordering == "bn_conv" else channels_out
            self.norm = BatchNorm(channels, [settings.bn_momentum for settings in run], run[0].bn_eps)

    def before(self, x: Tensor, mode: BnMode) -> Tensor:
        """What happens to the convolution's input."""
        return self.norm(x, mode) if self.norm and self.ordering == "bn_conv" else x

    def after(self, x: Tensor, mode: BnMode) -> tuple[Tensor, Tensor]:
        """The activations' output and the block's, from the convolution's, which may be overwritten."""
        if self.norm and self.ordering == "bn_act":
            x = self.norm(x, mode)
        activated = (self.activation.in_place or self.activation.function)(x)
        return activated, self.norm(activated, mode) if self.norm and self.ordering == "act_bn" else activated


class Block(nn.Module):
    """One convolution of every trial, with what its ordering puts around it."""

    def __init__(
        self, stack: Sequence[Settings], cuts: Sequence[Run], channels_in: int, channels_out: int, *, padded: bool
    ) -> None:
        super().__init__()
        self.trials, self.cuts, self.channels_in, self.channels_out = len(stack), cuts, channels_in, channels_out
        self.padding = channels_out - channels_in if padded else 0
        self.weight = nn.Parameter(torch.empty(self.trials * channels_out, channels_in, 3, 3))
        self.bias = nn.Parameter(torch.empty(self.trials * channels_out))
        self.placements = nn.ModuleList(
            Placement(stack[run.start : run.stop], channels_in, channels_out) for run in cuts
        )

    def each_placement(self) -> Iterator[Placement]:
        """Those in the order of the stack, by their type."""
        for placement in self.placements:
            assert isinstance(placement, Placement)
            yield placement

    def layer(self) -> Layer:
        """The convolution, with what normalises each run."""
        placed = zip(self.cuts, self.each_placement(), strict=True)
        norms = [NormRun(run.start, run.stop, placement.norm) for run, placement in placed if placement.norm]
        weight, bias = Share("conv", self.weight, 0, self.trials), Share("bias", self.bias, 0, self.trials)
        return Layer(weight, bias, tuple(norms))

    def forward(self, maps: Sequence[Tensor], mode: BnMode, record: list[Tensor] | None) -> list[Tensor]:
        """[B, k * channels_in, H, W] of each run -> [B, k * channels_out, H, W]; `record` as in the network."""
        weights, biases = by_run(self.weight, self.cuts), by_run(self.bias, self.cuts)
        both = [
            placement.after(self._convolve(placement.before(x, mode), weight, bias, placement.trials), mode)
            for placement, x, weight, bias in zip(self.each_placement(), maps, weights, biases, strict=True)
        ]
        if record is not None:
            record.append(torch.cat([activated for activated, _ in both], 1))
        return [output for _, output in both]

    def _convolve(self, x: Tensor, weight: Tensor, bias: Tensor, groups: int) -> Tensor:
        """Grouped convolution; where asked to, with as many input as output channels in a group, the rest being zero.

        cuDNN is fast for equal numbers alone: elsewhere it runs separate kernels, with transforms between them.
        """
        if self.padding > 0 and groups > 1:
            by_trial = x.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
            x = F.pad(by_trial, (0, self.padding)).flatten(3).permute(0, 3, 1, 2)
            weight = F.pad(weight, (0, 0, 0, 0, 0, self.padding))
        return F.conv2d(x, weight, bias, padding=1, groups=groups)


def by_run(values: Tensor, cuts: Sequence[Run], axis: int = 0) -> Sequence[Tensor]:
    """A tensor that all trials share out evenly along an axis, cut into the runs'; a single run's is the tensor."""
    if len(cuts) == 1:
        return (values,)
    each = values.shape[axis] // cuts[-1].stop
    pieces: tuple[Tensor, ...] = values.split([run.trials * each for run in cuts], axis)
    return pieces


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
        self.cuts = runs(stack, lambda settings: f"{settings.ordering} {settings.activation}")
        self.blocks = nn.ModuleList()
        for stage, count in enumerate(stage_depths(depth)):
            out = max(1, round(STAGE_CHANNELS[stage] * width))
            for _ in range(count):
                self.blocks.append(Block(stack, self.cuts, channels, out, padded=on_gpu))
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
