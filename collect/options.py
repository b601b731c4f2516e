"""The options and arguments of the `collect` commands, each once, with its help."""

import importlib.metadata
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from collect import overview, said


class Device(StrEnum):
    """Where trials train."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class PrecisionOption(StrEnum):
    """Arithmetic of the training steps."""

    FP32 = "fp32"
    TF32 = "tf32"
    BF16 = "bf16"


class Backend(StrEnum):
    """What runs the trials."""

    LOCAL = "local"
    RAY = "ray"


def _studies(incomplete: str) -> list[str]:
    """What the shell may complete to a study's folder."""
    return [str(folder) for folder in overview.folders() if str(folder).startswith(incomplete)]


def _presets(incomplete: str) -> list[str]:
    """What it may complete to a study that can be run."""
    named = [preset.name for preset in overview.presets() if preset.name.startswith(incomplete)]
    files = [str(path) for path in Path().glob("*.toml") if str(path).startswith(incomplete)]
    return named + files + _studies(incomplete)


StudyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STUDY",
        help="A preset (collect list), a TOML file, or a study's folder or URL.  [default: quick]",
        autocompletion=_presets,
    ),
]
WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="What to change: seeds=8 and depth=3 set, activation=gelu,relu makes a factor (collect show --settings).",
        show_default=False,
    ),
]
FolderArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="DIR", help="A study's folder or URL.  [default: the newest under data/]", autocompletion=_studies
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="The same as KEY=VALUE, in the long form."),
]
JobsOption = Annotated[str, typer.Option(help="Worker processes: a number, or auto for one a core or GPU.")]
ImageRootOption = Annotated[Path, typer.Option(help="Where data sets are found or, if absent, downloaded.")]
OutOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|URL", help="Where the study goes: a folder, s3://, gs:// or az://.  [default: data/<study name>]"
    ),
]
BackendOption = Annotated[Backend, typer.Option(help="What runs the trials: this machine, or a Ray cluster.")]
AddressOption = Annotated[
    str | None, typer.Option(help="Of the Ray cluster.  [default: the one on this machine, or a new one]")
]
ShardOption = Annotated[
    str | None, typer.Option(metavar="I/N", help="Run the I-th of N shards of the study, for job arrays.")
]
DeviceOption = Annotated[Device, typer.Option(help="Where to train; auto takes a GPU where there is one.")]
PrecisionChoice = Annotated[
    PrecisionOption | None,
    typer.Option(help="Arithmetic of the training steps.  [default: fp32, or what the study was planned for]"),
]
StopAfterOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Keep the state of what is running after so long, 3h50m say, and leave."),
]
ExtendOption = Annotated[
    bool, typer.Option("--extend", help="Accept a plan with more seeds or levels than the study on disk has.")
]
UntilDecidedOption = Annotated[
    bool, typer.Option("--until-decided", help="Add seeds, as the study declares, until each cell is decided.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object.")]
SettingsOption = Annotated[
    bool, typer.Option("--settings", help="The table of all settings: defaults, legal values, meaning.")
]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Say it again whenever it has changed, until nothing is pending.")
]


def _say_version(asked: bool) -> None:  # noqa: FBT001  # a flag
    """Say which release this is, and do nothing else."""
    if asked:
        said.tell(f"collect, ordering-effect {importlib.metadata.version('ordering-effect')}")
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which release this is.")
]

IMAGE_ROOT = Path("data/images")
