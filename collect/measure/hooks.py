"""What is measured inside a network of one's own: by hooks on its modules, where they are called.

A layer is a parameter of two axes or more, outside of the norms, in the order of registration; its name is that of its
module. It is given the first activation function and the first norm that are called after its module and
before the next layer's. What no hook sees (a function called without a module, a layer that is never called as one) is
null. What the numbers mean is said in `probes`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import activation, normalization
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.modules.conv import _ConvNd
from torch.utils.hooks import RemovableHandle

from collect.measure.probes import NO_ACTIVATION, UNBOUNDED, activation_statistics
from collect.network.own import OwnModule
from collect.store.outcome import LayerProbe

Bounds = tuple[float, float]
#: Activation functions that are modules of torch; a softmax weighs, it activates nothing.
NOT_ACTIVATIONS = ("MultiheadAttention", "Softmax", "Softmax2d", "LogSoftmax", "Softmin")
ACTIVATIONS = tuple(getattr(activation, name) for name in activation.__all__ if name not in NOT_ACTIVATIONS)
BOUNDS: dict[type[nn.Module], Callable[[Any], Bounds]] = {
    nn.Sigmoid: lambda _: (0.0, 1.0),
    nn.Hardsigmoid: lambda _: (0.0, 1.0),
    nn.Tanh: lambda _: (-1.0, 1.0),
    nn.Softsign: lambda _: (-1.0, 1.0),
    nn.Hardtanh: lambda module: (module.min_val, module.max_val),
    nn.ReLU6: lambda _: (0.0, 6.0),
}
NORMS = (_NormBase, *(getattr(normalization, name) for name in ("LayerNorm", "GroupNorm", "RMSNorm")))


class _Layer(NamedTuple):
    name: str
    weight: nn.Parameter
    owner: nn.Module

    @property
    def kind(self) -> str:
        if isinstance(self.owner, _ConvNd):
            return "conv"
        return "linear" if isinstance(self.owner, nn.Linear) else type(self.owner).__name__


def probe(network: OwnModule, x: Tensor, target: Tensor, precision: str, step: int) -> list[list[LayerProbe]]:
    """One row a layer, of the one trial. Arguments are those of `probes.probe`."""
    layers = list(_layers(network.built))
    watch = _Watch(network.built, layers)
    with watch.looking(), torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bf16"):
        logits = network(x, "batch")
    loss = F.cross_entropy(logits.float().transpose(1, 2), target)
    gradients: Sequence[Tensor | None] = torch.autograd.grad(
        loss, [layer.weight for layer in layers], allow_unused=True
    )
    rows = []
    for number, (layer, gradient) in enumerate(zip(layers, gradients, strict=True), start=1):
        found = dict.fromkeys(NO_ACTIVATION, math.nan) | watch.seen.get(number - 1, {})
        values = {name: None if math.isnan(value) else value for name, value in found.items()}
        norm = None if gradient is None else gradient.float().norm().item()
        rows.append(LayerProbe(step=step, layer=number, kind=layer.kind, grad_norm=norm, module=layer.name, **values))
    return [rows]


def _layers(built: nn.Module) -> Iterator[_Layer]:
    known = set()
    for path, module in built.named_modules():
        if isinstance(module, NORMS):
            continue
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.ndim > 1 and parameter.requires_grad and id(parameter) not in known:
                known.add(id(parameter))
                full = ".".join(filter(None, (path, "" if name == "weight" and path else name)))
                yield _Layer(full, parameter, module)


class _Watch:
    """Looks on while a network is called.

    Attributes:
        seen: the statistics of what was called after each layer, by the layer's place.
    """

    def __init__(self, built: nn.Module, layers: Sequence[_Layer]) -> None:
        self.built, self.place = built, {id(layer.owner): number for number, layer in enumerate(layers)}
        self.seen: dict[int, dict[str, float]] = {}
        self._last: nn.Module | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look on while the context lasts."""
        handles = [handle for module in self.built.modules() for handle in self._hooked(module)]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hooked(self, module: nn.Module) -> Iterator[RemovableHandle]:
        if id(module) in self.place:
            yield module.register_forward_hook(self._called)
        elif isinstance(module, ACTIVATIONS):
            yield module.register_forward_hook(self._activated)
        elif isinstance(module, NORMS):
            yield module.register_forward_pre_hook(self._normalises)

    def _called(self, module: nn.Module, _: object, __: object) -> None:
        self._last = module

    def _activated(self, module: nn.Module, _: object, output: object) -> None:
        if self._last is not None and isinstance(output, Tensor) and output.ndim > 1:
            row = self._row(self._last)
            if "activation_mean" not in row:
                row |= _activation(output.detach(), module, self._last)

    def _normalises(self, module: nn.Module, given: tuple[object, ...]) -> None:
        if self._last is not None and given and isinstance(given[0], Tensor):
            row = self._row(self._last)
            if "gamma_norm" not in row:
                row |= _norm(module, given[0].detach())

    def _row(self, layer: nn.Module) -> dict[str, float]:
        return self.seen.setdefault(self.place[id(layer)], {})


def _activation(output: Tensor, module: nn.Module, layer: nn.Module) -> dict[str, float]:
    """Of the outputs of a convolution the channels are the second axis, of any other layer the last."""
    channels = output.movedim(1 if isinstance(layer, _ConvNd) else -1, 0).flatten(1)
    bounds = BOUNDS.get(type(module), lambda _: UNBOUNDED)(module)
    return {name: value.item() for name, value in activation_statistics(channels.float()[None], [bounds]).items()}


@torch.no_grad()
def _norm(module: nn.Module, given: Tensor) -> dict[str, float]:
    """The scale and shift of any norm, and how far a BatchNorm's running statistics are from the batch's."""
    found = {}
    for name, parameter in (("gamma_norm", "weight"), ("beta_norm", "bias")):
        values = getattr(module, parameter, None)
        found[name] = values.square().mean().sqrt().item() if isinstance(values, Tensor) else math.nan
    if isinstance(module, _BatchNorm) and module.running_mean is not None and module.running_var is not None:
        variance, mean = torch.var_mean(given.float(), [axis for axis in range(given.ndim) if axis != 1])
        lag = (module.running_mean - mean).abs() / (variance + module.eps).sqrt()
        found["bn_mean_lag"] = lag.mean().item()
        found["bn_var_lag"] = ((module.running_var + module.eps) / (variance + module.eps)).log().abs().mean().item()
    return found
