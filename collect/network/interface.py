"""A network as all others know it: the engine trains it, probes look into it, the estimate times it.

A built-in network is a subclass in a file of its own under this folder, and its name in `registry`.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from collect.network.initialisation import fill
from collect.network.norms import BatchNorm, BnMode, ImageNorm
from collect.network.stack import Share
from collect.study.trial import Settings


class NormRun(NamedTuple):
    """What normalises trials start … stop - 1 of a stack."""

    start: int
    stop: int
    norm: BatchNorm | ImageNorm


class Layer(NamedTuple):
    """A layer with weights: what is trained of it, what normalises it, and whether an activation function follows."""

    weight: Share
    bias: Share | None
    norms: tuple[NormRun, ...] = ()
    activated: bool = True


class Network(nn.Module, ABC):
    """K trials of one kind as one network, K = 1 being an ordinary one. Trials never mix.

    Args:
        stack: the trials' settings.
        image_shape: (channels, height, width) of one image.
        classes: number of classes.
        on_gpu: whether it is to be fast there; the result is the same.
    """

    #: Settings on which the time of a step depends.
    costly: ClassVar[tuple[str, ...]]
    #: Whether a GPU takes a training step as one captured graph.
    captured: ClassVar[bool] = True

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__()
        self.stack, self.trials = tuple(stack), len(stack)
        self.image_shape, self.classes, self.on_gpu = image_shape, classes, on_gpu
        #: Whether a training step leaves something to chance.
        self.draws = False
        #: Whether its state is all that it needs to go on where it was.
        self.resumable = True

    @abstractmethod
    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None = None) -> Tensor:
        """[B, K * channels, H, W] -> logits [K, B, classes].

        Args:
            x: a batch of images for each trial.
            mode: what BatchNorm normalises by, and whether it moves its running statistics.
            record: receives the activations' output of each layer that has them, [B, K * channels, …].
        """

    def draw(self, generators: Sequence[torch.Generator]) -> None:
        """Draw what the next training step leaves to chance, of each trial by its own generator, in forward order."""

    def try_out(self) -> None:
        """Make sure, where it is to train, that the trials give side by side what each gives alone."""

    def layers(self) -> Sequence[Layer]:
        """The layers in forward order; none where hooks look for them."""
        return ()

    def weights_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor | None]]:  # noqa: ARG002  # of one that has them
        """Weight [out, in, height, width] and bias [out] or none of each layer of a trial: views, in forward order."""
        yield from ()

    @abstractmethod
    def normalises(self, settings: Settings) -> bool:
        """Whether a trial's network, once initialised, has BatchNorm, and so is evaluated by batch statistics too."""

    def shares(self) -> Iterator[Share]:
        """Every parameter in forward order, with the trials that it belongs to."""
        for layer in self.layers():
            yield layer.weight
            if layer.bias:
                yield layer.bias
            for start, stop, norm in layer.norms:
                yield from (Share("norm", parameter, start, stop) for parameter in norm.parameters())

    @torch.no_grad()
    def finite(self) -> Tensor:
        """Whether every parameter of each trial is finite, [K]."""
        ok = torch.ones(self.trials, dtype=torch.bool, device=next(self.parameters()).device)
        for share in self.shares():
            ok[share.start : share.stop] &= share.parameter.isfinite().reshape(share.stop - share.start, -1).all(1)
        return ok

    @torch.no_grad()
    def initialise(self, generators: Sequence[torch.Generator]) -> list[str]:
        """Draw every trial's initial weights from its own generator; norms draw nothing.

        The bias of a layer that has none is drawn as well, so that weights are the same with and without.

        Returns:
            The SHA-256 of each trial's weights and biases, in forward order.
        """
        hashes = []
        for trial, (settings, generator) in enumerate(zip(self.stack, generators, strict=True)):
            digest = hashlib.sha256()
            for weight, bias in self.weights_of(trial):
                # Drawn in torch's own layout, so that a stack and a plain network draw alike.
                drawn = torch.empty(weight.shape), torch.empty(len(weight))
                fill(*drawn, settings.init, generator)
                for values, own in zip(drawn, (weight, bias), strict=True):
                    if own is not None:
                        digest.update(values.numpy().tobytes())
                        own.copy_(values)
            hashes.append(digest.hexdigest())
        return hashes
