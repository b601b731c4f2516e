"""A stack in which every trial has a recipe of its own: each trains as it would alone, by torch's own optimizers."""

import pytest
import torch
import torch.nn.functional as F

from collect.engine.optimizer import StackOptimizer
from collect.network.cnn import StackedCNN
from collect.network.norms import BatchNorm
from collect.study.trial import Settings
from tests.collect.network.test_network import CLASSES, SHAPE, batches, losses, norms, of, plain, seeded

RECIPES = [
    Settings(ordering="bn_act", activation="relu", learning_rate=1e-3),
    Settings(ordering="act_bn", activation="tanh", learning_rate=3e-2, schedule="cosine", bn_momentum=0.3),
    Settings(ordering="act_bn", activation="tanh", learning_rate=1e-2, weight_decay=0.1, decay_bn=False),
    Settings(ordering="none", activation="sigmoid", learning_rate=1e-2, weight_decay=0.2, init="orthogonal"),
    Settings(ordering="bn_conv", activation="elu", momentum=0.5, bn_momentum=0.01),
    Settings(ordering="bn_act", activation="relu", norm="layer", weight_decay=0.1, decay_bn=False),
    Settings(ordering="act_bn", activation="tanh", norm="group", learning_rate=1e-2, schedule="onecycle"),
    Settings(ordering="act_bn", activation="tanh", norm="none", warmup=5, schedule="cosine"),
]


@pytest.mark.parametrize(
    ("depth", "optimizer", "padded"),
    [(2, "adam", False), (4, "adam", False), (4, "adam", True), (2, "adamw", True), (2, "sgd", False)],
)
def test_every_recipe_trains_as_it_would_alone(depth: int, optimizer: str, *, padded: bool) -> None:
    """20 steps in float64, half width: losses and running statistics agree to 1e-10, groups padded or not."""
    stack, data = of(RECIPES, depth, optimizer=optimizer), batches(len(RECIPES), 20)
    together = StackedCNN(stack, SHAPE, CLASSES, on_gpu=padded)
    together.initialise([torch.Generator().manual_seed(k) for k in range(len(stack))])
    stacked = losses(together.double(), data)
    for k, settings in enumerate(stack):
        alone = seeded([settings], [k])
        single = losses(alone, [(x[:, k : k + 1].contiguous(), y[k : k + 1]) for x, y in data])
        assert [row[0] for row in single] == pytest.approx([row[k] for row in stacked], rel=1e-10)
    [_, with_a_momentum, *_] = norms(together)
    assert isinstance(with_a_momentum, BatchNorm)
    assert with_a_momentum.momentum[0].item() == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("settings", "theirs"),
    [
        ({"optimizer": "adam"}, lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=0.1)),
        ({"optimizer": "adamw"}, lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=0.1)),
        ({"optimizer": "sgd", "momentum": 0.7}, lambda p: torch.optim.SGD(p, lr=1e-2, weight_decay=0.1, momentum=0.7)),
    ],
)
def test_one_trial_is_updated_as_torch_updates_it(settings: dict[str, object], theirs: object) -> None:
    """A stack of one under a recipe gives the losses of nn.Sequential under torch.optim itself."""
    [one] = of([Settings.model_validate({"learning_rate": 1e-2, "weight_decay": 0.1, **settings})], 2)
    network, twin = seeded([one], [3]), plain(one).double()
    from tests.collect.network.test_network import copy_weights

    copy_weights(network, twin)
    optimizer = theirs(twin.parameters())  # type: ignore[operator]  # one of the three above
    data, expected = batches(1, 5), []
    for x, y in data:
        loss = F.cross_entropy(twin(x), y[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert [row[0] for row in losses(network, data)] == pytest.approx(expected, rel=1e-9)


def test_the_schedule_is_each_trials_own() -> None:
    """At half the run a cosine trial has half its peak rate, and a constant one beside it its whole."""
    stack = [Settings(learning_rate=0.2), Settings(learning_rate=0.4, schedule="cosine")]
    optimizer = StackOptimizer(StackedCNN(stack, SHAPE, CLASSES), 100)
    rates = []
    for step in (1, 51, 101):
        optimizer.schedule(step)
        rates.append(sorted({group["lr"] for group in optimizer.torch_optimizer.param_groups}))
    assert rates[0] == pytest.approx([0.2, 0.4])
    assert rates[1] == pytest.approx([0.2])
    assert rates[2] == pytest.approx([0.0, 0.2])


def test_every_parameter_has_its_owners() -> None:
    """The shares of a mixed stack cover each parameter's first axis once, trial by trial."""
    network = StackedCNN(of(RECIPES, 2), SHAPE, CLASSES)
    shares = list(network.shares())
    assert {id(share.parameter) for share in shares} == {id(p) for p in network.parameters()}
    for share in shares:
        covered = [i for k in range(len(RECIPES)) for i in range(len(share.parameter))[share.of(k, k + 1)]]
        assert covered == list(range(len(share.parameter)))
