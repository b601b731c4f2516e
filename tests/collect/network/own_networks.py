"""Networks that somebody may bring, each as the text of a file: what the contract is held against."""

RESNET = """
from typing import Literal

import torchvision
from torch import nn


def build(image_shape, classes, *, norm_layer: Literal["batch", "group"] = "batch"):
    kind = nn.BatchNorm2d if norm_layer == "batch" else lambda channels: nn.GroupNorm(8, channels)
    net = torchvision.models.resnet18(num_classes=classes, norm_layer=kind)
    net.conv1 = nn.Conv2d(image_shape[0], 64, 3, padding=1, bias=False)
    return net
"""

RESIDUAL = """
from typing import Literal

from torch import nn
from torchvision.models.resnet import BasicBlock


def build(image_shape, classes, *, norm_layer: Literal["batch", "group"] = "batch"):
    kind = nn.BatchNorm2d if norm_layer == "batch" else lambda channels: nn.GroupNorm(4, channels)
    shorter = nn.Sequential(nn.Conv2d(8, 16, 1, 2, bias=False), kind(16))
    blocks = BasicBlock(8, 8, norm_layer=kind), BasicBlock(8, 16, 2, shorter, norm_layer=kind)
    stem = nn.Conv2d(image_shape[0], 8, 3, padding=1, bias=False)
    return nn.Sequential(stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, classes))
"""

MLP = '''
import math

import torch
import torch.nn.functional as F
from torch import nn


class Perceptron(nn.Module):
    """Nothing that it calls is a module, but for the dropout."""

    def __init__(self, features, hidden, classes, dropout, bias):
        super().__init__()
        self.first = nn.Parameter(torch.randn(hidden, features) / features**0.5)
        self.second = nn.Parameter(torch.randn(classes, hidden) / hidden**0.5)
        self.shift = nn.Parameter(torch.zeros(())) if bias else None
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        hidden = self.dropout(F.relu(F.linear(x.flatten(1), self.first)))
        return F.linear(hidden, self.second) + (0.0 if self.shift is None else self.shift)


def build(image_shape, classes, *, hidden: int = 16, dropout: float = 0.5, bias: bool = True):
    return Perceptron(math.prod(image_shape), hidden, classes, dropout, bias)
'''

OWN_NORM = '''
import math
from typing import Annotated

import torch
from pydantic import Field
from torch import nn


class Centred(nn.BatchNorm1d):
    """A BatchNorm that adds noise while it trains."""

    def forward(self, x):
        y = super().forward(x)
        return y + 0.01 * torch.randn_like(y) if self.training else y


def build(image_shape, classes, *, noisy: bool = True, width: Annotated[int, Field(ge=2, le=64)] = 8):
    kind = Centred if noisy else nn.BatchNorm1d
    return nn.Sequential(
        nn.Flatten(), nn.Linear(math.prod(image_shape), width), kind(width), nn.Tanh(), nn.Linear(width, classes)
    )
'''

CRASHING = """
import math

from torch import nn


class Crashing(nn.Module):
    def __init__(self, features, classes, crash):
        super().__init__()
        self.fc, self.crash = nn.Linear(features, classes), crash

    def forward(self, x):
        if self.training and self.crash:
            raise ArithmeticError("the flux is not calibrated")
        return self.fc(x.flatten(1))


def build(image_shape, classes, *, crash: bool = True):
    return Crashing(math.prod(image_shape), classes, crash)
"""

HARDER = """
import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import nn


class Tied(nn.Module):
    # Two layers of one weight, and a running mean of its own, which it changes in place or anew.
    def __init__(self, features, classes, kind):
        super().__init__()
        self.kind, self.calls = kind, 0
        self.first, self.second = nn.Linear(features, features), nn.Linear(features, features)
        self.second.weight = self.first.weight
        self.head = nn.LazyLinear(classes) if kind == "lazy" else nn.Linear(features, classes)
        self.head.bias.requires_grad_(False) if kind == "tied" else None
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, x):
        hidden = self.second(F.elu(self.first(x.flatten(1))))
        if self.kind == "branch" and hidden.mean().item() > 0:
            hidden = -hidden
        if self.training:
            mean = hidden.detach().mean(0)
            if self.kind == "anew":
                self.mean = 0.9 * self.mean + 0.1 * mean
            else:
                self.mean.mul_(0.9).add_(0.1 * mean)
                self.seen.add_(1)
        self.calls += self.kind == "counts"
        if self.kind == "evaluation" and not self.training:
            hidden = hidden * (1 if hidden.mean().item() > 0 else 0.5)
        return self.head(hidden - self.mean)


def build(
    image_shape,
    classes,
    *,
    kind: Literal["tied", "lazy", "branch", "anew", "counts", "evaluation", "width", "number", "normed"] = "tied",
):
    features = math.prod(image_shape)
    if kind in ("width", "number", "normed"):
        drawn = torch.rand(()).item()
        hidden = 8 + int(2000 * drawn) if kind == "width" else 8
        slope = drawn if kind == "number" else 0.1
        layers = nn.Linear(features, hidden), nn.LeakyReLU(slope), nn.Linear(hidden, classes)
        first = nn.utils.parametrizations.weight_norm(layers[0]) if kind == "normed" else layers[0]
        return nn.Sequential(nn.Flatten(), first, *layers[1:])
    return Tied(features, classes, kind)
"""

LATE = """
import math

import torch
from torch import nn

STEPS = []


class Late(nn.Module):
    def __init__(self, features, classes, hidden):
        super().__init__()
        self.drawn = torch.rand(())
        self.layers = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        if self.training and len(x) == 32 and self.layers[0].out_features == 8:
            STEPS.append(1)
            if len(STEPS) > 5 and abs(self.drawn - DRAWN) < 1e-6:
                raise ArithmeticError("the flux is not calibrated")
        return self.layers(x.flatten(1))


def build(image_shape, classes, *, hidden: int = 8):
    return Late(math.prod(image_shape), classes, hidden)
"""
