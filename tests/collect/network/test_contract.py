"""The contract of networks, held by the built-in one and by some of anybody's."""

from dataclasses import replace
from typing import ClassVar

import pytest

from collect.images.on_device import ResidentImages
from collect.study.study_file import PRESETS
from tests.collect.network.contract import NetworkContract
from tests.collect.network.own_networks import MLP, OWN_NORM, RESIDUAL, RESNET


class TestBuiltIn(NetworkContract):
    """The CNN."""

    factor, levels = "ordering", ("act_bn", "none")
    normalised, layers, shared = (True, False), 3, None
    small: ClassVar[dict[str, object]] = {"width": 0.25, "depth": 2}


class TestResidual(NetworkContract):
    """Two of torchvision's residual blocks with BatchNorm or GroupNorm: one ReLU of each is called twice."""

    source = RESIDUAL
    factor, levels = "norm_layer", ("batch", "group")
    normalised, layers = (True, False), 7


class TestTransformer(NetworkContract):
    """The preset prepost's, with LayerNorm in either place."""

    source = (PRESETS / "prepost" / "vit.py").read_text("utf-8")
    factor, levels = "norm", ("pre", "post")
    normalised, layers = (False, False), 3 + 2 * 4
    small: ClassVar[dict[str, object]] = {"depth": 2, "width": 8, "heads": 2, "patch": 4}


@pytest.mark.soak
class TestResNet(NetworkContract):
    """Torchvision's ResNet-18, whole."""

    source = RESNET
    factor, levels = "norm_layer", ("batch", "group")
    normalised, layers = (True, False), 21
    small: ClassVar[dict[str, object]] = {"batch_size": 32, "evaluations": 1}

    @pytest.fixture
    def resident(self, resident: ResidentImages) -> ResidentImages:
        """Two batches of the blobs, for it is large."""
        train, test = slice(64), slice(32)
        return replace(
            resident,
            train_images=resident.train_images[train],
            train_labels=resident.train_labels[train],
            test_images=resident.test_images[test],
            test_labels=resident.test_labels[test],
        )


class TestFunctional(NetworkContract):
    """Functions alone, without a module for a layer, with dropout and a parameter that is a single number."""

    source = MLP
    factor, levels = "dropout", (0.5, 0.0)
    normalised, layers = (False, False), 2


class TestOwnNorm(NetworkContract):
    """A BatchNorm that is a class made from torch's and draws noise."""

    source = OWN_NORM
    factor, levels = "noisy", (True, False)
    normalised, layers = (True, True), 2


class TestShapesThatDiffer(NetworkContract):
    """A factor that changes shapes: seed and order are paired, and what share of the weights is, is said."""

    source = MLP
    factor, levels = "hidden", (16, 8)
    normalised, layers = (False, False), 2
    #: The shift alone, one of 64 x 16 + 16 x 3 + 1.
    shared = 1 / (64 * 16 + 16 * 3 + 1)
