"""What is seen inside a network of one's own: the same of modules and of functions, and null where neither is."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from collect.measure import hooks
from collect.network.own import OwnModule
from collect.store.outcome import LayerProbe
from collect.study.own_network import OwnNetwork, settings_from

CLASSES = 3

#: A convolution, a BatchNorm, {activation}; a linear layer, a LayerNorm, {activation}; the classifier.
MODULES = """
from torch import nn

def build(image_shape, classes):
    features = 4 * image_shape[1] * image_shape[2]
    return nn.Sequential(
        nn.Conv2d(image_shape[0], 4, 3, padding=1), nn.BatchNorm2d(4), nn.{activation}, nn.Flatten(),
        nn.Linear(features, 8), nn.LayerNorm(8), nn.{activation}, nn.Linear(8, classes),
    )
"""
#: The same with functions alone, its weights drawn alike; it decides by the values of its input, which no graph can.
FUNCTIONS = """
import torch
import torch.nn.functional as F
from torch import nn

class Functional(nn.Module):
    def __init__(self, image_shape, classes):
        super().__init__()
        conv = nn.Conv2d(image_shape[0], 4, 3, padding=1)
        hidden = nn.Linear(4 * image_shape[1] * image_shape[2], 8)
        head = nn.Linear(8, classes)
        for name, layer in (("conv", conv), ("hidden", hidden), ("head", head)):
            self.register_parameter(name, nn.Parameter(layer.weight.detach().clone()))
            self.register_parameter("shift_of_" + name, nn.Parameter(layer.bias.detach().clone()))
        self.register_buffer("mean", torch.zeros(4))
        self.register_buffer("var", torch.ones(4))

    def forward(self, x):
        if x.abs().sum() < 0:
            raise ValueError
        x = F.conv2d(x, self.conv, self.shift_of_conv, padding=1)
        x = F.batch_norm(x, self.mean, self.var, torch.ones(4), torch.zeros(4), training=True, momentum=0.0)
        x = {call}
        x = {product}
        x = F.layer_norm(x, (8,), torch.ones(8), torch.zeros(8))
        x = {call}
        return F.linear(x, self.head, self.shift_of_head)

def build(image_shape, classes):
    return Functional(image_shape, classes)
"""
PRODUCT = "F.linear(x.flatten(1), self.hidden, self.shift_of_hidden)"


def probed(source: str) -> list[LayerProbe]:
    """The layers of a network, its place in its file aside."""
    settings = settings_from({"dataset": "blobs"}, OwnNetwork("own.py:build", source))
    network = OwnModule([settings], (2, 6, 4), CLASSES)
    network.initialise([torch.Generator().manual_seed(3)])
    generator = torch.Generator().manual_seed(9)
    x: Tensor = torch.randn(32, 2, 6, 4, generator=generator)
    rows = hooks.probe(network, x, torch.randint(0, CLASSES, (1, 32), generator=generator), "fp32", 0)
    return [replace(row, kind="", module=None) for row in rows]


@pytest.mark.parametrize(
    ("activation", "call"),
    [
        ("ReLU()", "F.relu(x)"),
        ("ReLU()", "torch.relu(x)"),
        ("ReLU()", "x.relu()"),
        ("ReLU(inplace=True)", "x.relu_()"),
        ("Sigmoid()", "x.sigmoid()"),
        ("Tanh()", "F.tanh(x)"),
        ("GELU()", "F.gelu(x)"),
        ("LeakyReLU(0.2)", "F.leaky_relu(x, 0.2)"),
        ("Hardtanh(-2.0, 0.5)", "F.hardtanh(x, -2.0, max_val=0.5)"),
    ],
)
def test_functions_are_seen_as_modules_are(activation: str, call: str) -> None:
    """Every number is the same bit for bit: activations, saturation, scale and shift, lag, gradients."""
    of_modules = probed(MODULES.format(activation=activation))
    assert probed(FUNCTIONS.format(call=call, product=PRODUCT)) == of_modules
    assert [row.activation_var is None for row in of_modules] == [False, False, True]
    assert (of_modules[0].bn_var_lag is None, of_modules[1].gamma_norm) == (False, 1.0)


@pytest.mark.parametrize("product", ["x.flatten(1) @ self.hidden.T + self.shift_of_hidden", PRODUCT])
def test_what_is_no_function_of_torch_s_is_null(product: str) -> None:
    """A minimum that somebody sets is no zero of an activation's; the layer before it is told from the next."""
    rows = probed(FUNCTIONS.format(call="x.clamp(min=0)", product=product))
    assert all(row.grad_norm is not None and row.grad_norm > 0 for row in rows)
    names = ("activation_mean", "activation_var", "skewness", "saturation", "zero_fraction", "dead_fraction")
    assert {getattr(row, name) for row in rows for name in names} == {None}
    assert [row.gamma_norm for row in rows] == [1.0, 1.0, None]


def test_an_activation_module_of_one_s_own_is_what_it_gives() -> None:
    """Not what it calls inside: a ReLU that takes away a half is nowhere zero."""
    source = MODULES.format(activation="ReLU()").replace("nn.ReLU()", "Shifted()")
    shifted = "class Shifted(nn.ReLU):\n    def forward(self, x):\n        return super().forward(x) - 0.5\n\ndef build"
    rows = probed(source.replace("def build", shifted))
    plain = probed(MODULES.format(activation="ReLU()"))
    for own, relu in zip(rows[:1], plain[:1], strict=True):
        assert own.activation_mean == pytest.approx((relu.activation_mean or 0.0) - 0.5)
    assert [row.zero_fraction for row in rows[:2]] == [0.0, 0.0]


def test_a_compiled_network_is_seen_as_it_is_written() -> None:
    """Where torch compiles it, nothing of it is called; it is probed uncompiled."""
    plain = MODULES.format(activation="ReLU()")
    compiled = plain.replace("return nn.", "import torch\n    return torch.compile(backend='eager')(nn.")
    assert probed(f"{compiled.rstrip()})\n") == probed(plain)
