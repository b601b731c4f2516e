"""What is measured inside a network of one's own, where its modules and torch's functions are called.

A layer is a parameter of two axes or more, outside of the norms, in the order of registration; its name is that of its
module. It is called with its module, or where torch multiplies by it. It is given the first activation function and the
first norm that are called after it and before the next layer, each a module or a function of torch's. What is neither
(x.clamp(min=0), a layer that is never called) is null. What the numbers mean is said in `probes`.

Functions are seen by a TorchFunctionMode as they are called, not on a graph of torch.fx: a network that decides by the
shape or the values of its input cannot be traced, and one that can would have to run once more from its graph.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from collect.measure import calls
from collect.measure.calls import Bounds, Function
from collect.measure.probes import NO_ACTIVATION, activation_statistics
from collect.network.own import OwnModule
from collect.store.outcome import LayerProbe


class _Layer(NamedTuple):
    name: str
    weight: nn.Parameter
    owner: nn.Module

    @property
    def kind(self) -> str:
        if isinstance(self.owner, _ConvNd):
            return "conv"
        return "linear" if isinstance(self.owner, nn.Linear) else type(self.owner).__name__


def probe(network: OwnModule, x: Tensor, target: Tensor, precision: str, step: int) -> list[LayerProbe]:
    """One row a layer. Arguments are those of `probes.probe`."""
    layers = list(_layers(network.built))
    if not layers:  # norms or biases alone are trained
        return []
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
        norm = None if gradient is None else gradient.abs().float().norm().item()  # abs: it may be complex
        rows.append(LayerProbe(step=step, layer=number, kind=layer.kind, grad_norm=norm, module=layer.name, **values))
    return rows


def _layers(built: nn.Module) -> Iterator[_Layer]:
    known = set()
    for path, module in built.named_modules():
        if isinstance(module, calls.NORMS):
            continue
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.ndim > 1 and parameter.requires_grad and id(parameter) not in known:
                known.add(id(parameter))
                full = ".".join(filter(None, (path, "" if name == "weight" and path else name)))
                yield _Layer(full, parameter, module)


class _Watch(TorchFunctionMode):
    """Looks on while a network is called.

    Attributes:
        seen: the statistics of what was called after each layer, by the layer's place.
    """

    def __init__(self, built: nn.Module, layers: Sequence[_Layer]) -> None:
        super().__init__()
        self.built = built
        self.place = {id(layer.owner): number for number, layer in enumerate(layers)}
        self.place |= {id(layer.weight): number for number, layer in enumerate(layers)}
        self.seen: dict[int, dict[str, float]] = {}
        self._last: int | None = None
        self._channels = -1
        self._in_activation = 0

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look on while the context lasts."""
        handles = [handle for module in self.built.modules() for handle in self._hooked(module)]
        try:
            with torch.compiler.set_stance("force_eager"), self:  # what is compiled calls nothing that can be seen
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _hooked(self, module: nn.Module) -> Iterator[RemovableHandle]:
        if id(module) in self.place:
            yield module.register_forward_hook(self._called)
        elif isinstance(module, calls.ACTIVATIONS):
            yield module.register_forward_pre_hook(self._activates)
            yield module.register_forward_hook(self._activated)
        elif isinstance(module, calls.NORMS):
            yield module.register_forward_pre_hook(self._normalises)

    def __torch_function__(
        self, func: Function, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call a function of torch's as it was called, and look at what it was given and what it gives."""
        del types
        named = kwargs or {}
        if func in calls.NORM_FUNCTIONS:
            given = calls.arguments_of(func, args, named)
            self._normalised(given, given.input, is_batchnorm=func is F.batch_norm)
        output = func(*args, **named)
        if func in calls.PRODUCTS:
            self._multiplied((*args, *named.values()), func)
        elif func in calls.ACTIVATION_FUNCTIONS and not self._in_activation:
            self._row_of_activation(output, calls.bounds_of_call(func, args, named))
        return output

    def _called(self, module: nn.Module, _: object, __: object) -> None:
        self._last, self._channels = self.place[id(module)], 1 if isinstance(module, _ConvNd) else -1

    def _multiplied(self, factors: Sequence[object], func: Function) -> None:
        """A layer was called where one of the factors is its weight, or a view of it."""
        for factor in factors:
            weight = factor if id(factor) in self.place else getattr(factor, "_base", None)
            if id(weight) in self.place:
                self._last, self._channels = self.place[id(weight)], 1 if func in calls.CONVOLUTIONS else -1

    def _activates(self, _: nn.Module, __: object) -> None:
        self._in_activation += 1

    def _activated(self, module: nn.Module, _: object, output: object) -> None:
        self._in_activation -= 1
        self._row_of_activation(output, calls.bounds_of_module(module))

    def _row_of_activation(self, output: object, bounds: Bounds) -> None:
        if self._last is not None and isinstance(output, Tensor) and output.ndim > 1:
            row = self.seen.setdefault(self._last, {})
            if "activation_mean" not in row:
                row |= _activation(output.detach(), bounds, self._channels)

    def _normalises(self, module: nn.Module, given: tuple[object, ...]) -> None:
        self._normalised(module, given[0] if given else None, is_batchnorm=isinstance(module, _BatchNorm))

    def _normalised(self, norm: object, given: object, *, is_batchnorm: bool) -> None:
        if self._last is not None and isinstance(given, Tensor):
            row = self.seen.setdefault(self._last, {})
            if "gamma_norm" not in row:
                row |= _norm(norm, given.detach(), is_batchnorm=is_batchnorm)


def _activation(output: Tensor, bounds: Bounds, channels: int) -> dict[str, float]:
    """Of the outputs of a convolution the channels are the second axis, of any other layer the last."""
    by_channel = output.movedim(channels, 0).flatten(1)
    return {name: value.item() for name, value in activation_statistics(by_channel.float()[None], [bounds]).items()}


@torch.no_grad()
def _norm(norm: Any, given: Tensor, *, is_batchnorm: bool) -> dict[str, float]:
    """The scale and shift of any norm, and how far a BatchNorm's running statistics are from the batch's."""
    found = {}
    for name, parameter in (("gamma_norm", "weight"), ("beta_norm", "bias")):
        values = getattr(norm, parameter, None)
        found[name] = values.square().mean().sqrt().item() if isinstance(values, Tensor) else math.nan
    if is_batchnorm and norm.running_mean is not None and norm.running_var is not None:
        variance, mean = torch.var_mean(given.float(), [axis for axis in range(given.ndim) if axis != 1])
        lag = (norm.running_mean - mean).abs() / (variance + norm.eps).sqrt()
        found["bn_mean_lag"] = lag.mean().item()
        found["bn_var_lag"] = ((norm.running_var + norm.eps) / (variance + norm.eps)).log().abs().mean().item()
    return found
