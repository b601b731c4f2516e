"""One trial, from its settings to its committed part: what a worker does, wherever it runs."""

import functools
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from filelock import FileLock, Timeout

from collect import provenance
from collect.shared import SharedImages
from collect.store import commit, parts
from collect.store.paths import StudyPaths
from collect.trial import Trial

if TYPE_CHECKING:
    from collect.resident import ResidentImages


class Report(NamedTuple):
    """How one trial ended. `held`: another collector is at it."""

    trial_id: str
    status: Literal["completed", "diverged", "failed", "held"]
    reason: str | None = None


@dataclass(frozen=True)
class Task:
    """Trains trials of one study and commits them.

    Attributes:
        images: the study's data sets by name.
        device: where to train; `auto` is the GPU where there is one.
    """

    paths: StudyPaths
    images: dict[str, SharedImages]
    device: str

    def __call__(self, trial_id: str, trial: Trial, row: dict[str, Any]) -> Report:
        """Train one trial unless its part exists or another collector is at it."""
        lock = FileLock(self.paths.lock(trial_id))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return Report(trial_id, "held")
        try:
            return self._train(trial_id, trial, row)
        finally:
            self.paths.lock(trial_id).unlink(missing_ok=True)  # while it is held: no one else can hold it
            lock.release()

    def _train(self, trial_id: str, trial: Trial, row: dict[str, Any]) -> Report:
        from collect.training import train  # noqa: PLC0415  # imports torch, in the worker

        if self.paths.part(trial_id).is_file():
            return Report(trial_id, "held")
        device = _available(self.device)
        [outcome] = train([trial], _resident(self.images[trial.settings.dataset], device))
        content = parts.encode(row, outcome, uuid.uuid4().hex, provenance.environment(device))
        commit.create(self.paths.part(trial_id), content, self.paths.tmp)
        return Report(trial_id, outcome.row["status"], outcome.row["reason"])


@functools.cache
def _resident(images: SharedImages, device: str) -> "ResidentImages":
    import torch  # noqa: PLC0415

    from collect.resident import ResidentImages  # noqa: PLC0415

    return ResidentImages.open(images, torch.device(device))


@functools.cache
def _available(device: str) -> str:
    import torch  # noqa: PLC0415

    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
