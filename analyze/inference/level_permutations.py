"""Several levels of one factor within seeds: is there any difference? F by permuting the levels' labels.

Under no effect the levels of a seed are exchangeable: any order of their labels is as likely, the same in all cells of
the seed, so that dependence between cells is kept (a randomised block design; Friedman 1937 has ranks in the place of
values). All (k!)^S orders are enumerated up to ENUMERATED, else SAMPLED are drawn and p = (b + 1)/(B + 1).
"""

import math
from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]
Orders = NDArray[np.int64]

#: Orders that are enumerated, and drawn where there are more; and values that are held at once.
ENUMERATED, SAMPLED, _HELD = 65_536, 99_999, 2_000_000

#: Statistics closer than this, relatively, are ties.
_TOLERANCE = 1e-9
#: A share of the sum of squares that is only rounding.
_ROUNDING = 1e-12


def orders(seeds: int, levels: int, generator: np.random.Generator, rows: int) -> Iterator[Orders]:
    """Orders of the labels in every seed, (rows, S, k): all of them, or drawn ones, at most so many rows at once."""
    each = np.array(list(permutations(range(levels)))) if math.factorial(levels) ** seeds <= ENUMERATED else None
    number = SAMPLED if each is None else len(each) ** seeds
    for start in range(0, number, rows):
        count = min(rows, number - start)
        if each is None:
            labels = np.broadcast_to(np.arange(levels), (count, seeds, levels))
            yield generator.permuted(labels, axis=2)
        else:
            digits = np.arange(start, start + count)[:, None] // len(each) ** np.arange(seeds) % len(each)
            yield each[digits]


def permutation_p(
    members: Sequence[Array], generator: np.random.Generator
) -> tuple[list[float | None], list[float | None]]:
    """The p of every member under the same orders: alone, and by step-down max-T over the family.

    A member is the effect of the levels on contrast scores of the moderators: on their mean for the main effect. Its
    statistic is the F of the repeated-measures analysis, compared by its parametric p, as degrees of freedom differ.

    Args:
        members: scores (S, k levels, d) of each, without gaps, the same S and k in each.
        generator: source of drawn orders.

    Returns:
        p alone and corrected, one a member; None where a member does not vary between levels.
    """
    centred = [scores - scores.mean(axis=1, keepdims=True) for scores in members]
    tested = [
        index
        for index, (one, own) in enumerate(zip(centred, members, strict=True))
        if np.abs(one).max() > _ROUNDING * max(1.0, float(np.abs(own).max()))
    ]
    alone: list[float | None] = [None] * len(members)
    corrected: list[float | None] = [None] * len(members)
    if not tested:
        return alone, corrected
    scaled = [centred[index] / np.abs(centred[index]).max() for index in tested]
    seeds, levels, _ = scaled[0].shape
    observed = _surprise(scaled, np.broadcast_to(np.arange(levels), (1, seeds, levels)))[0]
    ranked = np.argsort(-observed, kind="stable")
    finite = np.isfinite(observed[ranked])
    threshold = observed[ranked]
    threshold[finite] -= _TOLERANCE * np.maximum(1.0, np.abs(threshold[finite]))
    reached, stepped, count = np.zeros(len(ranked)), np.zeros(len(ranked)), 0
    rows = max(1, _HELD // (levels * max(seeds, *(one.shape[2] for one in scaled))))
    for drawn in orders(seeds, levels, generator, rows):
        found = _surprise(scaled, drawn)[:, ranked]
        reached += (found >= threshold).sum(axis=0)
        stepped += (np.maximum.accumulate(found[:, ::-1], axis=1)[:, ::-1] >= threshold).sum(axis=0)
        count += len(drawn)
    exact = math.factorial(levels) ** seeds <= ENUMERATED
    shares = [hits / count if exact else (hits + 1) / (count + 1) for hits in (reached, stepped)]
    together = np.maximum.accumulate(shares[1])
    for place, index in enumerate(np.array(tested)[ranked]):
        alone[index], corrected[index] = float(shares[0][place]), float(together[place])
    return alone, corrected


def _surprise(members: Sequence[Array], drawn: Orders) -> Array:
    """−log of the parametric p of every member's F under every order, (rows, members)."""
    return np.stack([_of_member(scores, drawn) for scores in members], axis=1)


def _of_member(scores: Array, drawn: Orders) -> Array:
    """F's share of the sum of squares within seeds rises with it; p of F is an incomplete beta of what is left."""
    seeds, levels, columns = scores.shape
    sums = np.zeros((len(drawn), levels, columns))
    for seed in range(seeds):
        sums += scores[seed][drawn[:, seed]]
    share = (sums**2).sum(axis=(1, 2)) / (seeds * float((scores**2).sum()))
    left = np.where(1 - share < _ROUNDING, 0.0, 1 - share)
    df = (levels - 1) * columns
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(special.betainc(df * (seeds - 1) / 2, df / 2, left)))
