"""Where a trial ran: versions, hardware, numerics. It travels in the part's metadata and decides nothing."""

import functools
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from collect.execute import cores

PACKAGES = ("ordering-effect", "torch", "torchvision", "numpy", "pyarrow", "mlxtend")


@functools.cache
def environment_of(device: str) -> dict[str, Any]:
    """Versions, hardware, threads and numerical settings of this process."""
    import torch  # noqa: PLC0415  # slow, and only workers need it

    gpu = torch.cuda.get_device_name(device) if device.startswith("cuda") else None
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "cpu": _cpu_model(),
        "cores": cores.usable(),
        "gpu": gpu,
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "matmul_precision": torch.get_float32_matmul_precision(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "commit": _commit(),
    }


def here() -> str:
    """What is known of this machine's environment without torch, as JSON."""
    return json.dumps({"packages": {"torch": _version("torch")}, "cpu": _cpu_model()})


class _Kind(BaseModel):
    """What of an environment decides the last digits of a trial."""

    packages: dict[str, str | None] = {}
    cpu: str | None = None
    gpu: str | None = None


def differences(environments: Iterable[str]) -> str | None:
    """That trials were trained by other versions of torch or on other kinds of processor; None where they were not.

    Args:
        environments: as JSON, as parts have them.
    """
    kinds = [kind for text in set(environments) if (kind := _kind(text))]
    values = {
        "torch": {kind.packages.get("torch") for kind in kinds},
        "CPU": {kind.cpu for kind in kinds},
        "GPU": {kind.gpu for kind in kinds},
    }
    named = {what: sorted(filter(None, several)) for what, several in values.items()}
    differing = [f"{what} {' and '.join(several)}" for what, several in named.items() if len(several) > 1]
    if not differing:
        return None
    return f"environments differ between trials: {'; '.join(differing)}; equal settings need not give equal last digits"


def _kind(text: str) -> _Kind | None:
    try:
        return _Kind.model_validate_json(text)
    except ValidationError:
        return None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str | None:
    """The commit of the checkout this package runs from, marked where it was changed since; None if installed."""
    folder = Path(__file__).resolve().parent.parent
    if not (folder / ".git").exists():
        return None

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()  # noqa: S603  # fixed arguments

    try:
        return git("rev-parse", "HEAD") + ("-changed" if git("status", "--porcelain", "--", "collect") else "")
    except (OSError, subprocess.SubprocessError):
        return None
