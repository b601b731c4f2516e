"""AdaStop on the studies of `tests.benchmarks.sequential`: `pip install adastop`, which nothing else here needs.

AdaStop (Mathieu et al. 2023, arXiv 2306.10882) compares two arms by permutations at looks fixed in number, without
pairing them and without a margin: it finds a difference or does not, so that where there is none nothing is decided.

`python -m tests.benchmarks.adastop [STUDIES]` prints a line a case of four cells at sd .2: the share of studies with
any false decision, the share of cells decided, and the mean seeds of a cell. Each cell has its share of alpha; looks
are eight, of 25 seeds each, for its time grows with looks and permutations.
"""

import importlib
import sys
from collections.abc import Iterator

import numpy as np

from tests.benchmarks.sequential import ALPHA, GAPS, LOOKS, SHAPES, Array, Rates, drawn

CELLS, SD = 4, 0.2
SEEDS, CHECKS, PERMUTATIONS = 25, 8, 2000


def arms(differences: Array, sd: float, draw: np.random.Generator) -> Array:
    """Two arms (2, …) that differ by these differences with this sd, and do not go together over seeds."""
    shared = draw.normal(0, sd / 2, differences.shape)
    return np.stack([shared + differences / 2, shared - differences / 2])


def compared(first: Array, second: Array, level: float) -> tuple[float, int]:
    """The side that is found ahead of two arms (seeds,), 0 if none is, and the seeds that it took."""
    comparator = importlib.import_module("adastop").MultipleAgentsComparator(
        n=SEEDS, K=CHECKS, B=PERMUTATIONS, alpha=level, seed=1
    )
    for taken in range(SEEDS, SEEDS * CHECKS + 1, SEEDS):
        comparator.partial_compare({"first": first[:taken], "second": second[:taken]}, verbose=False)
        if comparator.is_finished:
            break
    [decision] = comparator.decisions.values()
    return {"larger": 1.0, "smaller": -1.0, "equal": 0.0}[decision], taken


def rates(shape: str, gap: float, studies: int) -> Rates:
    """What becomes of simulated studies."""
    first, second = arms(drawn(shape, CELLS, SD, gap, studies), SD, np.random.default_rng(20_261_126))
    pairs = zip(first.reshape(-1, LOOKS[-1]), second.reshape(-1, LOOKS[-1]), strict=True)
    sides, seeds = np.array([compared(*pair, ALPHA / CELLS) for pair in pairs]).T
    false = ((sides != 0) & (sides != np.sign(gap))).reshape(studies, CELLS).any(axis=1)
    return Rates(float(false.mean()), float((sides != 0).mean()), float(seeds.mean()))


def lines(studies: int) -> Iterator[str]:
    """A line a case."""
    yield "shape   gap   false decided seeds"
    for shape in SHAPES:
        for gap in GAPS:
            found = rates(shape, gap, studies)
            yield f"{shape:<7} {gap:.2f}  {found.false:.3f} {found.decided:5.2f} {found.seeds:6.1f}"


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if sys.argv[1:] else 10):
        print(line, flush=True)
