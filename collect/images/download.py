"""Fetches a published data set through torchvision."""

import tempfile
from contextlib import suppress
from pathlib import Path

from collect.errors import ImagesError


def download(name: str, kind: str, root: Path) -> None:
    """Let torchvision fetch a set into an image root, each file whole, for others may fetch or read it meanwhile.

    Args:
        name: of the set.
        kind: its class in torchvision.datasets.
        root: where it goes.

    Raises:
        ImagesError: with what to do where there is no network.
    """
    import torchvision.datasets  # noqa: PLC0415  # imports torch

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
