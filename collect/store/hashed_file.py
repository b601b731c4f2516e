"""A file that knows the digest of what was written to it, so that a table is not read again to be described."""

import hashlib
import io
from typing import Any, BinaryIO


class HashedFile(io.RawIOBase):
    """Passes on what is written, and keeps its SHA-256 and its length."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file, self.sha256, self.bytes = file, hashlib.sha256(), 0

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, content: Any, /) -> int:
        """Take the next bytes."""
        self.sha256.update(content)
        self.bytes += len(memoryview(content))
        return self.file.write(content)

    def tell(self) -> int:
        """How many there have been."""
        return self.bytes
