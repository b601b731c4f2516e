"""How often folds of cross-validation find a difference that is not there: the usual t test, flips and the corrected t.

    python -m tests.benchmarks.folds 2000

Two learners that are equally good by construction: the same one, on either half of the features, which are drawn alike.
So each rejection is false. Data are two classes of normal features; the learners are the nearest class mean, which
hardly changes with its training set, and the nearest neighbour, which does. The corrected test is that of
`analyze.inference.folds`.
"""

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.inference.folds import compare
from analyze.inference.signflip import ENUMERATED_SEEDS, signs

Array = NDArray[np.float64]
Learner = Callable[[Array, NDArray[np.int_], NDArray[np.bool_]], Array]

EXAMPLES, FEATURES, DISTANCE, ALPHA = 200, 4, 0.5, 0.05

#: Folds of a cross-validation, and how often it is repeated.
DESIGNS = ((2, 1), (3, 1), (5, 1), (10, 1), (10, 10))


def data(draw: np.random.Generator) -> tuple[Array, NDArray[np.int_]]:
    """Features (examples, 2 * FEATURES), each half as useful as the other, and the class of each example."""
    labels = draw.integers(0, 2, EXAMPLES)
    return draw.normal(size=(EXAMPLES, 2 * FEATURES)) + DISTANCE * labels[:, None], labels


def nearest_mean(features: Array, labels: NDArray[np.int_], test: NDArray[np.bool_]) -> Array:
    """Whether each example of the test part is put to its class, by the nearer mean of the others."""
    means = [features[~test & (labels == one)].mean(axis=0) for one in (0, 1)]
    near, far = (((features[test] - mean) ** 2).sum(axis=1) for mean in means)
    return np.asarray((far < near) == labels[test], dtype=float)


def nearest_neighbour(features: Array, labels: NDArray[np.int_], test: NDArray[np.bool_]) -> Array:
    """The same by the nearest of the other examples."""
    apart = ((features[test][:, None] - features[~test][None]) ** 2).sum(axis=2)
    return np.asarray(labels[~test][apart.argmin(axis=1)] == labels[test], dtype=float)


LEARNERS: dict[str, Learner] = {"nearest mean": nearest_mean, "nearest neighbour": nearest_neighbour}


def accuracies(learner: Learner, folds: int, repeats: int, draw: np.random.Generator) -> Array:
    """Accuracy of both learners on every fold of one data set, (repeats * folds, 2)."""
    features, labels = data(draw)
    halves, found = (features[:, :FEATURES], features[:, FEATURES:]), []
    for _ in range(repeats):
        part = draw.permutation(EXAMPLES) % folds
        found += [[learner(half, labels, part == fold).mean() for half in halves] for fold in range(folds)]
    return np.array(found)


def flipped(difference: Array) -> float:
    """The sign-flip p of a mean; exact up to 16 folds, and by a thousand flips above."""
    many = len(difference) > ENUMERATED_SEEDS
    rows = (
        np.random.default_rng(0).choice([-1.0, 1.0], (999, len(difference)))
        if many
        else np.concatenate(list(signs(len(difference), np.random.default_rng(0))))
    )
    reached = (np.abs(rows @ difference) >= abs(difference.sum()) - 1e-9).sum()
    return float((reached + many) / (len(rows) + many))


def rejected(learner: Learner, folds: int, repeats: int, studies: int, seed: int = 0) -> dict[str, float]:
    """Shares of studies in which each test finds a difference."""
    draw, counts = np.random.default_rng(seed), dict.fromkeys(("t", "flips", "corrected t"), 0)
    for _ in range(studies):
        first, second = accuracies(learner, folds, repeats, draw).T
        difference = first - second
        if difference.std() == 0:
            continue  # no test finds a difference
        counts["t"] += stats.ttest_rel(first, second).pvalue <= ALPHA
        counts["flips"] += flipped(difference) <= ALPHA
        counts["corrected t"] += (compare(first, second, folds=folds, margin=None).p_t or 1.0) <= ALPHA
    return {name: count / studies for name, count in counts.items()}


def main(studies: int) -> None:
    """Print the shares for every learner and design."""
    for name, learner in LEARNERS.items():
        for folds, repeats in DESIGNS:
            found = rejected(learner, folds, repeats, studies // (10 if repeats > 1 else 1))
            shares = ", ".join(f"{test} {share:.3f}" for test, share in found.items())
            print(f"{name}, {repeats} x {folds} folds: {shares}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
