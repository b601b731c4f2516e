"""The options and arguments of the `collect` commands, each once, with its help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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


StudyArgument = Annotated[
    str,
    typer.Argument(
        metavar="STUDY", help="A preset (quick, article, confounds), a TOML file, or a study's folder or URL."
    ),
]
FolderArgument = Annotated[
    str | None, typer.Argument(metavar="DIR", help="A study's folder or URL.  [default: the newest under data/]")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the study: --set seeds=5 --set 'factors.depth=[2,8]'."),
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
ExtendOption = Annotated[
    bool, typer.Option("--extend", help="Accept a plan with more seeds or levels than the study on disk has.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object.")]

IMAGE_ROOT = Path("data/images")
