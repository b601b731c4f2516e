"""One stack of trials, from their settings to their committed parts: what a worker does, wherever it runs."""

import functools
import traceback
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from collect.errors import CollectError
from collect.execute import stopping
from collect.execute.environment import environment_of
from collect.images.sharing import Shared
from collect.store import keys, parts
from collect.store.place.interface import Store
from collect.study.stacks import Stack

if TYPE_CHECKING:
    from collect.engine.training import Contrast
    from collect.images.on_device import ResidentImages
    from collect.store.outcome import Outcome


class Report(NamedTuple):
    """How one trial ended. `held`: another collector is at it, or was faster. `trace`: of the error.

    `apart`: it has not trained side by side with others, for this reason, and is to be trained by itself.
    `again`: whether it may come out otherwise when it is tried again; an error of a network of one's own does not.
    """

    trial_id: str
    status: Literal["completed", "diverged", "failed", "held", "apart"]
    reason: str | None = None
    trace: str | None = None
    again: bool = True


@dataclass(frozen=True)
class Task:
    """Trains trials of one study and commits them.

    Attributes:
        images: the study's data sets by name.
        contrast: the factor under test and its two levels.
    """

    store: Store
    images: Mapping[str, Shared]
    contrast: "Contrast | None" = None

    def __call__(self, stack: Stack, device: str) -> list[Report]:
        """Train those trials of a stack that are not done and that no other collector is at.

        Of trials that were stopped there is no report: their state is kept.

        Args:
            stack: trials of one kind.
            device: where to train: cpu, or cuda with the number of a GPU.
        """
        with ExitStack() as claims:
            mine = [job for job in stack if claims.enter_context(self.store.claim(job.trial_id))]
            mine = [job for job in mine if self.store.read(keys.part(job.trial_id)) is None]
            reports = [Report(job.trial_id, "held") for job in stack if job not in mine]
            return reports + (self._train(mine, device) if mine else [])

    def _train(self, stack: Stack, device: str) -> list[Report]:
        import torch  # noqa: PLC0415  # in the worker, as what follows

        from collect.engine import arithmetic  # noqa: PLC0415
        from collect.engine.checkpoint import Checkpoint, StoppedError  # noqa: PLC0415
        from collect.engine.training import train  # noqa: PLC0415
        from collect.execute import memory  # noqa: PLC0415

        arithmetic.use(stack[0].trial.precision, torch.device(device))
        images = _resident(self.images[stack[0].trial.settings.dataset], device)  # type: ignore[arg-type]  # hashable
        environment = environment_of(device)
        reports = []

        def checkpoint_of(piece: Stack) -> Checkpoint:
            return Checkpoint(self.store, [job.trial_id for job in piece], environment, stopping.asked)

        def train_piece(piece: Stack) -> "list[Outcome]":
            trials = [job.trial for job in piece]
            return train(trials, images, checkpoint=checkpoint_of(piece), contrast=self.contrast)

        if stopping.asked():  # before the first step there is nothing to keep
            return []
        own = stack[0].trial.settings.own
        columns = own.columns if own else ()
        try:
            largest = memory.capacity([job.trial for job in stack], images)
            for piece, outcomes in memory.pieces(stack, largest, train_piece):
                for job, outcome in zip(piece, outcomes, strict=True):
                    content = parts.encode(job.row, outcome, uuid.uuid4().hex, environment, columns)
                    self.store.create(keys.part(job.trial_id), content)
                    reports.append(Report(job.trial_id, outcome.row.status, outcome.row.reason))
                checkpoint_of(piece).clear()
        except StoppedError:
            pass
        except Exception as error:
            if own is None or isinstance(error, CollectError | MemoryError):
                raise
            ended = {report.trial_id for report in reports}
            left = [job.trial_id for job in stack if job.trial_id not in ended]
            reports += _after(error, own.file, left, device, together=len(stack) > 1)
        return reports


def _after(error: Exception, file: str, trial_ids: Sequence[str], device: str, *, together: bool) -> list[Report]:
    """What is said of trials of a network of one's own after an error in it: side by side, nobody knows in whose.

    Raises:
        Exception: that error, for what it left a GPU in is not known, so that its worker has to go as well.
    """
    from collect.network.own_code import last_line  # noqa: PLC0415
    from collect.network.own_stack import ApartError  # noqa: PLC0415

    reason = str(error) if isinstance(error, ApartError) else last_line(error, file)
    if together and _sound(device):
        return [Report(trial_id, "apart", reason) for trial_id in trial_ids]
    if device != "cpu":
        raise error
    trace = "".join(traceback.format_exception(error))
    return [Report(trial_id, "failed", reason, trace, again=False) for trial_id in trial_ids]


def _sound(device: str) -> bool:
    """Whether it still computes: after some errors a GPU does no more for this process."""
    import torch  # noqa: PLC0415

    try:
        return torch.ones(1, device=device).item() == 1
    except RuntimeError:
        return False


@functools.cache
def _resident(images: Shared, device: str) -> "ResidentImages":
    import torch  # noqa: PLC0415

    from collect.images.on_device import ResidentImages  # noqa: PLC0415

    return ResidentImages.open(images, torch.device(device))
