"""A second device without a second device: tensors that say they are elsewhere, and hold their numbers in main memory.

Where code forgets to move something, an operation meets tensors of two devices and fails, as it would on a GPU. What
arithmetic, kernels or graphs of a GPU do differently is not seen here.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from collect.engine import draws

#: The one device of torch's that every build has beside the CPU; it holds no numbers of its own.
AWAY = torch.device("meta")


class Away(Tensor):
    """A tensor there."""

    here: Tensor
    is_cuda = True

    @staticmethod
    def __new__(cls, here: Tensor) -> Self:
        """See `torch.Tensor._make_wrapper_subclass`."""
        made: Self = Tensor._make_wrapper_subclass(
            cls,
            here.size(),
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=AWAY,
        )
        made.here = here
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute."""
        return computed(func, args, kwargs or {})

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        """By which torch.nn.Module knows that a parameter which moves there has to stay the same object."""
        return ["here"], None

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], *_: Any) -> "Away":
        """The way back."""
        return Away(inner["here"])

    @property
    def data(self) -> Tensor:  # type: ignore[override]  # torch's attribute
        """Its numbers alone, which can be put in another's place, as `torch.nn.Module.to` does."""
        return self.detach()

    @data.setter
    def data(self, other: "Away") -> None:
        self.here = other.here

    def tolist(self) -> Any:
        """As of any tensor; torch refuses it to subclasses."""
        return self.here.tolist()


def computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """What an operation gives, on the device that it gives it on.

    Raises:
        RuntimeError: tensors of two devices met, of which one is no plain number.
    """
    tensors = [value for value in tree_leaves((args, kwargs)) if isinstance(value, Tensor)]
    away = [value for value in tensors if isinstance(value, Away)]
    copies = func is torch.ops.aten.copy_.default
    if away and not copies and any(value.dim() and not isinstance(value, Away) for value in tensors):
        raise RuntimeError(f"{func}: tensors on two devices: {[(tuple(v.shape), v.device.type) for v in tensors]}")
    named = kwargs.get("device")
    to = torch.device(named) if named is not None else None
    if to == AWAY:
        kwargs = kwargs | {"device": torch.device("cpu")}
    given = func(*tree_map(_here, args), **tree_map(_here, kwargs))
    if to != AWAY and (to is not None or not away or (copies and not isinstance(args[0], Away))):
        return given
    known = {id(value.here): value for value in away}
    return tree_map(lambda value: known.get(id(value), _away(value)), given)


def _here(value: Any) -> Any:
    return value.here if isinstance(value, Away) else value


def _away(value: Any) -> Any:
    return Away(value) if isinstance(value, Tensor) and not isinstance(value, Away) else value


class _Made(TorchDispatchMode):
    """Tensors that are made there, or moved there."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return computed(func, args, kwargs or {})


class _OfNumbers(TorchFunctionMode):
    """torch.tensor looks at no mode of the kind above."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.tensor and torch.device(kwargs.get("device") or "cpu") == AWAY:
            return func(*args, **kwargs | {"device": "cpu"}).to(AWAY)
        return func(*args, **kwargs)


@contextmanager
def second_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """Have one: torch's fused optimizers, autocast, generators and files take it, and a module that is moved there."""
    autocast: Callable[..., Any] = torch.autocast
    monkeypatch.setattr(torch, "autocast", lambda _, *args, **named: autocast("cpu", *args, **named))
    optimizers = sys.modules["torch.optim.optimizer"]  # the package hides it
    monkeypatch.setattr(optimizers, "_get_fused_kernels_supported_devices", lambda: ["cpu", AWAY.type])
    generator_for, save, load = draws.generator_for, torch.save, torch.load
    monkeypatch.setattr(draws, "generator_for", lambda purpose, seed, _=None: generator_for(purpose, seed))
    monkeypatch.setattr(torch, "save", lambda state, file: save(tree_map(_here, state), file))
    monkeypatch.setattr(
        torch,
        "load",
        lambda file, map_location, **named: tree_map(
            lambda value: value.to(map_location) if isinstance(value, Tensor) else value, load(file, **named)
        ),
    )
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    with _Made(), _OfNumbers():
        yield AWAY
