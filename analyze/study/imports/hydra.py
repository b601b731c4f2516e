"""Hydra: the folders of a multirun, each with .hydra/config.yaml and whatever the job wrote of its results."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analyze.errors import InvalidTableError
from analyze.study import stored
from analyze.study.imports import tensorboard
from analyze.study.imports.lightning import MOST_BYTES, measured, settings_in
from analyze.study.imports.run import Point, Run, flat

NAME = "Hydra"

CONFIG = Path(".hydra") / "config.yaml"


def recognises(source: str) -> bool:
    """Whether jobs kept their configuration."""
    return next(Path(source).rglob(str(CONFIG)), None) is not None


def read(source: str) -> Iterator[Run]:
    """A run for each job: its settings from its configuration, its metrics from .json, metrics.csv and event files.

    A job that left no metric has failed: Hydra itself keeps no status.

    Raises:
        MissingLibraryError: PyYAML is not installed, or tensorboard where there are event files.
        InvalidTableError: a file cannot be read.
    """
    folder = Path(source)
    for path in sorted(folder.rglob(str(CONFIG))):
        job = path.parent.parent
        points, metrics = _results(job)
        yield Run(
            id=str(job.relative_to(folder)),
            settings=flat(settings_in(path, NAME, "hydra")),
            metrics=metrics,
            status="completed" if metrics else "failed",
            points=points,
        )


def _results(job: Path) -> tuple[list[Point], dict[str, float]]:
    """What a job measured."""
    points: list[Point] = []
    metrics: dict[str, float] = {}
    for path in sorted(job.rglob("*.json")):
        metrics |= {
            name: value
            for name, value in flat(_json(path)).items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
    for path in sorted(job.rglob("metrics.csv")):
        on_the_way, last = measured(path)
        points += on_the_way
        metrics |= last
    for place in sorted({path.parent for path in job.rglob(tensorboard.EVENTS)}):
        _, on_the_way = tensorboard.events(place)
        points += on_the_way
        metrics |= tensorboard.last_values(on_the_way)
    return points, metrics


def _json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; nothing of another value."""
    try:
        with stored.regular(path) as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        raise InvalidTableError(f"{path} cannot be read as JSON: {error}") from None
    return found if isinstance(found, dict) else {}
