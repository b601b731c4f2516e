"""Sign-flip tests: under no effect, the differences of a seed are as likely with every sign turned.

Whole seeds flip, so dependence between the cells of a seed is kept. Exact by enumeration up to S = 16 seeds;
above, 99 999 flips are drawn and p = (b + 1)/(B + 1) (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ENUMERATED_SEEDS = 16
SAMPLED_FLIPS = 99_999
_CHUNK = 8192

#: Statistics that are held at once.
_HELD = 4_000_000

#: Statistics closer than this, relatively, are ties; sampled flips are summed in single precision.
_TOLERANCE = {True: 1e-9, False: 1e-5}


def least_p(seeds: int) -> float:
    """The smallest two-sided p that this many seeds can give."""
    return 2.0 / 2**seeds if seeds <= ENUMERATED_SEEDS else 1.0 / (SAMPLED_FLIPS + 1)


def least_seeds(p: float) -> int | None:
    """The fewest seeds that can give a two-sided p this small; None below what sampled flips can give."""
    return next((seeds for seeds in range(1, ENUMERATED_SEEDS + 2) if least_p(seeds) <= p), None)


def signs(seeds: int, generator: np.random.Generator) -> Iterator[NDArray[np.floating[Any]]]:
    """All 2^S sign vectors, or SAMPLED_FLIPS drawn ones, in chunks of rows (rows, S)."""
    if seeds <= ENUMERATED_SEEDS:
        numbers = np.arange(2**seeds, dtype=np.uint32)[:, None]
        yield np.asarray(1.0 - 2.0 * ((numbers >> np.arange(seeds, dtype=np.uint32)) & 1), dtype=float)
        return
    for start in range(0, SAMPLED_FLIPS, _CHUNK):
        rows = min(_CHUNK, SAMPLED_FLIPS - start)
        packed = generator.integers(0, 256, (rows, (seeds + 7) // 8), dtype=np.uint8)
        chunk = np.unpackbits(packed, axis=1, count=seeds).astype(np.float32)
        chunk *= -2
        chunk += 1
        yield chunk


def signs_for(columns: int, seeds: int, generator: np.random.Generator) -> Iterator[NDArray[np.floating[Any]]]:
    """The same vectors in chunks so small that a statistic of every column under them may be held."""
    rows = max(1, _HELD // columns)
    for chunk in signs(seeds, generator):
        yield from (chunk[start : start + rows] for start in range(0, len(chunk), rows))


def flip_p(scores: Sequence[Array], generator: np.random.Generator) -> list[float | None]:
    """Two-sided p of each effect from its contrast scores, all effects under the same flips.

    The statistic is the effect's F on the flipped scores. As flips leave the total sum of squares alone, F rises
    with the squared length of the mean score, which is what is compared. With one column this is the exact
    two-sided test of a mean.

    Args:
        scores: (S, df) for each effect, the same seeds in each, NaN where a seed is missing: an effect's own seeds
            decide whether its p is exact.
        generator: source of the sampled flips.

    Returns:
        One p an effect; None where all its scores are zero or missing.
    """
    kept = [np.isfinite(effect).all(axis=1) for effect in scores]
    groups: dict[bytes, list[int]] = {}
    for index, rows in enumerate(kept):
        groups.setdefault(rows.tobytes(), []).append(index)
    state, p = generator.bit_generator.state, dict[int, float | None]()
    for group in groups.values():
        generator.bit_generator.state = state
        p |= zip(group, _together([scores[index][kept[index]] for index in group], generator), strict=True)
    return [p[index] for index in range(len(scores))]


def _together(scores: Sequence[Array], generator: np.random.Generator) -> list[float | None]:
    """The p of effects that have the same seeds, without gaps."""
    seeds = len(scores[0])
    exact = seeds <= ENUMERATED_SEEDS
    columns = np.concatenate([effect / (np.abs(effect).max(initial=0.0) or 1.0) for effect in scores], axis=1)
    starts = np.cumsum([0, *(effect.shape[1] for effect in scores[:-1])])
    observed = np.add.reduceat(columns.sum(axis=0) ** 2, starts)
    threshold = observed - _TOLERANCE[exact] * np.maximum(1.0, observed)
    reached, flips = np.zeros(len(scores)), 0
    columns = columns if exact else columns.astype(np.float32)
    for chunk in signs_for(columns.shape[1], seeds, generator):
        lengths = np.add.reduceat((chunk @ columns) ** 2, starts, axis=1)
        reached += (lengths >= threshold).sum(axis=0)
        flips += len(chunk)
    p = reached / flips if exact else (reached + 1) / (flips + 1)
    return [float(value) if np.any(effect) else None for value, effect in zip(p, scores, strict=True)]


def mean_flip_p(
    scores: Array, generator: np.random.Generator, side: Literal["two-sided", "greater", "less"] = "two-sided"
) -> float | None:
    """The p of the mean of one score a seed, (S,); None where all scores are zero."""
    scores = np.asarray(scores, dtype=float)
    if not np.any(scores):
        return None
    if side == "two-sided":
        return flip_p([scores[:, None]], generator)[0]
    exact = len(scores) <= ENUMERATED_SEEDS
    turned = scores / np.abs(scores).max() * (1.0 if side == "greater" else -1.0)
    threshold = turned.sum() - _TOLERANCE[exact] * max(1.0, abs(turned.sum()))
    reached, flips = 0, 0
    for chunk in signs(len(turned), generator):
        reached += int((chunk @ turned >= threshold).sum())
        flips += len(chunk)
    return reached / flips if exact else (reached + 1) / (flips + 1)


#: Every sampled flip starts from this seed, so that a p does not depend on which other tests were made.
FLIP_SEED = 20_150_211


def flips() -> np.random.Generator:
    """The fixed generator of sampled sign flips."""
    return np.random.default_rng(FLIP_SEED)
