"""Where the folders of a study's data sets lie, whatever folder one works in."""

import os
from collections.abc import Sequence
from pathlib import Path

from collect.images.published import DATA_SETS
from collect.study.study import Study


def located(study: Study, bases: Sequence[Path]) -> Study:
    """The study with its data sets' folders by absolute paths.

    Args:
        study: names them as its user does: relative to one of these folders, absolute, or from `~` on.
        bases: folders that a relative path may count from, the likeliest first.
    """
    return study.with_datasets({name: _located(name, bases) for name in study.datasets()})


def _located(name: str, bases: Sequence[Path]) -> str:
    if name in DATA_SETS:
        return name
    path = os.path.expanduser(name)  # noqa: PTH111  # where there is no home, it stays as it is
    places = (os.path.abspath(base / path) for base in bases)  # noqa: PTH100  # a link stays a link
    return next((place for place in places if os.path.isdir(place)), name)  # noqa: PTH112  # a name may be any text
