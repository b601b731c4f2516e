"""Networks of one's own side by side: K members that differ in their weights alone, called as one by torch.func.vmap.

Parameters and buffers are tensors [K, …], and each member's are views of them: it is read, probed and, where it must
be, called by itself. Not every module can be called so: one that draws at random, as dropout does, has to draw from
each trial's own state, and one that decides by a value cannot decide for each. So a few steps are taken both ways, on
noise and where the stack is to train, before it does (`try_out`). A step is no CUDA graph: what a stranger's code does
in Python would be done but once.
"""

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from collect.network.interface import Network
from collect.network.norms import BnMode
from collect.network.own import OwnModule
from collect.network.stack import Share
from collect.study.trial import Settings

#: Images of a batch by which two members are tried, and training steps.
IMAGES, STEPS = 8, 2
#: Of the largest number of a tensor: what rounding may change, tf32's too, and no mistake is as small as.
TOLERANCE = 1e-2


class ApartError(Exception):
    """These trials do not train side by side as each does alone, or not as fast."""


class OwnStack(Network):
    """K networks of one's own whose settings agree, but for the seed and what reaches the optimizer alone."""

    costly = ()
    captured = False

    def __init__(
        self, stack: Sequence[Settings], image_shape: tuple[int, int, int], classes: int, *, on_gpu: bool = False
    ) -> None:
        super().__init__(stack, image_shape, classes, on_gpu=on_gpu)
        #: Modules that are none of this one's, which has all that they hold.
        self.members = [OwnModule([settings], image_shape, classes, on_gpu=on_gpu) for settings in stack]
        self.held = nn.Module()
        self._names: list[str] = []
        self._tried: list[OwnModule] = []
        # What vmap has no rule for is called K times. A filter of each call's own would let others warn at every step.
        warnings.filterwarnings("ignore", message="There is a performance drop")
        #: The modes in which the members are called as one.
        self.side_by_side: set[BnMode] = {"train", "batch", "running"}

    def initialise(self, generators: Sequence[torch.Generator]) -> list[str]:
        """Build each as it is built alone.

        Raises:
            ApartError: they differ in more than values.
            Exception: see `OwnModule.initialise`.
        """
        hashes = []
        for k, (member, generator) in enumerate(zip(self.members, generators, strict=True)):
            hashes += member.initialise([generator])
            values = _values(member.built)
            if not k:
                self._hold(values)
            first = self.members[0].built
            if (_shapes(values), plain_attributes(member.built)) != (_shapes(_values(first)), plain_attributes(first)):
                raise ApartError("what is built for one seed differs from another's in more than values of parameters")
            for held, own in zip(self.state().values(), values.values(), strict=True):
                held.detach()[k] = own.detach()
            self._bind(k)
        another = next((k for k, digest in enumerate(hashes) if digest != hashes[0]), 1)
        self._tried = [self.members[0], self.members[another]]
        return hashes

    def _hold(self, first: dict[str, Tensor]) -> None:
        """Make room for what every member has, who are all like the first."""
        self._names = list(first)
        for number, values in enumerate(first.values()):
            room = torch.empty(self.trials, *values.shape, dtype=values.dtype)
            if isinstance(values, nn.Parameter):
                self.held.register_parameter(str(number), nn.Parameter(room, requires_grad=values.requires_grad))
            else:
                self.held.register_buffer(str(number), room)

    def state(self) -> dict[str, Tensor]:
        """Every parameter and then every buffer of all, [K, …], by the name that it has in a member."""
        return dict(zip(self._names, _values(self.held).values(), strict=True))

    def _bind(self, k: int) -> None:
        """Let all that a member holds be views of what is held here."""
        for held, own in zip(self.state().values(), _values(self.members[k].built).values(), strict=True):
            own.data = held.detach()[k]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "OwnStack":  # noqa: FBT001, FBT002  # torch's
        """Move or cast: the members with it, whose views have to be found anew."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for k, member in enumerate(self.members):
            member._apply(fn)  # type: ignore[no-untyped-call]  # noqa: SLF001  # as torch's modules call theirs
            self._bind(k)
        return self

    def forward(self, x: Tensor, mode: BnMode, record: list[Tensor] | None = None) -> Tensor:
        """[B, K * channels, H, W] -> logits [K, B, classes].

        Raises:
            Exception: whatever a network or vmap raises.
        """
        del record
        images = x.unflatten(1, (self.trials, -1)).transpose(0, 1).contiguous()
        if mode in self.side_by_side:
            return as_one(self.members[0], self.state(), images, mode)
        return torch.cat([member(own, mode) for member, own in zip(self.members, images, strict=True)])

    def normalises(self, settings: Settings) -> bool:
        """They all do, or none does."""
        return self.members[0].normalises(settings)

    def shares(self) -> Iterator[Share]:
        """Those of a member, each parameter being all members'."""
        names = {id(parameter): name for name, parameter in _values(self.members[0].built).items()}
        state = self.state()
        for share in self.members[0].shares():
            parameter = state[names[id(share.parameter)]]
            assert isinstance(parameter, nn.Parameter)
            yield Share(share.kind, parameter, 0, self.trials)

    def try_out(self) -> None:
        """Take a few steps of two members both ways; evaluate them by themselves where that alone differs.

        Raises:
            ApartError: as one they do not train, or otherwise, or they draw at random.
        """
        modes: tuple[BnMode, ...] = ("train", "batch", "running")
        for mode in modes:
            try:
                _require_agreement(self._tried, mode)
            except Exception as error:
                if mode == "train":
                    raise ApartError(str(error).partition(". ")[0].partition("\n")[0]) from error
                self.side_by_side.discard(mode)


def members_of(network: Network) -> Sequence[OwnModule]:
    """The networks of one's own that it is made of; none where it is the built-in one."""
    if isinstance(network, OwnStack):
        return network.members
    return [network] if isinstance(network, OwnModule) else []


def why_apart(settings: Settings, image_shape: tuple[int, int, int], classes: int) -> str | None:
    """Why trials of these settings, of two seeds, would not train side by side; None where they would."""
    stack = OwnStack([settings] * 2, image_shape, classes)
    try:
        stack.initialise([torch.Generator().manual_seed(seed) for seed in range(2)])
        stack.try_out()
    except Exception as error:  # noqa: BLE001  # what is wrong with it is told by its trials
        return str(error)
    return None


def as_one(member: OwnModule, state: dict[str, Tensor], images: Tensor, mode: BnMode) -> Tensor:
    """Call a member once for all, each by its own values.

    Args:
        member: whose code is called; its own values stay out of it.
        state: parameters and buffers [K, …] of all, by name; buffers change in place.
        images: [K, B, channels, H, W].
        mode: see `Network.forward`.
    """
    member.switch(mode)
    if mode == "batch":  # running statistics stay where they are
        running = {id(buffer) for norm in member.norms for buffer in norm.buffers()}
        moved = [name for name, values in _values(member.built).items() if id(values) in running]
        state = state | {name: state[name].clone() for name in moved}

    def call(values: dict[str, Tensor], x: Tensor) -> Any:
        return functional_call(member.built, values, (x,))

    logits: Tensor = vmap(call)(state, images)
    return logits


def _values(module: nn.Module) -> dict[str, Tensor]:
    """Its parameters, then its buffers, each once."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def _shapes(values: dict[str, Tensor]) -> dict[str, object]:
    return {name: (own.shape, own.dtype, own.requires_grad) for name, own in values.items()}


def _require_agreement(members: Sequence[OwnModule], mode: BnMode) -> None:
    """Compare copies of members as one with copies by themselves: logits, gradients, and what is left in them.

    Raises:
        ApartError: something differs, or something is drawn at random or kept in Python alone.
        Exception: whatever the network or vmap raises.
    """
    template, *alone = copy.deepcopy([members[0], *members])
    trained = [name for name, values in _values(template.built).items() if values.requires_grad]
    before = _stacked([_values(one.built) for one in alone])
    state = {name: values.clone().requires_grad_(name in trained) for name, values in before.items()}
    generator, device, attributes = torch.Generator().manual_seed(0), before[trained[0]].device, []
    for _ in range(STEPS if mode == "train" else 1):
        x, pull = (
            torch.randn(len(alone), IMAGES, *shape, generator=generator).to(device)
            for shape in (template.image_shape, (template.classes,))
        )
        with torch.set_grad_enabled(mode == "train"):
            singly = [one(own, mode)[0] for one, own in zip(alone, x, strict=True)]
            if any(not torch.equal(*(o.get_extra_state() for o in pair)) for pair in zip(alone, members, strict=True)):
                raise ApartError("it draws at random")
            together = as_one(template, state, x, mode)
        _require_alike("logits", {"": together}, {"": torch.stack(singly)})
        if mode == "train":
            ours = _gradients(together, pull, {name: state[name] for name in trained})
            held = [{name: _values(one.built)[name] for name in trained} for one in alone]
            _require_alike("gradients", ours, _stacked(list(map(_gradients, singly, pull, held))))
        attributes.append(plain_attributes(alone[0].built))
    left = _stacked([_values(one.built) for one in alone])
    _require_alike("parameters and buffers", _moved(before, state), _moved(before, left))
    if attributes[0] != attributes[-1]:
        raise ApartError("it counts in Python")


def _stacked(each: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([one[name].detach() for one in each]) for name in each[0]}


def _gradients(logits: Tensor, pull: Tensor, held: dict[str, Tensor]) -> dict[str, Tensor]:
    found = torch.autograd.grad((logits * pull).sum(), list(held.values()), materialize_grads=True)
    return dict(zip(held, found, strict=True))


def _moved(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: after[name].detach().double() - values.double() for name, values in before.items()}


def plain_attributes(built: nn.Module) -> list[object]:
    """What its modules are, and plain values that they keep."""
    kinds = bool | int | float | str
    return [(type(m).__name__, {n: v for n, v in vars(m).items() if isinstance(v, kinds)}) for m in built.modules()]


def _require_alike(what: str, ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    """Refuse what rounding does not explain: of the largest number of a tensor, or of all where one's are tiny."""
    largest = {name: values.abs().max().item() if values.numel() else 0.0 for name, values in theirs.items()}
    floor = TOLERANCE * max(largest.values())
    for name, values in theirs.items():
        if not torch.allclose(ours[name], values, 0, TOLERANCE * max(largest[name], floor), equal_nan=True):
            raise ApartError(f"side by side its {what} are others than alone")
