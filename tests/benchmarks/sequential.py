"""How looks behave: false decisions, cells decided and seeds, beside a fixed number of seeds and beside peeking.

`python -m tests.benchmarks.sequential [STUDIES]` prints a line a case: number of cells, shape of the differences, sd
and true gap in percentage points (margin .1, looks from 10 seeds to 200 in steps of 5, alpha .05 shared by cells and
mean), and for each rule the share of studies with any false decision of a cell, the share of cells decided, and the
mean seeds of a cell. `peeking` tests at every look as if it were the only one, `fixed` at ten seeds alone.

`python -m tests.benchmarks.sequential c2` prints the mean seeds by the variance of the mixture's prior.
"""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.inference import anytime

Array = NDArray[np.float64]

LOOKS = np.arange(10, 201, 5)
ALPHA, MARGIN = 0.05, 0.1
SHAPES = ("normal", "t4", "skewed")
SPREADS, GAPS, SIZES = (0.15, 0.2, 0.25, 0.4), (0.0, 0.05, 0.1, 0.2), (4, 15)
RULES = ("mixture", "pocock", "peeking", "fixed")


@dataclass(frozen=True)
class Rates:
    """Share of studies with a false decision, share of cells decided, mean seeds of a cell."""

    false: float
    decided: float
    seeds: float


def errors(shape: str, size: tuple[int, ...], draw: np.random.Generator) -> Array:
    """Draws of mean 0 and sd 1: normal, t with four degrees of freedom, or a shifted gamma of skewness 1.4."""
    if shape == "normal":
        return draw.normal(0, 1, size)
    if shape == "t4":
        return draw.standard_t(4, size) / np.sqrt(2)
    return (draw.gamma(2, 1, size) - 2) / np.sqrt(2)


def limits(rule: str, level: float, c2: float = anytime.C2) -> Array:
    """The t of each look, two-sided at this level."""
    if rule == "mixture":
        return np.array([anytime.critical_t(int(n), level, c2) for n in LOOKS])
    nominal = anytime.pocock_level(LOOKS.tolist(), level) if rule == "pocock" else level
    t = np.asarray(stats.t.isf(nominal / 2, LOOKS - 1))
    return t if rule != "fixed" else np.where(LOOKS[0] == LOOKS, t, np.inf)


def rates(rule: str, shape: str, cells: int, sd: float, gap: float, studies: int, c2: float = anytime.C2) -> Rates:
    """What becomes of simulated studies, cell by cell."""
    draw = np.random.default_rng([20_261_126, cells, int(1000 * sd), int(1000 * gap), SHAPES.index(shape)])
    values = gap + sd * errors(shape, (studies * cells, int(LOOKS[-1])), draw)
    sums, squares = values.cumsum(axis=1)[:, LOOKS - 1], (values**2).cumsum(axis=1)[:, LOOKS - 1]
    mean = sums / LOOKS
    se = np.sqrt((squares - sums * mean) / (LOOKS - 1) / LOOKS)
    level = ALPHA / (cells + 1)
    both, one = limits(rule, level, c2), limits(rule, 2 * level, c2)
    differs, equivalent = np.abs(mean) > both * se, np.abs(mean) + one * se < MARGIN
    decided = differs | equivalent
    at, ever = decided.argmax(axis=1), decided.any(axis=1)
    rows = np.arange(len(at))
    side = np.where(differs[rows, at], np.sign(mean[rows, at]), 0.0)
    wrong_side = differs[rows, at] & (side != np.sign(gap))
    wrong_margin = equivalent[rows, at] & (abs(gap) >= MARGIN)
    false = (ever & (wrong_side | wrong_margin)).reshape(studies, cells).any(axis=1)
    last = LOOKS[0] if rule == "fixed" else LOOKS[-1]
    return Rates(float(false.mean()), float(ever.mean()), float(np.where(ever, LOOKS[at], last).mean()))


def main(studies: int) -> None:
    """Every case, a line each."""
    print("cells shape   sd   gap   " + "   ".join(f"{rule:<18}" for rule in RULES))
    for cells in SIZES:
        for shape in SHAPES:
            for sd in SPREADS:
                for gap in GAPS:
                    found = [rates(rule, shape, cells, sd, gap, studies) for rule in RULES]
                    shown = "   ".join(f"{one.false:.3f} {one.decided:5.2f} {one.seeds:6.1f}" for one in found)
                    print(f"{cells:>5} {shape:<7} {sd:.2f} {gap:.2f}  {shown}")


def main_c2(studies: int) -> None:
    """Mean seeds by the variance of the prior."""
    for cells in (1, *SIZES):
        for c2 in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0):
            found = [rates("mixture", "normal", cells, sd, gap, studies, c2).seeds for sd in SPREADS for gap in GAPS]
            print(f"{cells:>5} {c2:<5}", *(f"{seeds:6.1f}" for seeds in found))


if __name__ == "__main__":
    if sys.argv[1:] == ["c2"]:
        main_c2(1000)
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 400)
