"""What a command line says of where trials run: the executor, how many workers, and whether there is a GPU."""

from typing import TYPE_CHECKING

import typer

from collect.options import Backend, Device

if TYPE_CHECKING:
    from collect.execute.executor import Executor

# --help imports this module.
# ruff: noqa: PLC0415


def executor(backend: Backend, address: str | None, number: int | None, device: Device) -> "Executor":
    """What runs the trials, with so many workers; None is what the machine or the cluster has."""
    if backend is Backend.RAY:
        from collect.execute.ray import RayExecutor

        return RayExecutor(address, number, device.value)
    if address:
        raise typer.BadParameter("--address belongs to --backend ray")
    from collect.execute.local import LocalExecutor

    return LocalExecutor(number, device.value)


def workers(jobs: str) -> int | None:
    """The number asked for, or None for what the machine has."""
    if jobs == "auto":
        return None
    if not jobs.isdecimal() or int(jobs) < 1:
        raise typer.BadParameter(f"--jobs must be a positive number or auto, not {jobs!r}")
    return int(jobs)


def require_gpu(device: Device) -> None:
    """Refuse what needs a GPU where there is none, or where none is to be used."""
    from collect.execute.local import count_gpus

    wording = (
        "--device cuda: {}; choose cpu or auto"
        if device is Device.CUDA
        else "--precision tf32: {}; choose fp32 or bf16"
    )
    if device is Device.CPU:
        raise typer.BadParameter(wording.format("it is an arithmetic of GPUs"))
    if not count_gpus():
        raise typer.BadParameter(wording.format("torch finds no CUDA device here that it can use"))
