"""The CNN of depth 2, its training and what is measured of it, as anybody would write them for one trial."""

import copy
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.network.cnn import StackedCNN
from collect.study.trial import Settings

BATCH = 128


class LeCunTanh(nn.Module):
    """1.7159 tanh(2x/3)."""

    def forward(self, x: Tensor) -> Tensor:
        """Of every value."""
        return 1.7159 * torch.tanh(2 * x / 3)


ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "elu": nn.ELU, "lecun_tanh": LeCunTanh}
NORMS = {
    "batch": nn.BatchNorm2d,
    "layer": lambda channels: nn.GroupNorm(1, channels),
    "group": lambda channels: nn.GroupNorm(4 if channels % 4 == 0 else 1, channels),
    "none": lambda _: nn.Identity(),
}


class Plain(nn.Sequential):
    """Two blocks of convolution, activation and, where the ordering has it, BatchNorm; each pooled; a classifier."""

    def __init__(self, settings: Settings, image_shape: tuple[int, int, int], classes: int) -> None:
        channels, height, width = image_shape
        outs = [int(base * settings.width) for base in (16, 32)]
        layers: list[nn.Module] = []
        for out in outs:
            convolution = nn.Conv2d(channels, out, 3, padding=1, bias=settings.conv_bias)
            activation = ACTIVATIONS[settings.activation]()
            normalised = channels if settings.ordering == "bn_conv" else out
            norm = NORMS[settings.norm](normalised)
            layers += {
                "bn_act": [convolution, norm, activation],
                "act_bn": [convolution, activation, norm],
                "bn_conv": [norm, convolution, activation],
                "none": [convolution, activation],
            }[settings.ordering]
            layers.append(nn.MaxPool2d(2))
            channels = out
        super().__init__(*layers, nn.Flatten(), nn.Linear(channels * (height // 4) * (width // 4), classes))

    def of(self, kind: type[nn.Module] | tuple[type[nn.Module], ...]) -> list[nn.Module]:
        """Its layers of a kind, in forward order."""
        return [layer for layer in self if isinstance(layer, kind)]

    @torch.no_grad()
    def take(self, network: StackedCNN) -> None:
        """Take over weights, BatchNorm and running statistics from a stack of one."""
        for (weight, bias), layer in zip(network.weights_of(0), self.of((nn.Conv2d, nn.Linear)), strict=True):
            layer.weight.copy_(weight.reshape(layer.weight.shape))
            if bias is not None:
                layer.bias.copy_(bias)
        norms = [run.norm for layer in network.layers() for run in layer.norms]
        for norm, own in zip(norms, self.of((nn.BatchNorm2d, nn.GroupNorm)), strict=True):
            own.weight.copy_(norm.gamma)
            own.bias.copy_(norm.beta)
            if isinstance(own, nn.BatchNorm2d):
                own.running_mean.copy_(norm.running_mean)
                own.running_var.copy_(norm.running_var)

    def gradient_norms(self, x: Tensor, y: Tensor) -> list[float]:
        """Of the weights of each layer, by the loss of a batch that is normalised by itself."""
        twin = copy.deepcopy(self).train()
        twin.zero_grad()
        F.cross_entropy(twin(x), y).backward()
        return [layer.weight.grad.norm().item() for layer in twin.of((nn.Conv2d, nn.Linear))]

    def outputs(self, x: Tensor, kind: type[nn.Module]) -> Iterator[tuple[Tensor, Tensor]]:
        """Input and output of each layer of a kind, in a batch that is normalised by itself."""
        for layer in copy.deepcopy(self).train():
            before, x = x, layer(x.clone())
            if isinstance(layer, kind):
                yield before.detach(), x.detach()

    @torch.no_grad()
    def losses(self, x: Tensor, y: Tensor, mode: str) -> tuple[Tensor, Tensor]:
        """Loss and predicted class of each image, in batches of 128 of which the last is filled up from the first."""
        twin = copy.deepcopy(self).train(mode == "batch")
        n = len(y)
        filled = torch.arange(BATCH * math.ceil(n / BATCH)) % n
        logits = torch.cat([twin(x[index]) for index in filled.split(BATCH)])[:n]
        return F.cross_entropy(logits, y, reduction="none"), logits.argmax(1)
