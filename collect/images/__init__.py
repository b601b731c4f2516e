"""Data sets by name or folder -> uint8 arrays, known by their content. May import: study, schema, errors."""

from collect.images.load import (
    CIFAR10_FILES,
    IDX_NAMES,
    MOST_BYTES,
    Bytes,
    Images,
    Size,
    known_hash,
    load,
    size_of,
)

__all__ = ["CIFAR10_FILES", "IDX_NAMES", "MOST_BYTES", "Bytes", "Images", "Size", "known_hash", "load", "size_of"]
