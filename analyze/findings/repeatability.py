"""What a new seed, fewer runs, another cell or other test images would have shown."""

from typing import Literal

from analyze.findings.values import Cell, Interval, Row


class RepeatabilityRow(Row):
    """Would k new pairs of runs have told? In one cell, or of the mean over cells (`cell` None)."""

    cell: Cell | None
    """level of this factor"""
    k: int
    """new pairs of runs"""
    p_sign: float | None
    """chance that the mean of so many new pairs has the sign of this study's gap"""
    p_significant: float | None
    """chance that their paired t test is significant at alpha, two-sided, on the side of this study's gap"""
    p_sign_unpaired: float | None
    """share of all pairs of one run of each level, whatever their seeds, with the sign of the gap; ties count half"""
    new_seed_interval: Interval | None
    """95 % prediction interval of the difference of one new seed, percentage points"""
    method: Literal["model", "subsets"]
    """model: t posterior of mean and spread; subsets: sets of k of this study's own seeds"""
    n_seeds: int
    """seeds complete for this row"""


class ShrunkenGap(Row):
    """The gap of one cell, on the seeds complete over all cells."""

    cell: Cell
    """level of this factor"""
    gap: float
    """gap drawn to the mean over cells by what its noise explains, percentage points"""
    observed: float
    """mean difference within seeds, percentage points"""


class Heterogeneity(Row):
    """How much the true gaps differ between cells."""

    tau: float | None
    """standard deviation of the true gaps between cells, percentage points"""
    shrunken: tuple[ShrunkenGap, ...] = ()


class ImagesRow(Row):
    """The gap with seeds and test images both random: in one cell, or the mean over cells (`cell` None)."""

    cell: Cell | None
    """level of this factor"""
    estimate: float | None
    """mean over seeds and test images of the contrast, percentage points"""
    se: float | None
    """standard error with seeds and test images both random, percentage points"""
    df: float | None
    """degrees of freedom of that standard error, Satterthwaite"""
    ci95: Interval | None
    """the 95 % interval"""
    image_share: float | None
    """share of the variance of the gap that comes from the test images"""
    n_seeds: int | None
    """seeds complete for this row"""
    n_images: int | None
    """test images"""
