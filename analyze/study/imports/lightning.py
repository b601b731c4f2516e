"""Lightning's CSVLogger: folders with metrics.csv, and hparams.yaml beside it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analyze.errors import InvalidTableError
from analyze.study import files, stored
from analyze.study.imports.run import Point, Run, flat, from_folders, missing

NAME = "Lightning"

#: Larger than the settings of any run.
MOST_BYTES = 2**24


def recognises(source: str) -> bool:
    """Whether a run's metrics and hyperparameters lie side by side."""
    return any((path.parent / "hparams.yaml").is_file() for path in Path(source).rglob("metrics.csv"))


def read(source: str) -> Iterator[Run]:
    """A run for each metrics.csv; folders' names are settings too, but for the numbers of versions.

    Raises:
        MissingLibraryError: PyYAML is not installed.
        InvalidTableError: a file cannot be read.
    """
    folder = Path(source)
    for path in sorted(folder.rglob("metrics.csv")):
        place = path.parent.relative_to(folder)
        named = {name: one for name, one in from_folders(place).items() if not str(one).startswith("version_")}
        points, metrics = measured(path)
        hyperparameters = path.parent / "hparams.yaml"
        settings = flat(settings_in(hyperparameters)) if hyperparameters.is_file() else {}
        yield Run(id=str(place), settings=named | settings, metrics=metrics, points=points)


def measured(path: Path) -> tuple[list[Point], dict[str, float]]:
    """What a metrics.csv holds: a row a step, empty where nothing was measured; and each metric's last value.

    Raises:
        InvalidTableError: it cannot be read.
    """
    points, last = [], {}
    for number, row in enumerate(files.opened(path).table.to_pylist()):
        step, epoch = row.pop("step", None), row.pop("epoch", None)
        for metric, value in row.items():
            if isinstance(value, int | float):
                points.append(Point(metric, number if step is None else int(step), value, epoch))
                last[metric] = float(value)
    return points, last


def settings_in(path: Path, name: str = NAME, extra: str = "lightning") -> Mapping[str, Any]:
    """What a YAML file holds. Objects in it are not made: their text stands for them.

    Args:
        path: of the file.
        name: of the tool that wrote it.
        extra: that reads what this tool writes.

    Raises:
        MissingLibraryError: PyYAML is not installed.
        InvalidTableError: it is no YAML, or holds no settings.
    """
    try:
        import yaml  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise missing(name, extra) from None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # an extra
        """Plain values alone."""

    def text(_: yaml.SafeLoader, tag: str, node: yaml.Node) -> str:
        return f"{tag} {node.value}".strip() if isinstance(node, yaml.ScalarNode) else tag

    Loader.add_multi_constructor("", text)
    try:
        with stored.regular(path) as file:
            found = yaml.load(file.read(MOST_BYTES), Loader)  # noqa: S506  # a safe one
    except (OSError, yaml.YAMLError) as error:
        raise InvalidTableError(f"{path} cannot be read as YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(found or {}, Mapping):
        raise InvalidTableError(f"{path} holds no settings")
    settings: Mapping[str, Any] = found or {}
    return settings
