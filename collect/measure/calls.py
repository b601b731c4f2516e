"""Functions of torch's that a network calls without a module: activations, norms, products with its weights."""

import inspect
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import activation, normalization
from torch.nn.modules.batchnorm import _NormBase

from collect.measure.probes import UNBOUNDED

Function = Callable[..., Any]
Bounds = tuple[float, float]

#: Activation functions that are modules of torch; a softmax weighs, it activates nothing.
NOT_ACTIVATIONS = ("MultiheadAttention", "Softmax", "Softmax2d", "LogSoftmax", "Softmin")
ACTIVATIONS = tuple(getattr(activation, name) for name in activation.__all__ if name not in NOT_ACTIVATIONS)
NORMS = (_NormBase, *(getattr(normalization, name) for name in ("LayerNorm", "GroupNorm", "RMSNorm")))


def _called(*names: str) -> dict[Function, str]:
    """The functions of these names, and those that write in place, wherever torch has them."""
    forms = [(form, name) for name in names for form in (name, f"{name}_")]
    return {getattr(home, form): name for form, name in forms for home in (F, torch, Tensor) if hasattr(home, form)}


#: By name. Of norms those of torch.nn.functional, whose arguments have names.
ACTIVATION_FUNCTIONS = _called(*(kind.__name__.lower() for kind in ACTIVATIONS), "leaky_relu")
NORM_FUNCTIONS = (F.batch_norm, F.instance_norm, F.layer_norm, F.group_norm, F.rms_norm)
CONVOLUTIONS = _called(*(f"conv{form}{axes}d" for form in ("", "_transpose") for axes in (1, 2, 3)))
PRODUCTS = CONVOLUTIONS | _called("linear", "bilinear", "matmul", "mm", "addmm", "einsum")

#: Of activation functions by name, as of what has their arguments as attributes.
BOUNDS: Mapping[str, Callable[[Any], Bounds]] = MappingProxyType(
    {
        "sigmoid": lambda _: (0.0, 1.0),
        "hardsigmoid": lambda _: (0.0, 1.0),
        "tanh": lambda _: (-1.0, 1.0),
        "softsign": lambda _: (-1.0, 1.0),
        "hardtanh": lambda given: (given.min_val, given.max_val),
        "relu6": lambda _: (0.0, 6.0),
    }
)


def bounds_of_module(module: nn.Module) -> Bounds:
    """Of an activation function that is a module; of a class made from torch's they are not known."""
    name = type(module).__name__.lower()
    return BOUNDS[name](module) if name in BOUNDS and type(module) in ACTIVATIONS else UNBOUNDED


def bounds_of_call(function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Bounds:
    """Of an activation function that was called like this."""
    name = ACTIVATION_FUNCTIONS[function]
    return BOUNDS[name](arguments_of(function, args, kwargs)) if name in BOUNDS else UNBOUNDED


def arguments_of(function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> SimpleNamespace:
    """What a function was given, by name, its defaults too; of one that is not written in Python nothing is known."""
    if not inspect.isfunction(function):
        return SimpleNamespace(min_val=math.nan, max_val=math.nan)
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    return SimpleNamespace(**bound.arguments)
