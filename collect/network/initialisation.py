"""Initial weights of one layer."""

import torch
from torch import Tensor, nn


def fill(weight: Tensor, bias: Tensor, init: str, generator: torch.Generator) -> None:
    """Fill a weight [out, in, height, width] and its bias [out].

    `torch` is the default of torch.nn.Conv2d and torch.nn.Linear: weights and biases uniform on ±1/sqrt(fan_in). The
    others draw the weights by torch.nn.init and set the biases to zero.
    """
    if init == "torch":
        bound = weight[0].numel() ** -0.5
        weight.uniform_(-bound, bound, generator=generator)
        bias.uniform_(-bound, bound, generator=generator)
        return
    bias.zero_()
    if init == "he_normal":
        nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    elif init == "xavier_normal":
        nn.init.xavier_normal_(weight, generator=generator)
    else:
        nn.init.orthogonal_(weight, generator=generator)
