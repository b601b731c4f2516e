"""Reads images.npz: the four arrays of a data set of one's own, as numpy.savez writes them.

What an array promises is read before the array is, and no object is ever unpickled.
"""

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from collect.errors import ImagesError

NAMES = ("x_train", "y_train", "x_test", "y_test")
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read(path: Path, most_bytes: int) -> list[NDArray[Any]]:
    """The arrays of `NAMES`, of whole numbers or whatever else they are.

    Raises:
        ImagesError: the file is damaged or no .npz, lacks an array, or promises more than so many bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in NAMES if f"{name}.npy" not in archive.namelist()]
            if missing:
                raise ImagesError(f"{path} lacks {', '.join(missing)}; it needs {', '.join(NAMES)}")
            members = [archive.getinfo(f"{name}.npy") for name in NAMES]
            promised = sum(max(member.file_size, _promised(archive, member, path)) for member in members)
            if promised > most_bytes:
                raise ImagesError(f"{path} promises {promised:,} bytes; more than {most_bytes:,} are not read")
            return [_array(archive, member) for member in members]
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError) as error:
        raise ImagesError(f"{path} cannot be read: {_first_line(error)}") from None
    except (zipfile.BadZipFile, zlib.error, SyntaxError, TypeError) as error:
        raise ImagesError(f"{path} is {_what(path) or f'a damaged file: {_first_line(error)}'}") from None


def _what(path: Path) -> str:
    """What lies there that is no .npz file, where it can be told."""
    with path.open("rb") as file:
        start = file.read(512).lstrip()
    if not start:
        return "empty; fetch or write it again"
    if start.startswith(b"<"):
        return "a page of the web, as a download that failed leaves it; fetch it again"
    if start.startswith(npy.MAGIC_PREFIX):
        return f"a single array (.npy); write {', '.join(NAMES)} with numpy.savez"
    return "" if start.startswith(b"PK") else "no .npz file; write one with numpy.savez"


def _promised(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> int:
    """Bytes of the values that an array's header announces."""
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in HEADERS:
            raise ImagesError(f"{path}: {member.filename} has the unknown form {version}; write it with numpy.savez")
        shape, _, dtype = HEADERS[version](file)
    if dtype.hasobject:
        raise ImagesError(f"{path}: {member.filename} holds Python objects, which are never loaded")
    return math.prod(shape) * dtype.itemsize


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(member) as file:
        return np.asarray(npy.read_array(file, allow_pickle=False))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
