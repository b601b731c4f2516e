"""Whether networks of one's own are faster side by side than one after another, timed on a GPU before they train.

Many small kernels become few large ones, which is what a small network gains by. A large one keeps a GPU busy by
itself, and its convolutions in as many groups as there are trials may take longer than one by one.
"""

import time

import torch

from collect.engine.step import Stepper
from collect.network.interface import Network
from collect.network.own_stack import ApartError, OwnStack

#: Of which the fastest counts, after one that warms up.
TIMED = 3


def require_gain(stepper: Stepper) -> None:
    """On a GPU, time the forward and backward pass of a stack and of one of its trials; all is left as it was.

    Raises:
        ApartError: side by side the trials take longer.
    """
    network = stepper.network
    if not isinstance(network, OwnStack) or not network.on_gpu:
        return
    before = {name: values.detach().clone() for name, values in network.state().items()}
    together, alone = _seconds(stepper, network), _seconds(stepper, network.members[0])
    with torch.no_grad():
        for name, values in network.state().items():
            values.copy_(before[name])
    if together > network.trials * alone:
        times = together / (network.trials * alone)
        raise ApartError(f"{network.trials} side by side take {times:.1f} times as long as one after another")


def _seconds(stepper: Stepper, network: Network) -> float:
    """Those that a network's trials take with their first batches."""
    index = stepper.batches[0, : network.trials].long().to(stepper.diverged_at.device)
    x = stepper.images.batch(stepper.images.train_images, index)
    trained = [share.parameter for share in network.shares()]
    seconds = []
    for _ in range(1 + TIMED):
        started = _now(x)
        with torch.autocast(stepper.device_type, torch.bfloat16, enabled=stepper.precision == "bf16"):
            logits = network(x, "train")
        torch.autograd.grad(logits.float().square().mean(), trained, materialize_grads=True)
        seconds.append(_now(x) - started)
    return min(seconds[1:])


def _now(x: torch.Tensor) -> float:
    """Once all that was asked of a GPU is done."""
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter()
