"""Reads the IDX files in which MNIST and its relatives are published, gzipped or not.

A header says how many values follow. No more than that is ever unpacked, whatever a file goes on to hold.
"""

import gzip
import io
import math
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"
#: Images, height, width and channels are the most that a file can have.
MOST_DIMENSIONS = 4


def unpacked(packed: bytes, name: str, most_bytes: int) -> bytes:
    """The uncompressed bytes of an IDX file, gzipped or not.

    Args:
        packed: the file's bytes.
        name: of the file.
        most_bytes: of values that are accepted.

    Raises:
        ImagesError: it cannot be unpacked, is no such file, or is larger than its header or the bound allows.
    """
    if packed[:2] != GZIP_MAGIC:
        _shape(packed, name, most_bytes)
        return packed
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            header = file.read(4 + 4 * MOST_DIMENSIONS)
            promised = 4 + 4 * header[3] + math.prod(_shape(header, name, most_bytes)) if len(header) > 3 else 0
            return header + file.read(max(0, promised + 1 - len(header)))
    except (OSError, EOFError, zlib.error) as error:
        raise ImagesError(f"{name} cannot be read: {error}") from None


def parse(content: bytes, name: str, most_bytes: int) -> NDArray[np.uint8]:
    """The array in the bytes of an IDX file of unsigned bytes.

    Format: two zero bytes, a type code, the number of dimensions, each as a big-endian 32-bit size, then the values.

    Args:
        content: the file's bytes, uncompressed.
        name: of the file.
        most_bytes: of values that are accepted.

    Raises:
        ImagesError: these are not the bytes of a complete IDX file of unsigned bytes.
    """
    shape = _shape(content, name, most_bytes)
    header = 4 + 4 * len(shape)
    if len(content) - header != math.prod(shape):
        held = "more" if len(content) - header > math.prod(shape) else f"only {len(content) - header}"
        raise ImagesError(f"{name} holds {held} values where its header promises {math.prod(shape)}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _shape(content: bytes, name: str, most_bytes: int) -> tuple[int, ...]:
    """What a header promises."""
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTE]):
        raise ImagesError(f"{name} is not an IDX file of unsigned bytes")
    dimensions = content[3]
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ImagesError(f"{name} has {dimensions} dimensions; images and labels have 1 to {MOST_DIMENSIONS}")
    if len(content) < 4 + 4 * dimensions:
        raise ImagesError(f"{name} is cut short inside its header")
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    if math.prod(shape) > most_bytes:
        raise ImagesError(f"{name} promises {math.prod(shape):,} values; more than {most_bytes:,} are not read")
    return shape
