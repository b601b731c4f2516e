"""The forms in which data sets are published: which files there are, and how their bytes become arrays."""

import gzip
import pickle
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from collect.errors import ImagesError
from collect.images import idx

#: Of the files of a data set, packed or not, and of the values of one array.
MOST_BYTES = 8 * 2**30
IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
CIFAR10_FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
SPLIT_SEED = 20_150_211  # the day the BatchNorm paper appeared; any constant would do, but it must stay


class Reader(NamedTuple):
    """One form.

    Attributes:
        files: names of the files, in the order in which they are read.
        endings: what may follow a name, the one that is read first.
        content: that of which the SHA-256 counts, from a file's bytes and its path.
        arrays: train images, train labels, test images and test labels from those contents, which have been checked.
    """

    files: tuple[str, ...]
    endings: tuple[str, ...]
    content: Callable[[bytes, Path], bytes]
    arrays: Callable[[Sequence[bytes], Sequence[Path]], list[NDArray[Any]]]

    def paths(self, folder: Path) -> list[list[Path]]:
        """The files in a folder; of each, all that may stand for it, the one that is read first before the others.

        Raises:
            ImagesError: some are not there.
        """
        paths = {
            name: [
                path
                for ending in self.endings
                for form in _forms(name)
                if (path := folder / f"{form}{ending}").is_file()
            ]
            for name in self.files
        }
        if missing := [name for name, found in paths.items() if not found]:
            packed = " (.gz or not)" if ".gz" in self.endings else ""
            raise ImagesError(f"{folder} lacks {', '.join(missing)}{packed}")
        return list(paths.values())


def _forms(name: str) -> tuple[str, ...]:
    """A file's name, and that which it often has once it was unpacked: train-images.idx3-ubyte."""
    return (name, name.replace("-idx", ".idx")) if "-idx" in name else (name,)


def _as_it_lies(content: bytes, path: Path) -> bytes:
    del path
    return content


def _archive(content: bytes, path: Path) -> bytes:
    if path.suffix != ".gz":
        raise ImagesError(
            f"{path} is unpacked, and the set is known by its archives alone; put {path.name}.gz there, or name the "
            "folder itself as the data set"
        )
    return content


def _idx_content(content: bytes, path: Path) -> bytes:
    unpacked = idx.unpacked(content, str(path), MOST_BYTES)
    idx.parse(unpacked, str(path), MOST_BYTES)  # is it whole?
    return unpacked


def _idx_arrays(contents: Sequence[bytes], paths: Sequence[Path]) -> list[NDArray[Any]]:
    return [idx.parse(content, str(path), MOST_BYTES) for content, path in zip(contents, paths, strict=True)]


def _arrays_in_archives(contents: Sequence[bytes], paths: Sequence[Path]) -> list[NDArray[Any]]:
    return _idx_arrays([_idx_content(content, path) for content, path in zip(contents, paths, strict=True)], paths)


def _cifar10_arrays(contents: Sequence[bytes], paths: Sequence[Path]) -> list[NDArray[Any]]:
    del paths
    # A pickle may hold any program. These bytes are the published ones, which hold arrays and lists.
    batches = [pickle.loads(content, encoding="latin1") for content in contents]  # noqa: S301
    pixels = [np.moveaxis(batch["data"].reshape(-1, 3, 32, 32), 1, 3) for batch in batches]
    labels = [np.array(batch["labels"], np.uint8) for batch in batches]
    return [np.concatenate(pixels[:-1]), np.concatenate(labels[:-1]), pixels[-1], labels[-1]]


def _digits_content(content: bytes, path: Path) -> bytes:
    del path
    return gzip.decompress(content)


def _digits_arrays(contents: Sequence[bytes], paths: Sequence[Path]) -> list[NDArray[Any]]:
    """A line an image, its label last; 100 of each class are drawn for the test."""
    import pandas as pd  # noqa: PLC0415  # slow to import and needed for these digits alone

    del paths
    table = pd.read_csv(BytesIO(contents[0]), header=None, dtype=np.uint8).to_numpy()
    pixels, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    shuffled = np.random.Generator(np.random.PCG64(SPLIT_SEED)).permutation(len(labels))
    test = np.sort(np.concatenate([shuffled[labels[shuffled] == digit][:100] for digit in range(10)]))
    train = np.setdiff1d(np.arange(len(labels)), test)
    return [pixels[train], labels[train], pixels[test], labels[test]]


IDX = Reader(IDX_NAMES, ("", ".gz"), _idx_content, _idx_arrays)
#: IDX files of which the sums of the gzipped files alone are published.
IDX_ARCHIVES = Reader(IDX_NAMES, (".gz", ""), _archive, _arrays_in_archives)
CIFAR10 = Reader(CIFAR10_FILES, ("",), _as_it_lies, _cifar10_arrays)
DIGITS = Reader(("mnist_5k.csv.gz",), ("",), _digits_content, _digits_arrays)
