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
    """An elementwise function, its form that overwrites its input and, where its output is bounded, the bounds.

    The overwriting form gives the same bits with less memory traffic; its backward pass needs the output alone.
    """

    function: Callable[[Tensor], Tensor]
    in_place: Callable[[Tensor], Tensor] | None = None
    bounds: tuple[float, float] | None = None


#: leaky_relu has slope .01, elu and selu their published constants, gelu is the exact one.
ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(F.relu, F.relu_),
    "leaky_relu": Activation(F.leaky_relu, F.leaky_relu_),
    "elu": Activation(F.elu, F.elu_),
    "selu": Activation(F.selu, F.selu_),
    "gelu": Activation(F.gelu),
    "silu": Activation(F.silu),
    "sigmoid": Activation(torch.sigmoid, torch.sigmoid_, (0.0, 1.0)),
    "tanh": Activation(torch.tanh, torch.tanh_, (-1.0, 1.0)),
    "softsign": Activation(F.softsign, None, (-1.0, 1.0)),
    "lecun_tanh": Activation(lecun_tanh, None, (-1.7159, 1.7159)),
    "hardtanh": Activation(F.hardtanh, F.hardtanh_, (-1.0, 1.0)),
}
