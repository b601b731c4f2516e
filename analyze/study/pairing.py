"""A response of each trial -> the two arms of a contrast, paired by seed within every cell.

Pairs are matched by key (seed and the levels of the moderators), never by the order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.study.levels import Level
from analyze.study.question import Design

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Arms:
    """Responses of both arms, (S seeds, C cells), NaN where a run is missing.

    Cells are the product of the moderators' levels, the last moderator fastest; a design without moderators has
    one cell, {}.
    """

    first: Array
    second: Array
    seeds: tuple[int | str, ...]
    moderators: tuple[str, ...]
    levels: tuple[tuple[Level, ...], ...]

    @cached_property
    def cells(self) -> list[dict[str, Level]]:
        """The levels of the moderators, a dictionary a cell."""
        return [dict(zip(self.moderators, combination, strict=True)) for combination in product(*self.levels)]

    @property
    def difference(self) -> Array:
        """First minus second, (S, C), NaN where either run is missing."""
        return self.first - self.second

    @property
    def present(self) -> NDArray[np.bool_]:
        """Cells in which at least one seed has both runs, (C,)."""
        return np.asarray(np.isfinite(self.difference).any(axis=0))

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Seeds with both runs in every cell that was run at all, (S,); none where no cell was."""
        return np.asarray(np.isfinite(self.difference[:, self.present]).all(axis=1) & self.present.any())

    @property
    def crossed(self) -> bool:
        """Whether every cell of the product of levels was run."""
        return bool(self.present.all())

    @property
    def everywhere(self) -> NDArray[np.bool_]:
        """A mask of all cells, (C,)."""
        return np.ones(self.first.shape[1], bool)

    def mask(self, moderator: str, level: Level) -> NDArray[np.bool_]:
        """The cells at one level of a moderator, (C,)."""
        place = self.moderators.index(moderator)
        shape = tuple(len(levels) for levels in self.levels)
        codes = np.unravel_index(np.arange(self.first.shape[1]), shape)[place]
        return np.array([one == level for one in self.levels[place]])[codes]


def by_seed(values: Array, cells: NDArray[np.bool_]) -> Array:
    """Mean over these cells for each seed, (S,), NaN where a seed lacks one; cells that no seed has are left out.

    Args:
        values: (S, C), NaN where a run is missing.
        cells: which, (C,).
    """
    kept = cells & np.isfinite(values).any(axis=0)
    if not kept.any():
        return np.full(len(values), np.nan)
    return np.asarray(values[:, kept].mean(axis=1))


def arms(
    trials: pd.DataFrame, values: Sequence[float] | Array, design: Design, pair: tuple[Level, Level] | None = None
) -> Arms:
    """Pair the values of trials by seed and cell.

    Args:
        trials: one row a trial, with the columns of the design and seed.
        values: one response a trial, in the order of `trials`; NaN where missing.
        design: its moderators span the cells.
        pair: two levels of the primary factor, the contrast unless given.
    """
    first, second = tables_of(trials, values, design, pair or design.contrast)
    seeds = np.unique(trials["seed"].to_numpy())
    return Arms(first, second, tuple(seeds.tolist()), design.moderators, design.moderator_levels)


def tables_of(
    trials: pd.DataFrame, values: Sequence[float] | Array, design: Design, wanted: Sequence[Level]
) -> list[Array]:
    """Responses of these levels of the primary factor, each (S seeds, C cells), NaN where a run is missing."""
    seeds = np.unique(trials["seed"].to_numpy())
    shape = tuple(len(levels) for levels in design.moderator_levels)
    codes = [codes_of(trials[name], design.factors[name]) for name in design.moderators]
    cell = np.ravel_multi_index(codes, shape) if shape else np.zeros(len(trials), int)
    row = np.searchsorted(seeds, trials["seed"].to_numpy())
    level = codes_of(trials[design.factor], wanted)
    response = np.asarray(values, dtype=float)
    found = []
    for code in range(len(wanted)):
        table = np.full((len(seeds), int(np.prod(shape))), np.nan)
        here = level == code
        table[row[here], cell[here]] = response[here]
        found.append(table)
    return found


#: What tells that both runs of a pair began with the same weights and saw the same batches.
HASHES = ("init_hash", "order_hash")


class Alike(NamedTuple):
    """How many pairs are alike, by the hashes of both runs.

    Attributes:
        whole: pairs that began with the same weights, each of them, and saw the same batches.
        batches: pairs that saw the same batches, those among them.
        pairs: all whose hashes are known.
    """

    whole: int
    batches: int
    pairs: int


def equal_hashes(trials: pd.DataFrame, design: Design) -> Alike | None:
    """The pairs that are alike; None without hashes."""
    if not {*HASHES} <= set(trials):
        return None
    init, order = (_hash_difference(trials, design, name) for name in HASHES)
    both = np.isfinite(init) & np.isfinite(order)
    batches = both & (order == 0)
    return Alike(int((batches & (init == 0)).sum()), int(batches.sum()), int(both.sum()))


def shared_parameters(trials: pd.DataFrame, design: Design) -> tuple[float, float] | None:
    """The least and the largest share of parameters that start alike in pairs that do not start alike as a whole.

    It is of each network's own parameters, so that both arms have one. None where no row of such a pair says so.
    """
    if not {*HASHES, "shared_parameters"} <= set(trials):
        return None
    apart = np.any([np.nan_to_num(_hash_difference(trials, design, name)) != 0 for name in HASHES], axis=0)
    tables = tables_of(trials, trials["shared_parameters"].to_numpy(float), design, design.contrast)
    shares = np.concatenate([table[apart] for table in tables])
    found = shares[np.isfinite(shares)]
    return (float(found.min()), float(found.max())) if len(found) else None


def one_start(trials: pd.DataFrame, design: Design) -> bool:
    """Whether every network began with the same weights at all its seeds, as one does that is read from a file."""
    if "init_hash" not in trials:
        return False
    starts = trials.groupby([design.factor, *design.moderators], observed=True)["init_hash"]
    return bool(starts.size().max() > 1 and starts.nunique().eq(1).all())


def _hash_difference(trials: pd.DataFrame, design: Design, name: str) -> Array:
    """Zero where both arms of a pair have the same hash, (S, C), NaN where one is missing."""
    codes = trials[name].astype("category").cat.codes.to_numpy(dtype=float)
    return arms(trials, np.where(codes < 0, np.nan, codes), design).difference


def codes_of(column: "pd.Series", levels: Sequence[Level]) -> NDArray[np.int64]:
    """The position of each value among the levels, −1 where it is none of them."""
    return np.asarray(pd.Index(list(levels)).get_indexer(pd.Index(column)), dtype=np.int64)
