"""How looks behave: false decisions, cells decided and seeds, beside a fixed number of seeds and beside peeking.

`python -m tests.benchmarks.sequential [STUDIES] [FILE]` prints a line a case: number of cells, shape of the
differences, sd and true gap in percentage points (margin .1, looks from 10 seeds to 200 in steps of 5, alpha .05 shared
by cells and mean), and for each rule the share of studies with any false decision of a cell or of their mean, the share
of cells decided, and the mean seeds of a cell. `uncorrected` is the mixture without its correction for skewness;
`peeking` tests at every look as if it were the only one, `fixed` at ten seeds alone. Cases that FILE has already are
not simulated again.

`python -m tests.benchmarks.sequential c2` prints the mean seeds by the variance of the mixture's prior.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.inference import anytime

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

LOOKS = np.arange(10, 201, 5)
ALPHA, MARGIN = 0.05, 0.1
#: Shapes for which the looks must keep alpha, and one for which nothing can be promised.
SHAPES, FAILING = ("normal", "t4", "skewed"), "failing"
SPREADS, GAPS, SIZES = (0.15, 0.2, 0.25, 0.4), (0.0, 0.05, 0.1, 0.2), (4, 15)
RULES = ("mixture", "uncorrected", "pocock", "peeking", "fixed")


@dataclass(frozen=True)
class Rates:
    """Share of studies with a false decision, share of cells decided, mean seeds of a cell."""

    false: float
    decided: float
    seeds: float


class Sample(NamedTuple):
    """Mean, standard deviation and skewness of the first values, at every look on the last axis."""

    mean: Array
    sd: Array
    skewness: Array


class Bounds(NamedTuple):
    """Ends of the intervals at a member's level and at twice that, at every look on the last axis."""

    low: Array
    high: Array
    inner_low: Array
    inner_high: Array

    @property
    def differs(self) -> Flags:
        """Zero is outside."""
        return np.asarray((self.low > 0) | (self.high < 0))

    @property
    def equivalent(self) -> Flags:
        """The margin is around."""
        return np.asarray((self.inner_low > -MARGIN) & (self.inner_high < MARGIN))

    def at(self, look: Numbers) -> "Bounds":
        """Those of these looks."""
        return Bounds(*(np.take_along_axis(one, look, axis=-1) for one in self))


def errors(shape: str, size: tuple[int, ...], draw: np.random.Generator) -> Array:
    """Draws of mean 0 and sd 1: normal, t with four degrees of freedom, a shifted gamma of skewness 1.4, or failing.

    Failing is normal, but for one in twenty that lies five standard deviations below: three samples of ten in five
    have none.
    """
    if shape == "normal":
        return draw.normal(0, 1, size)
    if shape == "t4":
        return draw.standard_t(4, size) / np.sqrt(2)
    if shape == "skewed":
        return (draw.gamma(2, 1, size) - 2) / np.sqrt(2)
    fell = draw.random(size) < 0.05
    return (draw.normal(0, 1, size) - 5 * fell + 0.25) / np.sqrt(1 + 25 * 0.05 * 0.95)


def drawn(shape: str, cells: int, sd: float, gap: float, studies: int) -> Array:
    """Differences, (studies, cells, seeds)."""
    draw = np.random.default_rng([20_261_126, cells, int(1000 * sd), int(1000 * gap), (*SHAPES, FAILING).index(shape)])
    return gap + sd * errors(shape, (studies, cells, int(LOOKS[-1])), draw)


def sampled(values: Array) -> Sample:
    """What is worked out of the values (…, seeds) at every look."""
    first, second, third = ((values**power).cumsum(axis=-1)[..., LOOKS - 1] / LOOKS for power in (1, 2, 3))
    variance = second - first**2
    moment = third - 3 * first * second + 2 * first**3
    correction = np.sqrt(LOOKS * (LOOKS - 1)) / (LOOKS - 2)
    return Sample(first, np.sqrt(variance * LOOKS / (LOOKS - 1)), correction * moment / variance**1.5)


def limits(rule: str, level: float, c2: float) -> Array:
    """The t of each look, two-sided at this level."""
    if rule in ("mixture", "uncorrected"):
        return np.array([anytime.critical_t(int(n), level, c2) for n in LOOKS])
    nominal = anytime.pocock_level(LOOKS.tolist(), level) if rule == "pocock" else level
    t = np.asarray(stats.t.isf(nominal / 2, LOOKS - 1))
    return t if rule != "fixed" else np.where(LOOKS[0] == LOOKS, t, np.inf)


def bounds(rule: str, sample: Sample, level: float, c2: float) -> Bounds:
    """The intervals at every look."""
    skewness = sample.skewness if rule in ("mixture", "pocock") else 0.0 * sample.skewness
    outer, inner = (
        anytime.within(sample.mean, sample.sd, LOOKS, limits(rule, chance, c2), skewness)
        for chance in (level, 2 * level)
    )
    return Bounds(*outer, *inner)


def rates(rule: str, values: Array, gap: float, c2: float = anytime.C2) -> Rates:
    """What becomes of simulated studies (studies, cells, seeds), cells and their mean."""
    level = ALPHA / (values.shape[1] + 1 if values.shape[1] > 1 else 1)
    cells = bounds(rule, sampled(values), level, c2)
    stopped, decided = when(cells)
    mean = of_mean(bounds(rule, sampled(values.mean(axis=1)), level, c2), cells, stopped)
    until = np.arange(len(LOOKS)) <= stopped.max(axis=1, keepdims=True)
    false = wrong(cells, gap).any(axis=1) | wrong(Bounds(*(np.where(until, one, np.nan) for one in mean)), gap)
    last = LOOKS[0] if rule == "fixed" else LOOKS[-1]
    return Rates(float(false.mean()), float(decided.mean()), float(np.where(decided, LOOKS[stopped], last).mean()))


def when(members: Bounds) -> tuple[Numbers, Flags]:
    """The look that decides each member, the last if none does, and whether one does."""
    decided = members.differs | members.equivalent
    ever = decided.any(axis=-1)
    return np.where(ever, decided.argmax(axis=-1), len(LOOKS) - 1), ever


def of_mean(own: Bounds, cells: Bounds, stopped: Numbers) -> Bounds:
    """The intervals of the mean, (studies, looks): from the seeds that all cells have, or the mean of the cells' own.

    As `analyze.inference.sequential` has it, a cell keeps what decided it, and the narrower of the two speaks.
    """
    look = np.arange(len(LOOKS))
    own = own.at(np.minimum(look, stopped.min(axis=1, keepdims=True)))
    of_cells = Bounds(*(one.mean(axis=1) for one in cells.at(np.minimum(look, stopped[..., None]))))
    with np.errstate(invalid="ignore"):  # an interval without an end is no narrower than another
        narrower = of_cells.high - of_cells.low < own.high - own.low
    return Bounds(*(np.where(narrower, one, other) for one, other in zip(of_cells, own, strict=True)))


def wrong(members: Bounds, gap: float) -> Flags:
    """Whether what decides a member is false: the wrong side, or equivalence beyond the margin."""
    at, decided = when(members)
    there = members.at(at[..., None])
    side = np.where(there.low > 0, 1, np.where(there.high < 0, -1, 0))[..., 0]
    beyond = there.equivalent[..., 0] & (abs(gap) >= MARGIN)
    return np.asarray(decided & (((side != 0) & (side != np.sign(gap))) | beyond))


def cases(shapes: Sequence[str] = SHAPES) -> list[tuple[int, str, float, float]]:
    """Cells, shape, sd and gap of every case."""
    return [(cells, shape, sd, gap) for cells in SIZES for shape in shapes for sd in SPREADS for gap in GAPS]


def line(cells: int, shape: str, sd: float, gap: float, studies: int) -> str:
    """A case: false decisions, share decided and seeds by every rule."""
    values = drawn(shape, cells, sd, gap, studies)
    found = [rates(rule, values, gap) for rule in RULES]
    return "   ".join(f"{one.false:.3f} {one.decided:5.3f} {one.seeds:6.1f}" for one in found)


def main(studies: int, kept: Path | None) -> None:
    """Every case, a line each, which is kept as soon as it is there."""
    print("cells shape   sd   gap   " + "   ".join(f"{rule:<18}" for rule in RULES))
    known = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    for case in cases((*SHAPES, FAILING)):
        name = "{:>5} {:<7} {:.2f} {:.2f}  ".format(*case)
        shown = next((one for one in known if one.startswith(name)), None) or name + line(*case, studies)
        print(shown, flush=True)
        if kept and shown not in known:
            with kept.open("a", encoding="utf-8") as file:
                file.write(f"{shown}\n")


def main_c2(studies: int) -> None:
    """Mean seeds by the variance of the prior."""
    for cells in (1, *SIZES):
        for c2 in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0):
            each = [(drawn("normal", cells, sd, gap, studies), gap) for sd in SPREADS for gap in GAPS]
            print(f"{cells:>5} {c2:<5}", *(f"{rates('mixture', values, gap, c2).seeds:6.1f}" for values, gap in each))


if __name__ == "__main__":
    if sys.argv[1:] == ["c2"]:
        main_c2(1000)
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 400, Path(sys.argv[2]) if sys.argv[2:] else None)
