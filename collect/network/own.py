"""A network of one's own as the engine knows it: any torch.nn.Module that gives a logit for each class.

One trial a network. What it draws at random, by torch, it draws from a state of the trial's own, which is kept with its
weights: training goes on where it was. Where it is evaluated, it draws the same numbers every time. What would make its
result another than its row says is found before it trains (see `rehearsal`) or at its next evaluation, and refused.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from collect.network.interface import Network
from collect.network.norms import BnMode
from collect.network.own_code import exits_are_errors, function_of, python_generators_kept, seed_globals
from collect.network.stack import Share
from collect.study.own_network import OwnSettings
from collect.study.trial import Settings

#: Images of the batch by which its output is checked before it trains.
CHECKED = 2


class OwnModule(Network):
    """What a function of one's own builds, once it is initialised."""

    costly = ()
    captured = False

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        [settings] = stack
        assert isinstance(settings, OwnSettings)
        self.settings = settings
        self.built = nn.Module()
        self.norms: list[_BatchNorm] = []
        self._trained: list[nn.Parameter] = []
        self._mode: BnMode | None = None
        self._draws = self._same_draws = torch.empty(0, dtype=torch.uint8)

    def initialise(self, generators: Sequence[torch.Generator]) -> list[str]:
        """Build it with the global generators seeded from the trial's; the SHA-256 of its weights.

        Raises:
            TypeError, ValueError: what was built is no network for these images and classes.
            Exception: whatever the function raises.
        """
        [generator] = generators
        first, second = torch.randint(2**62, (2,), generator=generator).tolist()
        with self._restored(), python_generators_kept(), exits_are_errors():
            function = function_of(self.settings.built)
            seed_globals(first)
            built: object = function(self.image_shape, self.classes, **dict(self.settings.values))
            if not isinstance(built, nn.Module):
                raise TypeError(f"{self.settings.built.call} gives no torch.nn.Module but {type(built).__name__}")
            self.built = built
            self.norms = [module for module in self.built.modules() if isinstance(module, _BatchNorm)]
            for norm in self.norms:
                self._require_no_other_recipe(norm)
                norm.momentum, norm.eps = self.settings.bn_momentum, self.settings.bn_eps
            with torch.no_grad():  # this also gives lazy modules their shapes
                self(torch.zeros(CHECKED, *self.image_shape), "running")
            torch.manual_seed(second)
            self._draws = self._same_draws = self._state()
        self._trained = self._now_trained()
        if not self._trained:
            raise ValueError(f"{self.settings.built.call} gives a network without parameters that are trained")
        return [self._hash()]

    def _hash(self) -> str:
        """SHA-256 of its state by name, but for BatchNorm's running statistics, which begin alike for all."""
        running = {id(buffer) for norm in self.norms for buffer in norm.buffers()}
        digest = hashlib.sha256()
        for name, values in sorted(self.built.state_dict(keep_vars=True).items()):
            if isinstance(values, Tensor) and id(values) not in running:
                digest.update(f"{name} {values.dtype} {list(values.shape)}\n".encode())
                digest.update(values.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None = None) -> Tensor:
        """[B, channels, H, W] -> logits [1, B, classes]. Nothing is recorded: hooks see more (collect.measure.hooks).

        Raises:
            ValueError: the output has another shape.
            Exception: whatever the network raises.
        """
        del record
        self.switch(mode)
        with self._drawing(mode), self._unmoved(mode), exits_are_errors():
            logits: object = self.built(x.contiguous())
        if not isinstance(logits, Tensor) or logits.shape != (len(x), self.classes):
            shape = list(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise ValueError(
                f"{self.settings.built.call} gives {shape} for a batch of {len(x)} images, not a logit for each of "
                f"{self.classes} classes, [{len(x)}, {self.classes}]"
            )
        return logits.unsqueeze(0)

    def normalises(self, settings: Settings) -> bool:
        """Where a BatchNorm of torch's, or of a class made from it, is found inside."""
        del settings
        return bool(self.norms)

    def shares(self) -> Iterator[Share]:
        """Every parameter that is trained, in the order in which they were registered."""
        of_norms = {id(parameter) for norm in self.norms for parameter in norm.parameters()}
        for parameter in self._now_trained():
            yield Share("norm" if id(parameter) in of_norms else "other", parameter, 0, 1)

    @torch.no_grad()
    def shared(self, other: "OwnModule") -> float:
        """The share of this network's parameters that the other one has too: same name, shape and values."""
        theirs = dict(other.built.named_parameters())
        mine = dict(self.built.named_parameters())
        alike = [p.numel() for name, p in mine.items() if name in theirs and torch.equal(p.cpu(), theirs[name].cpu())]
        return sum(alike) / sum(parameter.numel() for parameter in mine.values())

    def get_extra_state(self) -> Tensor:
        """The state of what it draws from, which is kept with its weights."""
        return self._draws

    def set_extra_state(self, state: Tensor) -> None:
        """Go on drawing from there."""
        self._draws = state.cpu()

    def switch(self, mode: BnMode) -> None:
        """Let its modules train, or be evaluated; BatchNorm normalises by the batch in the first two modes.

        Raises:
            ValueError: other parameters are to be trained than those that the optimizer holds.
        """
        if mode == self._mode:
            return
        self._require_the_same_trained()
        self._mode = mode
        self.built.train(mode == "train")
        if mode == "batch":
            for norm in self.norms:
                norm.training = True

    def _require_no_other_recipe(self, norm: _BatchNorm) -> None:
        """The recipe's momentum and epsilon take the place of torch's defaults, and of no choice of the network's."""
        for name, default in (("momentum", 0.1), ("eps", 1e-5)):
            chosen, recipe = getattr(norm, name), getattr(self.settings, f"bn_{name}")
            if chosen not in (default, recipe):
                raise ValueError(
                    f"{self.settings.built.call} gives a BatchNorm {name}={chosen}, and the recipe says bn_{name}="
                    f"{recipe}, which takes its place; take it out of the code and choose bn_{name} in the study, as a "
                    "setting or a factor"
                )

    def _now_trained(self) -> list[nn.Parameter]:
        return [parameter for parameter in self.built.parameters() if parameter.requires_grad]

    def _require_the_same_trained(self) -> None:
        now = self._now_trained() if self._trained else []
        if [id(parameter) for parameter in now] != [id(parameter) for parameter in self._trained]:
            raise ValueError(
                f"{self.settings.built.call} gives a network that changes, while it trains, which parameters are "
                "trained; the optimizer holds those that are when it is built"
            )

    @contextmanager
    def _unmoved(self, mode: BnMode) -> Iterator[None]:
        """BatchNorm that normalises by the batch keeps its running statistics all the same."""
        norms = self.norms if mode == "batch" else []
        kept = [(norm, name, buffer) for norm in norms for name, buffer in norm.named_buffers(recurse=False)]
        for norm, name, buffer in kept:
            setattr(norm, name, buffer.clone())
        try:
            yield
        finally:
            for norm, name, buffer in kept:
                setattr(norm, name, buffer)

    @contextmanager
    def _drawing(self, mode: BnMode) -> Iterator[None]:
        """Let torch draw from this trial's state, and nobody else notice."""
        if not len(self._draws):  # it is being built
            yield
            return
        with self._restored():
            self._draw_from(self._draws if mode == "train" else self._same_draws)
            yield
            if mode == "train":
                self._draws = self._state()

    @contextmanager
    def _restored(self) -> Iterator[None]:
        outside = self._state()
        try:
            yield
        finally:
            self._draw_from(outside)

    def _state(self) -> Tensor:
        """That of the CPU's generator and, on a GPU, of the current device's behind it."""
        cpu = torch.get_rng_state()
        return torch.cat([cpu, torch.cuda.get_rng_state()]) if self.on_gpu else cpu

    def _draw_from(self, state: Tensor) -> None:
        of_cpu = len(torch.get_rng_state())
        torch.set_rng_state(state[:of_cpu])
        if self.on_gpu:
            torch.cuda.set_rng_state(state[of_cpu:])
