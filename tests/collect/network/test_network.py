"""The network: K stacked trials are K ordinary networks."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from collect.engine.optimizer import StackOptimizer
from collect.network.activations import ACTIVATIONS
from collect.network.cnn import StackedCNN
from collect.network.norms import BatchNorm, ImageNorm
from collect.network.stack import runs
from collect.study.stages import stage_depths, stages_of
from collect.study.trial import Settings

SHAPE, CLASSES = (1, 28, 28), 10
STACK = [
    Settings(ordering="bn_act", activation="relu"),
    Settings(ordering="act_bn", activation="tanh"),
    Settings(ordering="none", activation="sigmoid"),
]


def of(stack: list[Settings], depth: int, **changes: object) -> list[Settings]:
    """These trials at another depth, half as wide."""
    return [s.model_copy(update={"depth": depth, "width": 0.5, **changes}) for s in stack]


def plain(settings: Settings) -> nn.Sequential:
    """The same network as a user would write it, for one trial."""
    layers: list[nn.Module] = []
    channels, side = SHAPE[:2]
    counts = {2: (1, 1, 0), 4: (2, 1, 1), 8: (3, 3, 2)}[settings.depth]
    bases: tuple[int, ...] = (16, 32, 64)
    pooled: tuple[int, ...] = (0, 1)
    if settings.channels != "16-32-64":  # of other numbers of stages, the tests have these
        counts, bases = {"24-8": ((2, 2), (24, 8)), "20": ((4,), (20,))}[settings.channels]
        pooled = {"between": tuple(range(len(counts) - 1)), "none": (), "1-2": (0, 1), "1": (0,)}[settings.pools]
    for stage, (count, base) in enumerate(zip(counts, bases, strict=True)):
        out = int(base * settings.width)
        for _ in range(count):
            conv = nn.Conv2d(
                channels, out, settings.kernel, padding=(settings.kernel - 1) // 2, bias=settings.conv_bias
            )
            norm = plain_norm(settings, channels if settings.ordering == "bn_conv" else out)
            act = {"relu": nn.ReLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid()}[settings.activation]
            layers += {
                "bn_act": [conv, norm, act],
                "act_bn": [conv, act, norm],
                "none": [conv, act],
                "bn_conv": [norm, conv, act],
            }[settings.ordering]
            channels = out
        if stage in pooled:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    if settings.head == "gap":
        layers.append(nn.AdaptiveAvgPool2d(1))
        side = 1
    head, features = [nn.Flatten()], channels * side * side
    if settings.head_hidden:
        hidden = nn.Linear(features, settings.head_hidden), {"relu": nn.ReLU(), "tanh": nn.Tanh()}[settings.activation]
        head, features = [*head, *hidden], settings.head_hidden
    return nn.Sequential(*layers, *head, nn.Linear(features, CLASSES))


def plain_norm(settings: Settings, channels: int) -> nn.Module:
    """What torch.nn calls it."""
    return {
        "batch": nn.BatchNorm2d(channels, eps=settings.bn_eps),
        "layer": nn.GroupNorm(1, channels, eps=settings.bn_eps),
        "group": nn.GroupNorm(4 if channels % 4 == 0 else 1, channels, eps=settings.bn_eps),
        "none": nn.Identity(),
    }[settings.norm]


def copy_weights(network: StackedCNN, twin: nn.Sequential) -> None:
    """Give a plain network the weights of a stack of one."""
    convs = [m for m in twin if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        for block, conv in zip(network.each_block(), convs, strict=True):
            conv.weight.copy_(block.weight)
            if block.bias is not None:
                conv.bias.copy_(block.bias)
        heads = [m for m in twin if isinstance(m, nn.Linear)]
        for (weight, bias), layer in zip([*network.weights_of(0)][-len(heads) :], heads, strict=True):
            layer.weight.copy_(weight.flatten(1))
            layer.bias.copy_(bias)


def losses(network: StackedCNN, batches: list[tuple[Tensor, Tensor]]) -> list[list[float]]:
    """Per-trial loss at each of a number of Adam steps; batches are ([B, K, H, W], [K, B])."""
    optimizer, history = StackOptimizer(network, len(batches)), []
    for step, (x, y) in enumerate(batches, start=1):
        optimizer.schedule(step)
        each = F.cross_entropy(network(x, "train").transpose(1, 2), y, reduction="none").mean(1)
        optimizer.zero_grad()
        each.sum().backward()
        optimizer.step()
        history.append(each.tolist())
    return history


def norms(network: StackedCNN) -> list[BatchNorm | ImageNorm | None]:
    """What normalises each run of trials in the first block."""
    return [placement.norm for placement in next(network.each_block()).each_placement()]


def batches(trials: int, steps: int) -> list[tuple[Tensor, Tensor]]:
    """Random images and labels for each trial and step."""
    generator = torch.Generator().manual_seed(5)
    return [
        (
            torch.randn(8, trials, 28, 28, dtype=torch.float64, generator=generator),
            torch.randint(0, CLASSES, (trials, 8), generator=generator),
        )
        for _ in range(steps)
    ]


def seeded(stack: list[Settings], seeds: list[int]) -> StackedCNN:
    """A stack in float64 with seeded initial weights."""
    network = StackedCNN(stack, SHAPE, CLASSES)
    network.initialise([torch.Generator().manual_seed(seed) for seed in seeds])
    return network.double()


@pytest.mark.parametrize("depth", [2, 4])
def test_a_stack_of_three_trains_as_three_single_networks(depth: int) -> None:
    """20 Adam steps in float64: losses and final running statistics agree to 1e-10, whatever the neighbours are."""
    stack, data = of(STACK, depth), batches(3, 20)
    together = seeded(stack, [0, 1, 2])
    stacked = losses(together, data)
    for k, settings in enumerate(stack):
        alone = seeded([settings], [k])
        single = losses(alone, [(x[:, k : k + 1].contiguous(), y[k : k + 1]) for x, y in data])
        assert [row[0] for row in single] == pytest.approx([row[k] for row in stacked], rel=1e-10)
        norm, in_stack = norms(alone)[0], norms(together)[k]
        if isinstance(norm, BatchNorm) and isinstance(in_stack, BatchNorm):
            torch.testing.assert_close(norm.running_var, in_stack.running_var, rtol=1e-10, atol=0)


@pytest.mark.parametrize("head", ["flatten", "gap"])
@pytest.mark.parametrize("ordering", ["bn_act", "act_bn", "none", "bn_conv"])
@pytest.mark.parametrize("depth", [2, 4, 8])
def test_a_stack_of_one_is_the_network_a_user_would_write(ordering: str, depth: int, head: str) -> None:
    """Logits, training losses and evaluation by running statistics equal those of a plain torch.nn.Sequential."""
    settings = of([Settings(ordering=ordering, activation="tanh", head=head)], depth)[0]
    network = seeded([settings], [3])
    twin = plain(settings).double()
    copy_weights(network, twin)
    optimizer = torch.optim.Adam(twin.parameters(), lr=1e-3)
    data, expected = batches(1, 5), []
    for x, y in data:
        loss = F.cross_entropy(twin(x), y[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert [row[0] for row in losses(network, data)] == pytest.approx(expected, rel=1e-10)
    torch.testing.assert_close(network(data[0][0], "running")[0], twin.eval()(data[0][0]), rtol=1e-8, atol=1e-9)


def test_initial_weights_are_those_of_torch() -> None:
    """The `torch` initialisation draws from the same uniform ranges as nn.Conv2d and nn.Linear do."""
    network = seeded([Settings(depth=4)], [0])
    with torch.random.fork_rng():
        torch.manual_seed(0)  # the layers of torch.nn draw from the global generator
        twin = plain(Settings(depth=4))
    theirs = [module.weight for module in twin if isinstance(module, nn.Conv2d | nn.Linear)]
    weights = [share.parameter for share in network.shares() if share.kind in ("conv", "linear")]
    for ours, other in zip(weights, theirs, strict=True):
        assert ours.abs().max().item() == pytest.approx(other.abs().max().item(), rel=0.05)
        assert ours.std().item() == pytest.approx(other.std().item(), rel=0.1)


def test_pairs_share_initial_weights() -> None:
    """Same seed and depth: equal hashes across orderings and activations; another seed or depth: another hash."""

    def digest(seed: int, **settings: object) -> str:
        network = StackedCNN([Settings.model_validate(settings)], SHAPE, CLASSES)
        return network.initialise([torch.Generator().manual_seed(seed)])[0]

    first = digest(0, ordering="bn_act", activation="relu")
    assert all(digest(0, ordering=o, activation=a) == first for o in ("act_bn", "none", "bn_conv") for a in ACTIVATIONS)
    assert len({first, digest(1), digest(0, depth=2), digest(0, width=0.5), digest(0, init="he_normal")}) == 5


def test_a_trial_draws_the_same_in_a_stack_as_alone() -> None:
    """The hash of a trial's initial weights does not depend on its neighbours."""
    together = StackedCNN(STACK, SHAPE, CLASSES).initialise([torch.Generator().manual_seed(s) for s in (0, 1, 2)])
    alone = [
        StackedCNN([s], SHAPE, CLASSES).initialise([torch.Generator().manual_seed(k)])[0] for k, s in enumerate(STACK)
    ]
    assert together == alone


def test_a_poisoned_trial_does_not_disturb_its_neighbours() -> None:
    """NaN in one trial's weights leaves the others' losses bit for bit what they were."""
    clean, poisoned = seeded(of(STACK, 2), [0, 1, 2]), seeded(of(STACK, 2), [0, 1, 2])
    with torch.no_grad():
        next(poisoned.each_block()).weight[8:16] = float("nan")
    data = batches(3, 5)
    for ours, theirs in zip(losses(clean, data), losses(poisoned, data), strict=True):
        assert (ours[0], ours[2]) == (theirs[0], theirs[2])
        assert theirs[1] != theirs[1]
    assert poisoned.finite().tolist() == [True, False, True]


def test_batch_mode_leaves_running_statistics_alone() -> None:
    """Evaluating with batch statistics changes no running statistic, and training does."""
    network = seeded([Settings(depth=2)], [0])
    x = batches(1, 1)[0][0]
    [norm] = norms(network)
    assert isinstance(norm, BatchNorm)
    before = norm.running_mean.clone()
    network(x, "batch")
    assert torch.equal(norm.running_mean, before)
    network(x, "train")
    assert not torch.equal(norm.running_mean, before)


@pytest.mark.parametrize("depth", range(1, 33))
def test_depth_spreads_over_the_stages(depth: int) -> None:
    """Stages hold all convolutions, earlier stages first, never differing by more than one."""
    for stages in (1, 2, 3, 5):
        depths = stage_depths(depth, stages)
        assert (len(depths), sum(depths)) == (stages, depth)
        assert list(depths) == sorted(depths, reverse=True)
        assert depths[0] - depths[-1] <= 1


def test_stages_are_read_as_they_are_written() -> None:
    """Channels of each stage, and the stages that a pool follows."""
    assert stages_of("16-32-64", "between") == ((16, 32, 64), (1, 2))
    assert stages_of("64", "between") == ((64,), ())
    assert stages_of("8-16", "none").pooled == ()
    assert stages_of("8-16", "1-2") == ((8, 16), (1, 2))
    assert stages_of("8-16", "1-2").problem(4, 4) is None
    assert stages_of("8-16", "1-2").problem(4, 3) == (
        "images of 4 x 3 cannot be pooled 2 times; a network of your own takes any"
    )
    assert stages_of("8-16", "3").problem(28, 28) == "pools names stage 3, and channels has 2"


def test_trials_of_other_shapes_are_refused() -> None:
    """A stack cannot mix depths."""
    with pytest.raises(ValueError, match="share depth"):
        StackedCNN([Settings(depth=2), Settings(depth=4)], SHAPE, CLASSES)


def test_runs_are_cut_where_a_setting_changes() -> None:
    """Neighbours of one ordering form one run, whatever else they differ in."""
    stack = [Settings(), Settings(learning_rate=0.1), Settings(ordering="none")]
    assert runs(stack, lambda s: s.ordering) == ((0, 2, "bn_act"), (2, 3, "none"))
