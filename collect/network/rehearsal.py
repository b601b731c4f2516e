"""A network of one's own is tried out before it trains: whether a seed gives the same one, and whether it can go on.

Two are built from one seed. One takes two steps on noise; the other takes up the state that the first one had between
them, as a trial does that was stopped, and takes the second. Where the two then differ, or a counter that is no part of
the state has moved, a trial that is stopped begins again.
"""

import copy
import functools
import pickle

import torch
from torch import Tensor

from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.network.own_code import python_generators, python_generators_kept
from collect.network.own_stack import members_of, plain_attributes
from collect.study.own_network import OwnSettings

#: Images of a batch.
IMAGES = 2


def rehearse(network: Network) -> None:
    """Say of a network whether its state is all that it needs to go on; the built-in one's is.

    Raises:
        ValueError: equal seeds do not give equal networks, or it draws where no state is kept.
        Exception: whatever the network raises.
    """
    for member in members_of(network)[:1]:  # the others differ in their seeds alone
        network.resumable = _resumable(member.settings, member.image_shape, member.classes)


@functools.lru_cache(maxsize=256)
def _resumable(settings: OwnSettings, image_shape: tuple[int, int, int], classes: int) -> bool:
    (whole, digest), (resumed, again) = (_built(settings, image_shape, classes) for _ in range(2))
    if digest != again:
        raise ValueError(
            f"{settings.built.call} gives other weights each time it is called with the same seed; draw them by torch, "
            "numpy.random or random, which are seeded for it, not by a generator or a source of its own"
        )
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, IMAGES, *image_shape, generator=generator)
    with python_generators_kept():
        before = pickle.dumps(python_generators())
        _step(whole, first)
        between, counted = copy.deepcopy(whole.state_dict()), _counters(whole)
        left = _step(whole, second)
        if pickle.dumps(python_generators()) != before:
            raise ValueError(
                f"{settings.built.call} gives a network that draws by Python's or NumPy's global generator while it "
                "trains; draw by torch (torch.rand), whose state is kept with each trial"
            )
        resumed.load_state_dict(between)
        same = all(map(torch.equal, left, _step(resumed, second)))
    return same and counted == _counters(whole)


def _built(settings: OwnSettings, image_shape: tuple[int, int, int], classes: int) -> tuple[OwnModule, str]:
    network = OwnModule([settings], image_shape, classes)
    [digest] = network.initialise([torch.Generator().manual_seed(0)])
    return network, digest


def _step(network: OwnModule, x: Tensor) -> list[Tensor]:
    """The bytes of what a training step computes, and of the state that it leaves."""
    logits = network(x, "train")
    trained = [share.parameter for share in network.shares()]
    gradients = torch.autograd.grad(logits.square().sum(), trained, materialize_grads=True)
    state = [values for values in network.state_dict().values() if isinstance(values, Tensor)]
    found = (logits.detach(), *gradients, *state)
    dense = (values.to_dense() if values.is_sparse else values for values in found)
    return [values.contiguous().flatten().view(torch.uint8).clone() for values in dense]


def _counters(network: OwnModule) -> list[object]:
    """Plain values that modules keep as attributes, but for those that keep a state of their own kind."""
    kept = [type(module).get_extra_state is not torch.nn.Module.get_extra_state for module in network.built.modules()]
    return [None if own else found for own, found in zip(kept, plain_attributes(network.built), strict=True)]
