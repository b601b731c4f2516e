"""A block of the CNN: a convolution of every trial, with what each run's ordering puts around it."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.network import norms
from collect.network.activations import ACTIVATIONS
from collect.network.dropout import Dropout
from collect.network.interface import Layer, NormRun
from collect.network.norms import BnMode
from collect.network.stack import Run, Share, by_run
from collect.study.trial import Settings


class Placement(nn.Module):
    """What the ordering of a run of trials puts around a convolution.

    Args:
        run: the settings of its trials, which agree in ordering, norm, activation and place of dropout.
        channels_in: of one trial.
        channels_out: of one trial.
        places: (height, width) of the maps.
    """

    def __init__(self, run: Sequence[Settings], channels_in: int, channels_out: int, places: tuple[int, int]) -> None:
        super().__init__()
        self.trials, self.ordering, self.activation = len(run), run[0].ordering, ACTIVATIONS[run[0].activation]
        normalised = channels_in if self.ordering == "bn_conv" else channels_out
        self.norm = norms.made_for(run, normalised) if norms.places(run[0]) else None
        self.drops_first = self.norm is not None and run[0].dropout_place == "before_norm"
        shares = [settings.dropout for settings in run]
        shape = (run[0].batch_size, normalised if self.drops_first else channels_out, *places)
        self.dropout = Dropout(shares, shape) if any(shares) else None

    def before(self, x: Tensor, mode: BnMode) -> Tensor:
        """What happens to the convolution's input."""
        return self._normalised(x, mode) if self.ordering == "bn_conv" else x

    def after(self, x: Tensor, mode: BnMode) -> tuple[Tensor, Tensor]:
        """The activations' output and the block's, from the convolution's, which may be overwritten."""
        if self.ordering == "bn_act":
            x = self._normalised(x, mode)
        activated = (self.activation.in_place or self.activation.function)(x)
        output = self._normalised(activated, mode) if self.ordering == "act_bn" else activated
        return activated, output if self.drops_first else self._thinned(output, mode)

    def _normalised(self, x: Tensor, mode: BnMode) -> Tensor:
        if self.norm is None:
            return x
        normalised: Tensor = self.norm(self._thinned(x, mode) if self.drops_first else x, mode)
        return normalised

    def _thinned(self, x: Tensor, mode: BnMode) -> Tensor:
        return self.dropout(x) if self.dropout and mode == "train" else x


class Block(nn.Module):
    """One convolution of every trial, with what its ordering puts around it."""

    def __init__(
        self,
        stack: Sequence[Settings],
        cuts: Sequence[Run],
        channels_in: int,
        channels_out: int,
        places: tuple[int, int],
        *,
        padded: bool,
    ) -> None:
        super().__init__()
        self.trials, self.cuts, self.channels_in, self.channels_out = len(stack), cuts, channels_in, channels_out
        self.padding, kernel = channels_out - channels_in if padded else 0, stack[0].kernel
        self.weight = nn.Parameter(torch.empty(self.trials * channels_out, channels_in, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(self.trials * channels_out)) if stack[0].conv_bias else None
        self.placements = nn.ModuleList(
            Placement(stack[run.start : run.stop], channels_in, channels_out, places) for run in cuts
        )

    def each_placement(self) -> Iterator[Placement]:
        """Those in the order of the stack, by their type."""
        for placement in self.placements:
            assert isinstance(placement, Placement)
            yield placement

    def draw(self, generators: Sequence[torch.Generator]) -> None:
        """What the next step drops, of each trial by its own generator."""
        for run, placement in zip(self.cuts, self.each_placement(), strict=True):
            if placement.dropout:
                placement.dropout.draw(generators[run.start : run.stop])

    def layer(self) -> Layer:
        """The convolution, with what normalises each run."""
        placed = zip(self.cuts, self.each_placement(), strict=True)
        own = [NormRun(run.start, run.stop, placement.norm) for run, placement in placed if placement.norm]
        bias = None if self.bias is None else Share("bias", self.bias, 0, self.trials)
        return Layer(Share("conv", self.weight, 0, self.trials), bias, tuple(own))

    def forward(self, maps: Sequence[Tensor], mode: BnMode, record: list[Tensor] | None) -> list[Tensor]:
        """[B, k * channels_in, H, W] of each run -> [B, k * channels_out, H, W]; `record` as in the network."""
        weights = by_run(self.weight, self.cuts)
        biases = [None] * len(weights) if self.bias is None else by_run(self.bias, self.cuts)
        both = [
            placement.after(self._convolve(placement.before(x, mode), weight, bias, placement.trials), mode)
            for placement, x, weight, bias in zip(self.each_placement(), maps, weights, biases, strict=True)
        ]
        if record is not None:
            record.append(torch.cat([activated for activated, _ in both], 1))
        return [output for _, output in both]

    def _convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> Tensor:
        """Grouped convolution; where asked to, with as many input as output channels in a group, the rest being zero.

        cuDNN is fast for equal numbers alone: elsewhere it runs separate kernels, with transforms between them.
        """
        if self.padding > 0 and groups > 1:
            by_trial = x.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
            x = F.pad(by_trial, (0, self.padding)).flatten(3).permute(0, 3, 1, 2)
            weight = F.pad(weight, (0, 0, 0, 0, 0, self.padding))
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2, groups=groups)
