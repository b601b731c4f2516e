"""All levels of the primary factor, where there are three or more: any difference, and every pair."""

from typing import Literal

from analyze.findings.values import Contrast, Decision, Effect, Interval, Level, Row


class OmnibusRow(Row):
    """One effect of all levels of the primary factor: on the mean over cells, or with moderators."""

    effect: Effect
    """factors of the effect, joined by colons"""
    df_num: int
    """degrees of freedom of the effect"""
    df_den: int
    """degrees of freedom of its error stratum (effect x seed)"""
    F: float | None
    """F of the repeated-measures ANOVA of all levels; of ranks within seeds where a run failed"""
    p_uncorrected: float | None
    """p of F, sphericity assumed"""
    epsilon_gg: float | None
    """Greenhouse-Geisser's epsilon"""
    df_num_gg: float | None
    """degrees of freedom of the effect, times epsilon"""
    df_den_gg: float | None
    """degrees of freedom of its error stratum, times epsilon"""
    p_gg: float | None
    """p of F with Greenhouse-Geisser's correction"""
    p_permuted: float | None
    """p of F by permuting the labels of the levels within seeds"""
    p_max_t: float | None
    """the same, max-T over the interactions; it decides, where p_gg agrees"""
    decision: Decision
    """what is decided of the effect"""
    partial_eta_sq: float | None
    """partial eta squared"""
    partial_eta_sq_ci90: Interval | None
    """its 90 % interval"""
    n_seeds: int
    """seeds that ran every level in every cell of the mean"""


class LevelRow(Row):
    """One level of the primary factor, averaged over cells; the best stands first."""

    level: Level
    """level of the primary factor"""
    n: int
    """seeds that ran it in every cell of the mean"""
    mean: float | None
    """mean over cells, on the scale of the response"""
    sd: float | None
    """standard deviation of the seeds' means over cells"""
    groups: tuple[str, ...]
    """letters; levels that have one in common are not told apart"""


class LevelPair(Row):
    """Two levels, averaged over cells: first minus second; all pairs are one family."""

    contrast: Contrast
    """first level minus second"""
    n: int
    """seeds that ran both in every cell of the mean"""
    gap: float | None
    """mean difference within seeds, in the unit of the scale"""
    sd: float | None
    """standard deviation of the differences over seeds"""
    ci95: Interval | None
    """the 95 % interval"""
    ci90: Interval | None
    """the 90 % interval, which equivalence is read from"""
    t: float | None
    """paired t"""
    p_t: float | None
    """p of the paired t test, two-sided"""
    p_signflip: float | None
    """sign-flip p; exact up to 16 seeds"""
    p_max_t: float | None
    """sign-flip p, max-T over all pairs; it decides"""
    p_tost: float | None
    """equivalence within the margin, the larger of two one-sided p"""
    d_z: float | None
    """mean difference over its standard deviation"""
    d_z_ci95: Interval | None
    """its 95 % interval, by the noncentral t"""
    decision: Decision
    """what is decided of the pair: which level has the larger value, or that neither is shown to"""
    trivial: bool
    """whether a level is ahead by less than the margin"""


class Levels(Row):
    """The omnibus test, the levels with their groups, and every pair."""

    by: Literal["values", "ranks"] = "values"
    """what the tests compare: values, or, where a run failed, ranks within seeds, a failed run being the worst"""
    omnibus: OmnibusRow | None
    """whether any levels differ, averaged over cells"""
    interactions: tuple[OmnibusRow, ...] = ()
    """whether that depends on moderators"""
    means: tuple[LevelRow, ...] = ()
    """the levels, from the best"""
    pairs: tuple[LevelPair, ...] = ()
    """every pair of levels"""
