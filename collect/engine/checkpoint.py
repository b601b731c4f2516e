"""The state of a stack that trains for long, kept so that a killed run goes on where it was.

A checkpoint is what torch.save wrote, under the name of its SHA-256, and a little JSON that says which trials' state it
is and where it was made. One that is damaged, does not fit or was made in another environment counts as none: the stack
begins again.
"""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from collect.engine.clock import Clock
from collect.engine.step import Stepper
from collect.errors import UnansweredError, UnreadableError
from collect.measure.recorder import Recorder
from collect.store import checkpoints, keys
from collect.store.place.interface import Store

EVERY_SECONDS = 300.0
#: Of a state beside its tensors.
OTHER_BYTES = 2**30


class StoppedError(Exception):
    """The stack was asked to train no further, and its state is kept where it can go on from it."""


class UnusableError(Exception):
    """A checkpoint's bytes are those that were written, and yet it is no state of this stack."""


class Checkpoint:
    """Where one stack keeps its state.

    Args:
        store: of the study.
        trial_ids: of the stack, in its order.
        environment: that a state is valid in.
        stopping: whether the stack should keep its state now, and leave.
    """

    def __init__(
        self,
        store: Store,
        trial_ids: Sequence[str],
        environment: Mapping[str, Any],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store, self.trial_ids, self.environment = store, list(trial_ids), dict(environment)
        self.stopping = stopping
        self.key = keys.checkpoint(checkpoints.name_of(trial_ids))
        self._saved = time.monotonic()

    def after(self, stepper: Stepper, recorder: Recorder, step: int, clock: Clock) -> None:
        """Keep the state after a step, where a measurement finds the last one old and where the stack is to stop.

        Of a network that could not go on from it none is kept: it begins again.

        Raises:
            StoppedError: it is to stop.
        """
        stopping = self.stopping()
        due = stopping or (step in recorder.points and time.monotonic() - self._saved >= EVERY_SECONDS)
        if due and stepper.network.resumable:
            self.save(stepper, recorder, step, clock.read())
        if stopping:
            raise StoppedError

    def save(self, stepper: Stepper, recorder: Recorder, step: int, seconds: tuple[float, float]) -> None:
        """Keep the state after a step; `seconds` are those spent in training and altogether."""
        state = {
            "step": step,
            "network": stepper.network.state_dict(),
            "optimizer": stepper.optimizer.torch_optimizer.state_dict(),
            "diverged_at": stepper.diverged_at,
            "records": recorder.state(),
            "seconds": list(seconds),
        }
        packed = io.BytesIO()
        torch.save(state, packed)
        digest = hashlib.sha256(packed.getvalue()).hexdigest()
        header = {"trial_ids": self.trial_ids, "environment": self.environment, "sha256": digest}
        before = self._digest()
        with suppress(UnansweredError):  # the next one will do
            self.store.replace(keys.state(digest), packed.getvalue())
            self.store.replace(self.key, json.dumps(header).encode())
            if before and before != digest:
                self.store.delete(keys.state(before))
        self._saved = time.monotonic()

    def restore(self, stepper: Stepper, recorder: Recorder) -> tuple[int, tuple[float, float]]:
        """Take up the state that was kept; the step it was kept after, 0 if there is none, and its seconds.

        Raises:
            UnusableError: it does not load, and what was taken up of it has to go.
        """
        header = checkpoints.read(self.store, self.key)
        if header is None or (header.trial_ids, header.environment) != (self.trial_ids, self.environment):
            return 0, (0.0, 0.0)
        try:
            packed = self.store.read(keys.state(header.sha256), _most_bytes(stepper)) or b""
        except UnreadableError:
            packed = b""
        if header.sha256 != hashlib.sha256(packed).hexdigest():
            return 0, (0.0, 0.0)
        try:
            _require_modest(packed)
            state = torch.load(io.BytesIO(packed), map_location=stepper.diverged_at.device, weights_only=True)
            stepper.network.load_state_dict(state["network"])
            stepper.optimizer.torch_optimizer.load_state_dict(state["optimizer"])
            stepper.diverged_at.copy_(state["diverged_at"])
            train_seconds, wall_seconds = map(float, state["seconds"])
            step = int(state["step"])
            recorder.restore(state["records"], step)
        except Exception as error:  # noqa: BLE001  # whatever can be wrong with bytes that torch is to load
            raise UnusableError(f"{type(error).__name__}: {error}") from None
        if not 0 < step < recorder.steps:
            raise UnusableError(f"it is of step {step}")
        return step, (train_seconds, wall_seconds)

    def clear(self) -> None:
        """Remove what was kept."""
        digest = self._digest()
        self.store.delete(self.key)
        if digest:
            self.store.delete(keys.state(digest))

    def _digest(self) -> str | None:
        """The name of the state that is kept."""
        header = checkpoints.read(self.store, self.key)
        return header.sha256 if header else None


def _most_bytes(stepper: Stepper) -> int:
    """More than the state of a stack has: its weights, twice as much of the optimizer's, its curves and layers."""
    held = stepper.network.state_dict().values()  # a module of anybody's may keep what is no tensor
    return 4 * sum(int(value.nbytes) for value in held if isinstance(value, torch.Tensor)) + OTHER_BYTES


def _require_modest(packed: bytes) -> None:
    """Refuse a state that would unpack to more than torch writes, which packs nothing."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if sum(member.file_size for member in archive.infolist()) > len(packed):
            raise UnusableError("it promises more bytes than it has")
