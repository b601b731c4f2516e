"""Which test images each trial classified correctly -> differences of the contrast, image by image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Message, because
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

#: Seeds times test images that are crossed; more would not fit into the memory of a laptop.
MOST_OUTCOMES = 100_000_000


def recorded(study: StudyData) -> bool:
    """Whether any trial kept the outcome of each test image."""
    return "correct_bits" in study.trials and bool(study.trials["correct_bits"].notna().any())


def image_differences(study: StudyData, paired: Arms, cells: Sequence[int]) -> Array | Message:
    """First less second level of the contrast, mean over these cells: a table of seeds x images, in percentage points.

    Args:
        study: with correct_bits.
        paired: the accuracies, which say what pairs there are.
        cells: numbers of cells.

    Returns:
        The seeds complete over these cells, two at least, in order, by the images, (S, n); or why there is no table.
    """
    pairs = _pairs(study, paired, cells)
    if isinstance(pairs, Message):
        return pairs
    first, second = pairs
    used = study.trials.iloc[np.concatenate([first, second]).ravel()]
    if len(used["test_n"].unique()) != 1 or used["correct_bits"].isna().any():
        return because("incomplete_outcomes")
    images = int(used["test_n"].iloc[0])
    if images * len(first) > MOST_OUTCOMES:
        return because("too_many_outcomes", count=MOST_OUTCOMES)
    if images < 2:
        return because("one_test_image")
    bits = study.trials["correct_bits"]
    table = np.zeros((len(first), images))
    for seed, (these, others) in enumerate(zip(first, second, strict=True)):
        table[seed] = _right(bits, these, images) - _right(bits, others, images)
    return 100.0 / len(cells) * table


def _pairs(
    study: StudyData, paired: Arms, cells: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | Message:
    """The rows of the table of trials of both arms, (S complete seeds, C) each."""
    if not recorded(study):
        return because("no_image_outcomes")
    if not cells or not paired.present[cells].all():
        return because("cell_without_pair")
    complete = np.isfinite(paired.difference[:, cells]).all(axis=1)
    if complete.sum() < 2:
        return because("two_complete_seeds")
    row = arms(study.trials, np.arange(len(study.trials), dtype=float), study.design)
    return row.first[complete][:, cells].astype(np.int64), row.second[complete][:, cells].astype(np.int64)


def _right(bits: "pd.Series[bytes]", rows: NDArray[np.int64], images: int) -> NDArray[np.int64]:
    """In how many of these trials each image was classified correctly, (images,)."""
    packed = np.stack([np.frombuffer(bits.iloc[row], np.uint8) for row in rows])
    return np.asarray(np.unpackbits(packed, axis=1, count=images).sum(axis=0, dtype=np.int64))
