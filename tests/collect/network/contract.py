"""What holds of every network, the built-in one and anybody's: a class of tests that each network's own class takes up.

The idea is that of pykeen's ModelTestCase: a network is described, and every test applies.
"""

from pathlib import Path
from typing import ClassVar

import pytest
import torch

from collect.engine import checkpoint as checkpoints
from collect.engine.checkpoint import Checkpoint, StoppedError
from collect.engine.draws import generator_for
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages
from collect.network import registry
from collect.network.interface import Network
from collect.store.outcome import Outcome
from collect.store.place.folder import FolderStore
from collect.study.own_network import OwnNetwork, settings_from
from collect.study.trial import Settings, Trial

SECONDS = ("train_seconds", "wall_seconds")


class NetworkContract:
    """What a network is, and what follows for all."""

    #: Of the function that builds it; None is the built-in network.
    source: ClassVar[str | None] = None
    #: Both levels of a factor of its own, which leaves the weights as they are.
    factor: ClassVar[str]
    levels: ClassVar[tuple[object, object]]
    #: Whether it has BatchNorm at the first level, and at the second.
    normalised: ClassVar[tuple[bool, bool]]
    #: Layers that its probes name at the first level, and the share of its parameters that the second level has too.
    layers: ClassVar[int]
    shared: ClassVar[float | None] = 1.0
    small: ClassVar[dict[str, object]] = {}

    def settings(self, level: int = 0, **changes: object) -> Settings:
        """A few steps on the blobs."""
        network = None if self.source is None else OwnNetwork("own.py:build", self.source)
        recipe = {"dataset": "blobs", "epochs": 1, "batch_size": 32, "evaluations": 3}
        values = {**recipe, **self.small, self.factor: self.levels[level], **changes}
        return settings_from(values, network)

    def trial(self, level: int = 0, seed: int = 0, **changes: object) -> Trial:
        """One trial of these settings."""
        return Trial(settings=self.settings(level, **changes), seed=seed, data_hash="blobs")

    def network(self, level: int = 0, seed: int = 0) -> Network:
        """Built and initialised for an image that is not square."""
        settings = self.settings(level)
        network = registry.chosen(settings)([settings], (3, 12, 8), 5)
        network.initialise([generator_for("initial weights", seed)])
        return network

    def test_it_gives_a_logit_for_each_class(self) -> None:
        """Of images that are not square and of three channels, in every mode."""
        x = torch.randn(6, 3, 12, 8, generator=generator_for("x", 0)).to(memory_format=torch.channels_last)
        for mode in ("train", "batch", "running"):
            assert self.network()(x, mode).shape == (1, 6, 5)

    def test_what_it_draws_is_its_own(self) -> None:
        """Building and training take nothing from torch's global generator, and what others draw changes nothing."""
        x = torch.randn(6, 3, 12, 8, generator=generator_for("x", 0))
        outputs = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            network = self.network()
            outputs.append(network(x, "train"))
            assert torch.equal(torch.get_rng_state(), before)
        assert torch.equal(*outputs)

    def test_evaluation_leaves_it_as_it_is(self) -> None:
        """Neither mode of evaluation moves any part of its state, and each gives the same twice."""
        x = torch.randn(6, 3, 12, 8, generator=generator_for("x", 0))
        network = self.network()
        network(x, "train")
        before = {name: values.clone() for name, values in network.state_dict().items()}
        with torch.no_grad():
            for mode in ("batch", "running"):
                assert torch.equal(network(x, mode), network(x, mode))
        for name, values in network.state_dict().items():
            assert torch.equal(values, before[name]), name

    def test_the_same_trial_gives_the_same(self, resident: ResidentImages) -> None:
        """Bit for bit, whatever was trained before it."""
        first, second = (train([self.trial()], resident) for _ in range(2))
        assert told(first) == told(second)
        assert first[0].row.status == "completed"

    def test_seeds_differ_and_levels_are_paired(self, resident: ResidentImages) -> None:
        """Another seed has other weights and another order; the other level has the same, as far as it has them."""
        contrast = (self.factor, self.levels)
        one, other = (train([self.trial(seed=seed)], resident)[0].row for seed in (0, 1))
        assert one.init_hash != other.init_hash
        assert one.order_hash != other.order_hash
        rows = [train([self.trial(level)], resident, contrast=contrast)[0].row for level in (0, 1)]
        assert rows[0].order_hash == rows[1].order_hash
        assert (rows[0].init_hash == rows[1].init_hash) == (self.shared in (1.0, None))
        assert rows[0].shared_parameters == (None if self.shared is None else pytest.approx(self.shared, abs=1e-6))

    @pytest.mark.parametrize("level", [0, 1])
    def test_it_is_measured_in_the_modes_that_it_has(self, resident: ResidentImages, level: int) -> None:
        """By batch statistics too where BatchNorm is found, and there alone."""
        [outcome] = train([self.trial(level)], resident)
        modes = {"running", "batch"} if self.normalised[level] else {"running"}
        assert {point.bn_mode for point in outcome.curve} == modes
        assert (outcome.row.test_accuracy_batch is not None) == self.normalised[level]

    def test_momentum_and_epsilon_act_on_its_norms(self, resident: ResidentImages) -> None:
        """With BatchNorm they change what is measured by running statistics, and without it nothing."""
        for level in (0, 1):
            plain, other = (train([self.trial(level, **changed)], resident) for changed in ({}, {"bn_momentum": 0.9}))
            assert (told(plain)[0]["test_loss"] != told(other)[0]["test_loss"]) == self.normalised[level]

    def test_its_layers_are_probed(self, resident: ResidentImages) -> None:
        """Each has a gradient, some an activation function, and what has no BatchNorm lags nothing."""
        [outcome] = train([self.trial()], resident)
        last = max(row.step for row in outcome.layer)
        rows = [row for row in outcome.layer if row.step == last]
        assert [row.layer for row in rows] == list(range(1, self.layers + 1))
        assert all(row.grad_norm is not None and row.grad_norm > 0 for row in rows)
        assert any(row.activation_var is not None for row in rows)
        assert any(row.bn_var_lag is not None for row in rows) == self.normalised[0]
        assert all((row.module is None) == (self.source is None) for row in rows)

    def test_it_is_probed_without_a_trace(self, resident: ResidentImages) -> None:
        """Training with probes and without gives the same bits."""
        probed, plain = (train([self.trial()], resident, probes=probes) for probes in (True, False))
        assert told(probed) == told(plain)

    def test_it_goes_on_where_it_was(
        self, resident: ResidentImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A trial that was stopped after each step in turn, and taken up anew, gives the bits of one that was not."""
        trial = self.trial()
        whole = train([trial], resident)
        monkeypatch.setattr(checkpoints, "EVERY_SECONDS", 1e9)
        store = FolderStore(tmp_path)
        store.prepare()
        for _ in range(1000):
            calls = iter([False, False, True])
            kept = Checkpoint(store, [trial.trial_id], {}, lambda calls=calls: next(calls))
            try:
                cut = train([trial], resident, checkpoint=kept)
                break
            except StoppedError:
                torch.manual_seed(12)  # another process draws otherwise
        assert told(cut) == told(whole)

    def test_a_gradient_reaches_every_parameter(self, resident: ResidentImages) -> None:
        """The optimizer holds each parameter once, and a step moves it."""
        stepper, _, _ = set_up([self.trial()], resident)
        trained = [parameter for parameter in stepper.network.parameters() if parameter.requires_grad]
        assert {id(share.parameter) for share in stepper.network.shares()} >= {id(parameter) for parameter in trained}
        before = [parameter.detach().clone() for parameter in trained]
        stepper(1)
        assert all(not torch.equal(then, now) for then, now in zip(before, trained, strict=True))


def told(outcomes: list[Outcome]) -> tuple[dict[str, object], list[object]]:
    """What a trial gave, times aside."""
    [outcome] = outcomes
    row = {name: value for name, value in vars(outcome.row).items() if name not in SECONDS}
    return row, list(outcome.curve)
