"""TensorBoard: a folder of event files, a folder a run; settings are its hyperparameters or stand in folders' names."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyze.study.imports.run import Point, Run, Setting, from_folders, missing

if TYPE_CHECKING:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

NAME = "TensorBoard"

EVENTS = "*tfevents*"

#: Under which tag the plugin of hyperparameters keeps what a run was started with.
HYPERPARAMETERS = "_hparams_/session_start_info"


def recognises(source: str) -> bool:
    """Whether there are event files."""
    return next(Path(source).rglob(EVENTS), None) is not None


def read(source: str) -> Iterator[Run]:
    """A run for each folder with event files that lies in no other: writers put parts of a run in folders of its own.

    Raises:
        MissingLibraryError: tensorboard is not installed.
    """
    folder = Path(source)
    holding = sorted({path.parent for path in folder.rglob(EVENTS)})
    inside = {one: next((outer for outer in holding if outer in one.parents), one) for one in holding}
    for run in dict.fromkeys(inside.values()):
        settings: dict[str, Setting] = dict(from_folders(run.relative_to(folder)))
        points: list[Point] = []
        for part in (one for one, whole in inside.items() if whole == run):
            told, measured = events(part)
            settings |= told
            points += measured
        yield Run(id=str(run.relative_to(folder)), settings=settings, metrics=last_values(points), points=points)


def events(folder: Path) -> tuple[dict[str, Setting], list[Point]]:
    """The hyperparameters and the scalars in the event files of one folder.

    Raises:
        MissingLibraryError: tensorboard is not installed.
    """
    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415  # an extra
        from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415
    except ModuleNotFoundError:
        raise missing(NAME, "tensorboard") from None
    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    found.Reload()
    points = [Point(tag, event.step, event.value) for tag in found.Tags()["scalars"] for event in found.Scalars(tag)]
    for tag in found.Tags()["tensors"]:
        if found.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            points += [Point(tag, event.step, float(make_ndarray(event.tensor_proto))) for event in found.Tensors(tag)]
    return _hyperparameters(found), points


def last_values(points: list[Point]) -> dict[str, float]:
    """The value of each metric at its last step."""
    found: dict[str, Point] = {}
    for point in points:
        if point.metric not in found or point.step >= found[point.metric].step:
            found[point.metric] = point
    return {name: point.value for name, point in found.items()}


def _hyperparameters(found: "EventAccumulator") -> dict[str, Setting]:
    """What the plugin of hyperparameters says that the run was started with."""
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData  # noqa: PLC0415

    try:
        content = found.PluginTagToContent("hparams")[HYPERPARAMETERS]
    except KeyError:
        return {}
    started = HParamsPluginData.FromString(content).session_start_info
    values = {name: getattr(one, kind) for name, one in started.hparams.items() if (kind := one.WhichOneof("kind"))}
    # The plugin has numbers in double precision alone: 2 layers are 2.0 there.
    whole = {name: int(one) for name, one in values.items() if isinstance(one, float) and one.is_integer()}
    return values | whole
