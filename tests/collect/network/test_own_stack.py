"""Networks of one's own side by side: K in a stack are K by themselves, and what cannot be stacked says so."""

import copy
import re
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from collect.engine.draws import generator_for
from collect.engine.optimizer import StackOptimizer
from collect.network import own_stack, registry
from collect.network.cnn import StackedCNN
from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.network.own_stack import ApartError, OwnStack, members_of
from collect.study.own_network import OwnNetwork, settings_from
from collect.study.study_file import PRESETS
from collect.study.trial import Settings
from tests.collect.network.own_networks import HARDER, MLP, OWN_NORM, RESIDUAL

SHAPE, CLASSES, STEPS = (3, 12, 8), 5, 20
VIT = (PRESETS / "prepost" / "vit.py").read_text("utf-8")
SMALL = {"depth": 2, "width": 8, "heads": 2, "patch": 4}
#: What may differ in a stack.
RECIPES: list[dict[str, Any]] = [
    {"learning_rate": 0.01},
    {"learning_rate": 0.05, "weight_decay": 0.1, "schedule": "cosine"},
    {"learning_rate": 0.01, "weight_decay": 0.1, "decay_bn": False, "warmup": 3},
]


def stack_of(source: str, recipes: list[dict[str, Any]] = RECIPES, **settings: object) -> list[Settings]:
    """A trial of each recipe."""
    network = OwnNetwork("own.py:build", source)
    return [settings_from({"dataset": "blobs", **settings, **recipe}, network) for recipe in recipes]


def built(stack: list[Settings], first: int = 0) -> Network:
    """Initialised, the seeds being 0, 1, 2 … from the first."""
    network = registry.chosen(stack[0], len(stack))(stack, SHAPE, CLASSES)
    network.initialise([generator_for("initial weights", first + k) for k in range(len(stack))])
    return network


def batches(trials: int, steps: int = STEPS) -> list[tuple[Tensor, Tensor]]:
    """Images and labels of each trial and step, in float64."""
    generator = generator_for("images", 0)
    return [
        (
            torch.randn(16, trials * SHAPE[0], *SHAPE[1:], dtype=torch.float64, generator=generator),
            torch.randint(0, CLASSES, (trials, 16), generator=generator),
        )
        for _ in range(steps)
    ]


def of_trial(data: list[tuple[Tensor, Tensor]], k: int) -> list[tuple[Tensor, Tensor]]:
    """Its share of the batches."""
    return [(x[:, k * SHAPE[0] : (k + 1) * SHAPE[0]], y[k : k + 1]) for x, y in data]


def trained(network: Network, data: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Each trial's loss at each step, [K]."""
    optimizer, history = StackOptimizer(network, len(data)), []
    for step, (x, y) in enumerate(data, start=1):
        optimizer.schedule(step)
        losses = F.cross_entropy(network(x, "train").transpose(1, 2), y, reduction="none").mean(1)
        optimizer.zero_grad()
        losses.sum().backward()
        optimizer.step()
        history.append(losses.detach())
    return history


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize(
    ("source", "settings"),
    [
        (RESIDUAL, {"norm_layer": "batch", "bn_momentum": 0.3}),
        (RESIDUAL, {"norm_layer": "group"}),
        (VIT, {"norm": "pre", **SMALL}),
        (VIT, {"norm": "post", **SMALL}),
        (MLP, {"dropout": 0.0}),
        (OWN_NORM, {"noisy": False}),
        (HARDER, {"kind": "tied"}),
        (HARDER, {"kind": "lazy"}),
        (HARDER, {"kind": "normed"}),
    ],
)
def test_a_stack_of_three_trains_as_three_by_themselves(
    source: str, settings: dict[str, object], optimizer: str
) -> None:
    """20 steps in float64, each by its own recipe: losses, evaluation in both modes and all that is left, to 1e-9.

    BatchNorm, GroupNorm, LayerNorm, attention, functions without modules, a parameter that is a number, tied and frozen
    parameters, lazy and normed ones, and buffers that are no norm's. Adam enlarges a gradient that is nothing but
    rounding, as that of a key's bias: what is left of its steps agrees to 1e-6.
    """
    left = 1e-6 if optimizer == "adam" else 1e-9
    stack, data = stack_of(source, optimizer=optimizer, **settings), batches(len(RECIPES))
    together = built(stack)
    together.try_out()
    assert isinstance(together, OwnStack)
    assert together.side_by_side == {"train", "batch", "running"}
    history = trained(together.double(), data)
    state, x = together.state(), data[0][0]
    before = {name: values.clone() for name, values in state.items()}
    evaluated = {mode: together(x, mode) for mode in ("batch", "running")}
    assert all(torch.equal(state[name], values) for name, values in before.items())
    for k, own in enumerate(stack):
        alone = built([own], k).double()
        assert isinstance(alone, OwnModule)
        losses = trained(alone, of_trial(data, k))
        torch.testing.assert_close(torch.stack(losses)[:, 0], torch.stack(history)[:, k], rtol=1e-9, atol=1e-9)
        for name, values in (*alone.built.named_parameters(), *alone.built.named_buffers()):
            torch.testing.assert_close(state[name][k], values, rtol=left, atol=left)
        for mode, logits in evaluated.items():
            own_logits = alone(of_trial(data, k)[0][0], mode)
            torch.testing.assert_close(logits[k : k + 1], own_logits, rtol=left, atol=left)
            as_member = together.members[k](of_trial(data, k)[0][0], mode)
            torch.testing.assert_close(as_member, own_logits, rtol=left, atol=left)


@pytest.mark.parametrize(
    ("source", "settings", "why"),
    [
        (MLP, {"dropout": 0.5}, "it draws at random"),
        (OWN_NORM, {"noisy": True}, "it draws at random"),
        (HARDER, {"kind": "branch"}, "vmap: It looks like you're calling .item() on a Tensor"),
        (HARDER, {"kind": "anew"}, "side by side its logits are others than alone"),
        (HARDER, {"kind": "counts"}, "it counts in Python"),
    ],
)
def test_what_is_no_stack_says_why(source: str, settings: dict[str, object], why: str) -> None:
    """Random draws, a branch by a value, a buffer put in another's place, a count: found out, and no trace is left."""
    network = built(stack_of(source, **settings))
    assert isinstance(network, OwnStack)
    before = {name: values.clone() for name, values in network.state().items()}
    drawn = [member.get_extra_state().clone() for member in network.members]
    outside = torch.get_rng_state()
    with pytest.raises(ApartError, match=re.escape(why)):
        network.try_out()
    assert all(torch.equal(network.state()[name], values) for name, values in before.items())
    assert all(torch.equal(m.get_extra_state(), then) for m, then in zip(network.members, drawn, strict=True))
    assert torch.equal(torch.get_rng_state(), outside)


@pytest.mark.parametrize("wrong", [1.0, 1.001, 1.03])
@pytest.mark.parametrize("mode", ["train", "batch", "running"])
def test_what_rounding_does_not_explain_is_found(monkeypatch: pytest.MonkeyPatch, wrong: float, mode: str) -> None:
    """Logits of a mode that are wrong by 3 %: no stack, or none in that mode; by a thousandth, as tf32's, one it is."""
    called = own_stack.as_one

    def slightly_wrong(*given: Any) -> Tensor:
        return called(*given) * (wrong if given[-1] == mode else 1.0)

    monkeypatch.setattr(own_stack, "as_one", slightly_wrong)
    network = built(stack_of(RESIDUAL))
    assert isinstance(network, OwnStack)
    if wrong > 1.01 and mode == "train":
        with pytest.raises(ApartError, match="side by side its logits are others than alone"):
            network.try_out()
    else:
        network.try_out()
        assert (mode in network.side_by_side) == (wrong < 1.01)


@pytest.mark.parametrize("kind", ["width", "number"])
def test_what_a_seed_draws_beside_its_weights_is_no_stack(kind: str) -> None:
    """A width, or a slope, that each seed has of its own is found out while the networks are built."""
    with pytest.raises(ApartError, match="for one seed differs from another's"):
        built(stack_of(HARDER, kind=kind))


def test_what_is_evaluated_otherwise_is_evaluated_by_itself() -> None:
    """A branch in evaluation alone: trials train side by side, and each is evaluated as it is alone."""
    stack = stack_of(HARDER, kind="evaluation")
    network = built(stack)
    network.try_out()
    assert isinstance(network, OwnStack)
    assert network.side_by_side == {"train"}
    x = batches(3, 1)[0][0].float()
    alone = [built([own], k)(x[:, 3 * k : 3 * k + 3], "running") for k, own in enumerate(stack)]
    torch.testing.assert_close(network(x, "running"), torch.cat(alone), rtol=0, atol=0)


def test_a_trial_is_initialised_the_same_in_a_stack_as_alone() -> None:
    """Hashes of the initial weights do not depend on the neighbours, nor does any value."""
    stack = stack_of(RESIDUAL, norm_layer="batch")
    generators = [generator_for("initial weights", k) for k in range(3)]
    network = OwnStack(stack, SHAPE, CLASSES)
    hashes = network.initialise(generators)
    for k, own in enumerate(stack):
        [alone] = members_of(built([own], k))
        assert alone.initialise([generator_for("initial weights", k)]) == [hashes[k]]
        values = dict(network.members[k].built.named_parameters())
        assert all(torch.equal(values[name], own) for name, own in alone.built.named_parameters())


def test_members_are_views_of_the_stack_wherever_it_goes() -> None:
    """Cast, or loaded from a state: what changes in the stack changes in the member, and nothing is held twice."""
    stack = stack_of(HARDER, kind="tied")
    network, other = built(stack).double(), built(stack, 3).double()
    assert isinstance(network, OwnStack)
    assert isinstance(other, OwnStack)
    network.load_state_dict(copy.deepcopy(other.state_dict()))
    assert len(network.state_dict()) == len(network.state()) == 7
    for k, member in enumerate(network.members):
        assert member.built.second.weight is member.built.first.weight
        for name, values in (*member.built.named_parameters(), *member.built.named_buffers()):
            assert torch.equal(values, other.state()[name][k])
            assert values.data_ptr() == network.state()[name][k].data_ptr()


def test_a_poisoned_trial_does_not_disturb_its_neighbours() -> None:
    """NaN in one trial's weights leaves the others' losses and weights bit for bit what they were."""
    stack, data = stack_of(RESIDUAL, norm_layer="batch"), batches(3, 5)
    clean, poisoned = built(stack).double(), built(stack).double()
    assert isinstance(poisoned, OwnStack)
    with torch.no_grad():
        next(iter(poisoned.state().values()))[1] = float("nan")
    ours, theirs = trained(poisoned, data), trained(clean, data)
    assert poisoned.finite().tolist() == [True, False, True]
    for k in (0, 2):
        assert all(torch.equal(a[k], b[k]) for a, b in zip(ours, theirs, strict=True))
    assert all(loss[1].isnan() for loss in ours)


def test_networks_are_chosen_by_what_trains_them() -> None:
    """One of one's own trains by itself, several as a stack; of the built-in network there are no members."""
    own = stack_of(MLP, dropout=0.0)
    assert [registry.chosen(own[0], trials) for trials in (1, 2)] == [OwnModule, OwnStack]
    assert registry.chosen(Settings(), 2) is StackedCNN
    assert not members_of(StackedCNN([Settings()], (1, 28, 28), 10))
