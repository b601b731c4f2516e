"""One torch optimizer for a stack in which every trial may have a recipe of its own.

Neighbours of one recipe form one parameter group over their slices of every parameter. A slice is a parameter of its
own to the optimizer and shares values and gradient with the network's, so torch's own formulas update a stack.
"""

import torch
from torch import Tensor, nn

from collect.engine import schedule
from collect.network.interface import Network
from collect.network.stack import Share, runs
from collect.study.trial import Settings

#: What may differ between the trials of one stack and reaches the optimizer.
OWN = ("learning_rate", "schedule", "warmup", "weight_decay", "decay_bn", "momentum")


class StackOptimizer:
    """Updates the parameters of K trials, each by its own recipe.

    Args:
        network: with its gradients; they are allocated here and stay where they are.
        steps: of the whole run, which the learning-rate schedules span.
    """

    def __init__(self, network: Network, steps: int) -> None:
        self.steps, self.shares = steps, list(network.shares())
        self._gradients = [torch.zeros_like(share.parameter) for share in self.shares]
        for share, gradient in zip(self.shares, self._gradients, strict=True):
            share.parameter.grad = gradient
        self.captured = self.shares[0].parameter.is_cuda and network.captured
        self._fused = not any(share.parameter.is_complex() for share in self.shares)
        self.recipes: list[Settings] = []
        groups: list[dict[str, object]] = []
        for run in runs(network.stack, lambda settings: str([getattr(settings, name) for name in OWN])):
            settings = network.stack[run.start]
            for norm, decays in ((False, True), (True, settings.decay_bn)):
                held = [_slice(s, run.start, run.stop) for s in self.shares if (s.kind == "norm") == norm]
                if any(piece.numel() for piece in held):
                    self.recipes.append(settings)
                    groups.append({"params": held, **self._options(settings, decays=decays)})
        self.torch_optimizer = self._made(network.stack[0].optimizer, groups)

    def _options(self, settings: Settings, *, decays: bool) -> dict[str, object]:
        rate: float | Tensor = settings.learning_rate
        if self.captured:  # a captured graph reads it, so it must change in place
            rate = torch.tensor(rate, device=self.shares[0].parameter.device)
        options: dict[str, object] = {"lr": rate, "weight_decay": settings.weight_decay if decays else 0.0}
        return {**options, "momentum": settings.momentum} if settings.optimizer == "sgd" else options

    def _made(self, name: str, groups: list[dict[str, object]]) -> torch.optim.Optimizer:
        if name == "sgd":
            return torch.optim.SGD(groups, fused=self._fused)
        kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
        return kind(groups, fused=self._fused, capturable=self.captured)

    def zero_grad(self) -> None:
        """Set every gradient to zero, in place."""
        torch._foreach_zero_(self._gradients)  # as torch.optim does

    def schedule(self, step: int) -> None:
        """Set the learning rates of a step, counted from 1."""
        for settings, group in zip(self.recipes, self.torch_optimizer.param_groups, strict=True):
            if schedule.is_even(settings):
                continue
            rate = schedule.rate(settings, step, self.steps)
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def step(self) -> None:
        """Update every parameter."""
        self.torch_optimizer.step()


def _slice(share: Share, start: int, stop: int) -> nn.Parameter:
    """All of it is the parameter itself, into which a network of anybody's may put other values (p.data = …)."""
    if start <= share.start and share.stop <= stop:
        return share.parameter
    where = share.of(start, stop)
    own = nn.Parameter(share.parameter.detach()[where])
    assert share.parameter.grad is not None
    own.grad = share.parameter.grad[where]
    return own
