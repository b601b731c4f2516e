"""The arithmetic of a device: which precision is meant, and what is deterministic."""

import torch

from collect.errors import StudyError
from collect.study.trial import Precision


def use(precision: Precision, device: torch.device) -> None:
    """Compute on this device as `precision` says: fp32 is IEEE single precision on a GPU too, tf32 has to be asked for.

    Raises:
        StudyError: the device cannot compute so.
    """
    if device.type == "cpu" and precision == "tf32":
        raise StudyError("precision tf32 is an arithmetic of GPUs; choose fp32 or bf16, or run on a GPU")
    on_gpu = device.type == "cuda"
    if device.index is not None:  # streams, graphs and memory statistics are of the current device
        torch.cuda.set_device(device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = on_gpu
    # On a GPU some operations have no deterministic form, and others only a slow one; nothing is promised there.
    torch.use_deterministic_algorithms(mode=not on_gpu)
    # What is not initialised is never read here; to fill it with NaN all the same takes a tenth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a property of the module
