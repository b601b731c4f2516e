"""What a study's store can do, be it a folder or a bucket. Keys are names with slashes (collect.store.keys).

Every object is put in place whole or not at all, so nobody ever sees half of one.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol


class Entry(NamedTuple):
    """An object of a listing: its name without the folder, and a label that changes whenever its content does.

    The label of what is listed but cannot be read as a file is empty: of a folder, a link that leads nowhere, a file
    that is larger than any of its name (collect.store.keys).
    """

    name: str
    version: str


@dataclass
class Draft:
    """An object that is being written.

    Attributes:
        file: takes its content.
        version: as in `Entry`, once it is in place; empty before, and where another was there first.
    """

    file: BinaryIO
    version: str = ""


class Store(Protocol):
    """Holds the objects of one study. Its text form is what a user types to name it.

    Every method raises StoreError, in one sentence, where the place cannot be read or written, and NoRoomError where it
    is full.
    """

    def prepare(self) -> None:
        """Make ready for writing, and make sure that of two writers of one object the second is told."""

    def create(self, key: str, content: bytes) -> bool:
        """Create an object that must not exist yet; False if it was there. Who is first wins."""

    def replace(self, key: str, content: bytes) -> None:
        """Create an object or replace it whole."""

    def swap(self, key: str, old: bytes, new: bytes) -> bool:
        """Replace an object that holds `old`; False if it holds something else or is being swapped: read it again."""

    def read(self, key: str, most: int | None = None) -> bytes | None:
        """Everything in an object, or None where there is none.

        Args:
            key: of the object.
            most: bytes that are read; None is as many as an object of this name can have.

        Raises:
            UnreadableError: it is larger, or no file.
        """

    def read_all(self, wanted: Sequence[str]) -> Iterator[bytes | None]:
        """`read` of many objects, in order, with few of them in memory at a time."""

    def entries(self, folder: str) -> list[Entry]:
        """What lies right under a folder, folders included where there are such; the empty name is the store itself."""

    def opened(self, key: str, most: int | None = None) -> AbstractContextManager[BinaryIO]:
        """An existing object as a file that can be read anywhere. Arguments and errors are those of `read`.

        Raises:
            FileNotFoundError: there is none.
        """

    def writing(self, key: str) -> AbstractContextManager[Draft]:
        """A draft that takes the object's place when the context ends without an error."""

    def set_aside(self, key: str) -> None:
        """Move an object to the quarantine, under a name that is free there; nothing happens if it is gone."""

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if it is gone."""

    def claim(self, name: str) -> AbstractContextManager[bool]:
        """Hold a name while the context lasts, where the place allows it; False if another process holds it.

        Claims save work. That a trial counts once is due to `create` alone.
        """

    def claimed(self, name: str) -> bool:
        """Whether a process holds the name."""

    def unlockable(self, names: Sequence[str]) -> list[str]:
        """What keeps some of these names from being claimed, a phrase each; their trials train unclaimed."""

    def clear_scratch(self) -> None:
        """Remove the temporary files that killed runs have left."""

    def scratch(self) -> Path | None:
        """A local folder for large disposable files, or None for the system's own."""
