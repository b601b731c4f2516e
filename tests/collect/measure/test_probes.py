"""What probes measure, against scipy, numpy and plain torch."""

from dataclasses import fields

import numpy as np
import pytest
import scipy.stats
import torch
from torch import Tensor, nn

from collect.measure.probes import probe
from collect.network.cnn import StackedCNN
from collect.network.norms import BatchNorm
from collect.network.stack import Share
from collect.store.outcome import LayerProbe
from collect.study.trial import Settings
from tests.collect.measure.plain import ACTIVATIONS, Plain

SHAPE, CLASSES = (1, 8, 8), 3
BOUNDS = {"sigmoid": (0, 1), "tanh": (-1, 1), "lecun_tanh": (-1.7159, 1.7159)}
STACK = [
    Settings(ordering=ordering, activation=activation, depth=2, width=0.25)
    for ordering, activation in (("bn_act", "relu"), ("act_bn", "tanh"), ("bn_conv", "sigmoid"), ("none", "elu"))
] + [
    Settings(ordering="act_bn", activation="lecun_tanh", depth=2, width=0.25),
    Settings(ordering="bn_act", activation="relu", norm="layer", depth=2, width=0.25),
    Settings(ordering="act_bn", activation="tanh", norm="group", depth=2, width=0.25),
    Settings(ordering="act_bn", activation="elu", norm="none", depth=2, width=0.25),
]


@pytest.fixture(params=STACK, ids=lambda settings: f"{settings.ordering}-{settings.activation}-{settings.norm}")
def network(request: pytest.FixtureRequest) -> StackedCNN:
    """A stack of one in float64, its BatchNorms far from where they began, one channel of its first layer dead."""
    return at_random([request.param], [0])


def at_random(stack: list[Settings], seeds: list[int]) -> StackedCNN:
    """A stack with weights and statistics drawn for each trial by its own seed."""
    network = StackedCNN(stack, SHAPE, CLASSES)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    network.initialise(generators)
    network.double()
    with torch.no_grad():
        for k, generator in enumerate(generators):
            first, bias = next(network.weights_of(k))
            first[0], bias[0] = 0, -0.5
            for layer in network.layers():
                for start, stop, norm in layer.norms:
                    if start <= k < stop:
                        own = Share("norm", norm.gamma, start, stop).of(k, k + 1)
                        norm.gamma[own].uniform_(0.2, 3, generator=generator)
                        if isinstance(norm, BatchNorm):
                            norm.running_var[own].uniform_(0.2, 3, generator=generator)
                        norm.beta[own].uniform_(-1, 1, generator=generator)
                        if isinstance(norm, BatchNorm):
                            norm.running_mean[own].uniform_(-1, 1, generator=generator)
    return network


def batch(trials: int) -> tuple[Tensor, Tensor]:
    """Images and labels, the same for each trial."""
    generator = torch.Generator().manual_seed(9)
    x = torch.randn(64, 1, 8, 8, generator=generator, dtype=torch.float64)
    y = torch.randint(0, CLASSES, (64,), generator=generator)
    return x.expand(-1, trials, -1, -1).contiguous(), y.expand(trials, -1)


def twin_of(network: StackedCNN) -> Plain:
    """A plain network with the weights and statistics of a stack of one."""
    twin = Plain(network.stack[0], SHAPE, CLASSES).double()
    twin.take(network)
    return twin


def approximately(values: list[float | None]) -> object:
    """Equal but for the float32 in which probes are taken."""
    return pytest.approx(values, rel=2e-5, abs=1e-6)


def test_gradient_norms_are_those_of_plain_torch(network: StackedCNN) -> None:
    """Of every layer's weights, the classifier's included."""
    x, y = batch(1)
    [rows] = probe(network, x, y, "fp32", 5)
    assert [row.grad_norm for row in rows] == approximately(twin_of(network).gradient_norms(x, y[0]))
    assert [(row.step, row.layer, row.kind) for row in rows] == [(5, 1, "conv"), (5, 2, "conv"), (5, 3, "linear")]


def test_activation_statistics_are_those_of_numpy_and_scipy(network: StackedCNN) -> None:
    """Mean, variance, skewness, saturation, zeros and dead channels of each activation's output."""
    x, y = batch(1)
    [rows] = probe(network, x, y, "fp32", 0)
    activation = network.stack[0].activation
    outputs = [after.numpy() for _, after in twin_of(network).outputs(x, ACTIVATIONS[activation])]
    assert [row.activation_mean for row in rows[:2]] == approximately([np.mean(a) for a in outputs])
    assert [row.activation_var for row in rows[:2]] == approximately([np.var(a) for a in outputs])
    assert [row.zero_fraction for row in rows[:2]] == approximately([np.mean(a == 0) for a in outputs])
    by_channel = [np.moveaxis(a, 1, 0).reshape(a.shape[1], -1) for a in outputs]
    dead = [np.ptp(a, axis=1) < 1e-6 for a in by_channel]
    assert dead[0].tolist() == [True, False, False, False]
    assert [row.dead_fraction for row in rows[:2]] == approximately([np.mean(d) for d in dead])
    skewness = [np.abs(scipy.stats.skew(a[~d], axis=1)).mean() for a, d in zip(by_channel, dead, strict=True)]
    assert [row.skewness for row in rows[:2]] == pytest.approx(skewness, rel=1e-4)
    if activation not in BOUNDS:
        assert [row.saturation for row in rows[:2]] == [None, None]
        return
    middle, half = np.mean(BOUNDS[activation]), np.ptp(BOUNDS[activation]) / 2
    assert [row.saturation for row in rows[:2]] == approximately([np.mean(np.abs(a - middle)) / half for a in outputs])


def test_statistics_of_norms_are_those_of_plain_torch(network: StackedCNN) -> None:
    """How far the running statistics are from the batch's, and how large scale and shift are."""
    x, y = batch(1)
    [rows] = probe(network, x, y, "fp32", 0)
    twin = twin_of(network)
    expected = []
    for norm, (inputs, _) in zip(twin.of(nn.BatchNorm2d), twin.outputs(x, nn.BatchNorm2d), strict=True):
        batch_mean, batch_var = inputs.mean((0, 2, 3)), inputs.var((0, 2, 3), correction=1) + norm.eps
        expected.append(
            (
                ((norm.running_mean - batch_mean).abs() / batch_var.sqrt()).mean().item(),
                (torch.log(norm.running_var + norm.eps) - torch.log(batch_var)).abs().mean().item(),
                norm.weight.square().mean().sqrt().item(),
                norm.bias.square().mean().sqrt().item(),
            )
        )
    measured = [(row.bn_mean_lag, row.bn_var_lag, row.gamma_norm, row.beta_norm) for row in rows[:2]]
    if network.stack[0].ordering == "none" or network.stack[0].norm == "none":
        assert measured == [(None,) * 4] * 2
        return
    if network.stack[0].norm != "batch":
        scales = [norm.weight.square().mean().sqrt().item() for norm in twin.of(nn.GroupNorm)]
        shifts = [norm.bias.square().mean().sqrt().item() for norm in twin.of(nn.GroupNorm)]
        assert [row[:2] for row in measured] == [(None, None)] * 2
        assert [value for row in measured for value in row[2:]] == approximately(
            [value for pair in zip(scales, shifts, strict=True) for value in pair]
        )
        return
    for ours, theirs in zip(measured, expected, strict=True):
        assert ours == approximately(theirs)
        assert min(theirs) > 0.1


def test_the_classifier_has_a_gradient_and_nothing_else(network: StackedCNN) -> None:
    """What it lacks is null."""
    [rows] = probe(network, *batch(1), "fp32", 0)
    known = {"step", "layer", "kind", "grad_norm"}
    assert all((getattr(rows[-1], f.name) is None) == (f.name not in known) for f in fields(LayerProbe))


def test_each_trial_of_a_stack_is_measured_as_if_alone() -> None:
    """The rows of trials side by side are those of each by itself."""
    together = probe(at_random(STACK, list(range(len(STACK)))), *batch(len(STACK)), "fp32", 0)
    for seed, (settings, rows) in enumerate(zip(STACK, together, strict=True)):
        [alone] = probe(at_random([settings], [seed]), *batch(1), "fp32", 0)
        for ours, theirs in zip(rows, alone, strict=True):
            numbers = [[v for v in vars(row).values() if isinstance(v, float)] for row in (ours, theirs)]
            assert numbers[0] == pytest.approx(numbers[1], rel=1e-4, abs=1e-6)
            assert [name for name, v in vars(ours).items() if v is None] == [
                name for name, v in vars(theirs).items() if v is None
            ]
