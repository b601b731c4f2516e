"""Activation functions by name, with the bounds that saturation refers to."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


def lecun_tanh(x: Tensor) -> Tensor:
    """1.7159 tanh(2x/3) (LeCun et al. 1998, Efficient BackProp, section 4.4)."""
    return 1.7159 * torch.tanh(x * (2 / 3))


class Activation(NamedTuple):
    """An elementwise function and, where its output is bounded on both sides, its bounds."""

    function: Callable[[Tensor], Tensor]
    bounds: tuple[float, float] | None = None


#: leaky_relu has slope .01, elu and selu their published constants, gelu is the exact one.
ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(F.relu),
    "leaky_relu": Activation(F.leaky_relu),
    "elu": Activation(F.elu),
    "selu": Activation(F.selu),
    "gelu": Activation(F.gelu),
    "silu": Activation(F.silu),
    "sigmoid": Activation(torch.sigmoid, (0.0, 1.0)),
    "tanh": Activation(torch.tanh, (-1.0, 1.0)),
    "softsign": Activation(F.softsign, (-1.0, 1.0)),
    "lecun_tanh": Activation(lecun_tanh, (-1.7159, 1.7159)),
    "hardtanh": Activation(F.hardtanh, (-1.0, 1.0)),
}
