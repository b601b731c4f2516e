"""What data sets are called where no path may stand."""

import itertools
from collections.abc import Iterable
from pathlib import Path

from collect.images.published import DATA_SETS


def short_names(datasets: Iterable[str]) -> dict[str, str]:
    """The name under which each data set stands in tables: a folder's own, not the path of somebody's machine.

    Folders of one name, or under the name of a known set, are numbered.
    """
    names: dict[str, str] = {}
    for dataset in datasets:
        own = dataset if dataset in DATA_SETS else Path(dataset).resolve().name or "images"
        taken = {*names.values(), *(() if dataset in DATA_SETS else DATA_SETS)}
        names[dataset] = next(n for n in (f"{own}-{i}" if i > 1 else own for i in itertools.count(1)) if n not in taken)
    return names
