"""Data sets by name or folder, checked by content.

A named set (see `published`) is looked for under an image root, as torchvision lays it out or as bare files; reading
never writes there. One that is absent is downloaded by torchvision. A path names a folder of one's own: four IDX files
under MNIST's names, or `images.npz` with x_train, y_train, x_test, y_test. What is promised to be larger than
MOST_BYTES is not read, and the bytes that were checked are those that are used.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

from collect.errors import ImagesError, closest
from collect.images import npz, readers
from collect.images.dataset import Images, Size
from collect.images.download import download
from collect.images.published import DATA_SETS
from collect.images.readers import MOST_BYTES, Reader

MOVED = " (has it moved? then name it with --set dataset=PATH)"


def known_hash(name: str) -> str | None:
    """Content hash of a data set whose bytes are known without reading them, else None."""
    return _combined(DATA_SETS[name].sha256) if name in DATA_SETS else None


def size_of(name: str, root: Path) -> Size:
    """Extent of a data set; only a folder of one's own is read for it. Raises as `load` does."""
    return DATA_SETS[name].size if name in DATA_SETS else load(name, root)[0].size


def load(name: str, root: Path) -> tuple[Images, str]:
    """A data set and its content hash.

    Args:
        name: of a published set, or a folder.
        root: where published sets are found or, if absent, downloaded.

    Raises:
        ImagesError: there is no such set, it cannot be had, or its content is not what it should be.
    """
    if name in DATA_SETS:
        return _read(DATA_SETS[name].reader, _published_files(name, root), DATA_SETS[name].sha256)
    folder = Path(name)
    if not os.path.isdir(name):  # noqa: PTH112  # where a name is longer than any file's, this says no
        raise ImagesError(
            f"there is no data set {name!r}: no such folder{MOVED if os.sep in name else ''}, "
            f"and of the known ones {closest(name, DATA_SETS)}"
        )
    if (folder / "images.npz").is_file():
        return _npz(folder / "images.npz")
    try:
        paths = readers.IDX.paths(folder)
    except ImagesError as error:
        raise ImagesError(f"{error}; images.npz would do as well") from None
    return _read(readers.IDX, paths, None)


def _combined(hashes: Sequence[str]) -> str:
    return hashlib.sha256(":".join(hashes).encode()).hexdigest()


def _published_files(name: str, root: Path) -> list[list[Path]]:
    """The files of a published set, once they are there."""
    known = DATA_SETS[name]
    base = Path(str(resources.files(known.package))) if known.package else root
    for folder in known.folders:
        with suppress(ImagesError):
            return known.reader.paths(base / folder)
    if known.torchvision:
        download(name, known.torchvision, root)
    return known.reader.paths(base / known.folders[0])


def _read(reader: Reader, paths: Sequence[Sequence[Path]], published: Sequence[str] | None) -> tuple[Images, str]:
    """What is in these files, checked if they are to be a published set."""
    sums = published or ("",) * len(paths)
    chosen = [_first_sound(reader, stand_ins, digest) for stand_ins, digest in zip(paths, sums, strict=True)]
    contents = [content for _, content in chosen]
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    arrays = reader.arrays(contents, [path for path, _ in chosen])
    return Images.of(arrays, str(chosen[0][0].parent)), _combined(hashes)


def _first_sound(reader: Reader, paths: Sequence[Path], expected: str) -> tuple[Path, bytes]:
    """The first of these files that is whole: a good archive may lie beside what was cut short as it was unpacked.

    Raises:
        ImagesError: none is; what is wrong with the first.
    """
    wrong: list[ImagesError] = []
    for path in paths:
        try:
            return path, _sound(reader, path, expected)
        except ImagesError as error:
            wrong.append(error)
    raise wrong[0]


def _sound(reader: Reader, path: Path, expected: str) -> bytes:
    content = reader.content(_content(path), path)
    if expected and hashlib.sha256(content).hexdigest() != expected:
        raise ImagesError(f"{path} is not the published file: its content has another SHA-256; fetch it again")
    return content


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ImagesError(f"{path} has {size:,} bytes; more than {MOST_BYTES:,} are not read")
        return path.read_bytes()
    except OSError as error:
        raise ImagesError(f"{path} cannot be read: {error.strerror}") from None


def _npz(path: Path) -> tuple[Images, str]:
    arrays = npz.read(path, MOST_BYTES)
    hashes = [hashlib.sha256(f"{a.dtype}{a.shape}".encode() + a.tobytes()).hexdigest() for a in arrays]
    return Images.of([arrays[0], arrays[1].squeeze(), arrays[2], arrays[3].squeeze()], str(path)), _combined(hashes)
