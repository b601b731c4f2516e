"""Every setting of the CNN: a stack under it trains as plain torch does, trial by trial."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.network.cnn import StackedCNN
from collect.study.trial import Settings
from tests.collect.conftest import trial
from tests.collect.network.test_network import batches, copy_weights, losses, of, plain, seeded

STEPS = 20
ARMS = [Settings(ordering="bn_act", activation="relu"), Settings(ordering="act_bn", activation="tanh")]
VARIANTS: list[dict[str, object]] = [
    {"norm": "layer"},
    {"norm": "group", "bn_eps": 1e-3},
    {"norm": "none"},
    {"conv_bias": False},
    {"conv_bias": False, "norm": "layer", "ordering": "bn_conv"},
    {"kernel": 5},
    {"head_hidden": 12},
    {"head_hidden": 12, "head": "gap"},
    {"channels": "24-8"},
    {"channels": "24-8", "pools": "none"},
    {"channels": "24-8", "pools": "1-2", "kernel": 5},
    {"channels": "20", "head": "gap"},
    {"channels": "20", "pools": "1", "head_hidden": 5},
]


def name_of(variant: dict[str, object]) -> str:
    """What a test is called by."""
    return "-".join(map(str, variant.values()))


def history(twin: nn.Module, data: list[tuple[torch.Tensor, torch.Tensor]], trial: int) -> list[float]:
    """The loss of a plain network at each step of torch's own Adam."""
    optimizer, found = torch.optim.Adam(twin.parameters(), lr=1e-3), []
    for x, y in data:
        loss = F.cross_entropy(twin(x[:, trial : trial + 1]), y[trial])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.parametrize("variant", VARIANTS, ids=name_of)
def test_two_arms_under_a_setting_train_as_plain_torch(variant: dict[str, object]) -> None:
    """20 Adam steps in float64 of a stack of both orderings: every loss is plain torch's, to 1e-10.

    Every other one as it is computed on a GPU, groups padded.
    """
    stack, data = of(ARMS, 4, **variant), batches(2, STEPS)
    network = StackedCNN(stack, (1, 28, 28), 10, on_gpu=VARIANTS.index(variant) % 2 == 0)
    network.initialise([torch.Generator().manual_seed(k) for k in range(2)])
    stacked = losses(network.double(), data)
    for k, settings in enumerate(stack):
        twin = plain(settings).double()
        copy_weights(seeded([settings], [k]), twin)
        assert history(twin, data, k) == pytest.approx([row[k] for row in stacked], rel=1e-10)


def test_a_norm_of_images_has_one_mode(resident: ResidentImages) -> None:
    """Beside BatchNorm in one stack: no batch statistics, no lag, a scale and a shift all the same."""
    batch, layer, none = train([trial(norm=norm) for norm in ("batch", "layer", "none")], resident)
    assert [{point.bn_mode for point in outcome.curve} for outcome in (batch, layer, none)] == [
        {"running", "batch"},
        {"running"},
        {"running"},
    ]
    assert (layer.row.test_accuracy_batch, layer.layer[0].bn_mean_lag) == (None, None)
    assert layer.layer[0].gamma_norm == 1
    assert none.layer[0].gamma_norm is None
    assert len({outcome.row.init_hash for outcome in (batch, layer, none)}) == 1


def test_without_a_norm_both_orderings_are_one_network(resident: ResidentImages) -> None:
    """The ordering has nothing to place: a control whose gap is zero, and the network of the ordering none."""
    arms = [trial(ordering="bn_act", norm="none"), trial(ordering="act_bn", norm="none"), trial(ordering="none")]
    rows = [train([arm], resident)[0].row for arm in arms]
    assert len({(row.test_loss, row.correct_bits) for row in rows}) == 1


def test_a_bias_that_is_left_out_leaves_the_weights_as_they_were() -> None:
    """Pairs with and without start from the same convolutions and classifier."""
    with_bias, without = (seeded(of([Settings(conv_bias=bias)], 4), [0]) for bias in (True, False))
    for (ours, _), (theirs, _) in zip(with_bias.weights_of(0), without.weights_of(0), strict=True):
        assert torch.equal(ours, theirs)
    assert [bias is None for _, bias in without.weights_of(0)] == [True, True, True, True, False]


@pytest.mark.parametrize(("ordering", "redundant"), [("bn_act", True), ("act_bn", False)])
def test_batchnorm_takes_a_bias_out_again(ordering: str, *, redundant: bool) -> None:
    """20 steps of SGD in float64: with bn_act the losses of both arms agree to 1e-9, with act_bn they do not."""
    recipe = {"ordering": ordering, "optimizer": "sgd", "learning_rate": 0.05}
    data = batches(1, STEPS)
    with_bias, without = (
        [row[0] for row in losses(seeded(of([Settings.model_validate({**recipe, "conv_bias": bias})], 4), [1]), data)]
        for bias in (True, False)
    )
    assert (with_bias == pytest.approx(without, rel=1e-9)) is redundant
    if not redundant:
        assert max(abs(a - b) for a, b in zip(with_bias, without, strict=True)) > 1e-3


def test_a_hidden_layer_is_probed_as_any(resident: ResidentImages) -> None:
    """Its gradient and its activations' statistics stand before the classifier's; it has no norm."""
    [outcome] = train([trial(head_hidden=8, activation="tanh", kernel=5, channels="16-8", epochs=8)], resident)
    rows = [row for row in outcome.layer if row.step == 0]
    assert [(row.layer, row.kind) for row in rows] == [(1, "conv"), (2, "conv"), (3, "linear"), (4, "linear")]
    assert rows[2].grad_norm > 0
    assert rows[2].activation_var is not None
    assert (rows[2].gamma_norm, rows[3].activation_var) == (None, None)
    assert outcome.row.test_accuracy > 0.8
