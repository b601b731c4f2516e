"""A network is known by its interface alone: another one is a file and a name."""

import ast
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import collect
from collect.engine.estimate import study_seconds
from collect.engine.training import train
from collect.images import Size
from collect.images.on_device import ResidentImages
from collect.network import registry
from collect.network.interface import Layer, Network, NormRun
from collect.network.norms import BatchNorm, BnMode
from collect.network.stack import Share
from collect.study.study_file import read
from collect.study.trial import Settings
from tests.collect.conftest import trial

HIDDEN = 12


class Perceptron(Network):
    """K perceptrons with one hidden layer of tanh, normalised where the ordering is not `none`."""

    costly = ()

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        sizes = list(pairwise((math.prod(image_shape), HIDDEN, classes)))
        self.weights = nn.ParameterList(torch.empty(self.trials, out, features) for features, out in sizes)
        self.biases = nn.ParameterList(torch.empty(self.trials, 1, out) for _, out in sizes)
        self.norm = BatchNorm(HIDDEN, [s.bn_momentum for s in stack], stack[0].bn_eps)

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None = None) -> Tensor:
        """Two layers."""
        features = x.unflatten(1, (self.trials, -1)).flatten(2).transpose(0, 1)
        hidden = torch.baddbmm(self.biases[0], features, self.weights[0].mT)
        flat = self.norm(hidden.transpose(0, 1).flatten(1), mode) if self.normalises(self.stack[0]) else None
        flat = (hidden.transpose(0, 1).flatten(1) if flat is None else flat).tanh()
        if record is not None:
            record.append(flat)
        hidden = flat.unflatten(1, (self.trials, -1)).transpose(0, 1)
        return torch.baddbmm(self.biases[1], hidden, self.weights[1].mT)

    def layers(self) -> list[Layer]:
        """The hidden layer, then the classifier."""
        weights, biases = (
            [Share(kind, p, 0, self.trials) for p in parameters]
            for kind, parameters in (("linear", self.weights), ("bias", self.biases))
        )
        norms = (NormRun(0, self.trials, self.norm),) if self.normalises(self.stack[0]) else ()
        return [Layer(weights[0], biases[0], norms), Layer(weights[1], biases[1], activated=False)]

    @staticmethod
    def normalises(settings: Settings) -> bool:
        """In every ordering but one."""
        return settings.ordering != "none"

    def weights_of(self, trial: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Of both layers."""
        for weight, bias in zip(self.weights, self.biases, strict=True):
            yield weight[trial], bias[trial, 0]


@pytest.fixture
def perceptron(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands where the CNN stands."""
    monkeypatch.setitem(registry.NETWORKS, "cnn", Perceptron)


@pytest.mark.usefixtures("perceptron")
@pytest.mark.parametrize("ordering", ["bn_act", "none"])
def test_another_network_is_trained_and_measured(resident: ResidentImages, ordering: str) -> None:
    """Two perceptrons learn side by side; curves, probes, modes and hashes are those of any network."""
    stack = [trial(seed=seed, ordering=ordering, activation="tanh", epochs=20, learning_rate=0.01) for seed in (0, 1)]
    outcomes = train(stack, resident)
    assert all(outcome.row.status == "completed" and outcome.row.test_accuracy > 0.8 for outcome in outcomes)
    assert len({outcome.row.init_hash for outcome in outcomes}) == 2
    for outcome in outcomes:
        assert {p.bn_mode for p in outcome.curve} == ({"running"} if ordering == "none" else {"running", "batch"})
        first, second, *_ = outcome.layer
        assert (first.layer, second.layer) == (1, 2)
        assert 0 < first.saturation < 1
        assert (first.gamma_norm is None) == (ordering == "none")
        assert second.grad_norm > 0
        assert second.activation_mean is None


@pytest.mark.usefixtures("perceptron")
def test_another_network_is_timed() -> None:
    """Of the quick study's eight cells one kind is timed, for its time depends on no setting that they cross."""
    seconds, kinds = study_seconds(read("quick"), {"digits": Size(4000, 1000, (1, 28, 28), 10)}, 2)
    assert kinds == 1
    assert seconds > 0


def test_the_registry_alone_knows_the_cnn() -> None:
    """No other module of collect imports it."""
    root = Path(collect.__file__).parent
    importers = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if "collect.network.cnn" in _imported(node)
    ]
    assert importers == ["network/registry.py"]


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()
