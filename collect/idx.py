"""Reads the IDX files in which MNIST and its relatives are published, gzipped or not."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"


def content(path: Path) -> bytes:
    """The uncompressed bytes of a file, gzipped or not.

    Raises:
        ImagesError: the file cannot be read or unpacked.
    """
    try:
        packed = path.read_bytes()
        return gzip.decompress(packed) if packed[:2] == GZIP_MAGIC else packed
    except (OSError, EOFError, zlib.error) as error:
        raise ImagesError(f"{path} cannot be read: {error}") from None


def parse(content: bytes, name: str) -> NDArray[np.uint8]:
    """The array in the bytes of an IDX file of unsigned bytes.

    Format: two zero bytes, a type code, the number of dimensions, each as a big-endian 32-bit size, then the values.

    Raises:
        ImagesError: these are not the bytes of a complete IDX file of unsigned bytes; `name` says whose.
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTE]):
        raise ImagesError(f"{name} is not an IDX file of unsigned bytes")
    header = 4 + 4 * content[3]
    if len(content) < header:
        raise ImagesError(f"{name} is cut short inside its header")
    shape = struct.unpack(f">{content[3]}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise ImagesError(f"{name} holds {len(content) - header} values where its header promises {math.prod(shape)}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
