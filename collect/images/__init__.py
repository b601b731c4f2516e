"""Data sets by name or folder -> uint8 arrays, known by their content. May import: study, schema, errors."""

from collect.images.dataset import Bytes, Images, Size
from collect.images.load import known_hash, load, size_of
from collect.images.names import short_names
from collect.images.place import located
from collect.images.published import DATA_SETS

__all__ = ["DATA_SETS", "Bytes", "Images", "Size", "known_hash", "load", "located", "short_names", "size_of"]
