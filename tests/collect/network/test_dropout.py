"""Dropout: what it leaves out is known, and is the same in both arms of a pair."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.engine.draws import generators_of_step
from collect.engine.optimizer import StackOptimizer
from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.network.block import Placement
from collect.network.cnn import StackedCNN
from collect.study.trial import Settings
from tests.collect.conftest import trial
from tests.collect.engine.test_training import result
from tests.collect.network.test_network import CLASSES, SHAPE, batches, copy_weights, of, plain, seeded

CPU, STEPS, SEEDS = torch.device("cpu"), 20, [4, 5, 6]
STACK = [
    Settings(ordering="bn_act", activation="relu", dropout=0.25, dropout_place="before_norm", batch_size=8),
    Settings(ordering="act_bn", activation="tanh", dropout=0.5, batch_size=8),
    Settings(ordering="act_bn", activation="tanh", batch_size=8),
]


class Kept(nn.Module):
    """Multiplies by what each step keeps, drawn by the generator that the step has for a trial."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.share, self.generator = settings.dropout, torch.Generator()

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn.Dropout, but for where the draws come from."""
        if not self.training or not self.share:
            return x
        return x * (torch.rand(x.shape, generator=self.generator) >= self.share) / (1 - self.share)


def with_dropout(settings: Settings) -> nn.Sequential:
    """The plain network with dropout in its blocks."""
    layers: list[nn.Module] = []
    for layer in plain(settings):
        activation = isinstance(layer, nn.ReLU | nn.Tanh)
        if settings.dropout_place == "before_norm" and isinstance(layer, nn.BatchNorm2d):
            layers.append(Kept(settings))
        layers.append(layer)
        ends = isinstance(layer, nn.BatchNorm2d) if settings.ordering == "act_bn" else activation
        if settings.dropout_place == "after" and ends:
            layers.append(Kept(settings))
    return nn.Sequential(*layers)


def placements(network: StackedCNN) -> Iterator[Placement]:
    """Those of every block."""
    for block in network.each_block():
        yield from block.each_placement()


def drawn(network: StackedCNN, step: int) -> list[Tensor]:
    """What each block keeps in a step."""
    network.draw(generators_of_step(step, SEEDS[: network.trials], CPU))
    return [one.dropout.kept.clone() for one in placements(network) if one.dropout and one.dropout.kept is not None]


def test_a_stack_with_dropout_trains_as_plain_torch() -> None:
    """20 Adam steps in float64 of a stack of three, one without dropout: every loss is plain torch's, to 1e-10."""
    stack, data = of(STACK, 2), batches(3, STEPS)
    network = seeded(stack, SEEDS)
    optimizer = StackOptimizer(network, STEPS)
    twins = [with_dropout(settings).double() for settings in stack]
    for twin, settings, seed in zip(twins, stack, SEEDS, strict=True):
        copy_weights(seeded([settings], [seed]), twin)
    theirs = [torch.optim.Adam(twin.parameters(), lr=1e-3) for twin in twins]
    for step, (x, y) in enumerate(data, start=1):
        network.draw(generators_of_step(step, SEEDS, CPU))
        each = F.cross_entropy(network(x, "train").transpose(1, 2), y, reduction="none").mean(1)
        optimizer.zero_grad()
        each.sum().backward()
        optimizer.step()
        for k, generator in enumerate(generators_of_step(step, SEEDS, CPU)):
            for module in twins[k]:
                if isinstance(module, Kept):
                    module.generator = generator
            loss = F.cross_entropy(twins[k](x[:, k : k + 1]), y[k])
            theirs[k].zero_grad()
            loss.backward()
            theirs[k].step()
            assert loss.item() == pytest.approx(each[k].item(), rel=1e-10)


def test_both_arms_of_a_pair_leave_out_the_same() -> None:
    """Of one seed and step, whatever ordering and activation; another step or seed leaves out something else."""
    one, other = (StackedCNN([settings], SHAPE, CLASSES) for settings in of(STACK[:2], 2, dropout=0.5))
    first, second = drawn(one, 1), drawn(other, 1)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(drawn(one, 2)[0], first[0])
    assert all(0.45 < kept.double().mean() < 0.55 for kept in first)


@pytest.mark.parametrize("mode", ["batch", "running"])
def test_nothing_is_left_out_where_nothing_is_trained(mode: str) -> None:
    """Evaluation and probes see the whole network."""
    dropped, whole = (seeded(of([STACK[1]], 2, dropout=share), [1]) for share in (0.5, 0.0))
    x = batches(1, 1)[0][0]
    assert torch.equal(dropped(x, mode), whole(x, mode))  # type: ignore[arg-type]  # a mode


def test_it_is_trained_with(resident: ResidentImages) -> None:
    """Dropout and its place reach the training; a neighbour without it is none the wiser."""
    stack = [trial(), trial(dropout=0.3), trial(dropout=0.3, dropout_place="before_norm")]
    together = train(stack, resident)
    assert len({outcome.row.test_loss for outcome in together}) == 3
    assert together[0].row.test_loss == pytest.approx(train(stack[:1], resident)[0].row.test_loss, rel=1e-3)
    assert result(train(stack[1:2], resident)[0]) == result(train(stack[1:2], resident)[0])
