"""What a study asks: the primary factor and its planned contrast, the moderators, the margin and the targets.

May import errors and collect.schema. The block is always the seed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analyze.errors import InvalidTableError, UsageError, not_one_of
from collect import schema

Level = str | int | float | bool

_SETTINGS = [column.name for column in schema.FACTORS + schema.DATASET + schema.RECIPE]
_NOT_SETTINGS = {c.name for c in schema.IDENTITY + schema.SEED + schema.OUTCOME}

#: Combinations of levels, and combinations times seeds. Complete designs have as many as they have trials; a table with
#: far more combinations than trials has columns that are no factors, and would take hours and all memory.
MOST_COMBINATIONS, MOST_PLACES = 10_000, 10_000_000


@dataclass(frozen=True)
class Design:
    """The factors of a study with their levels, and the question put to them.

    `factors` maps every factor that varies to its levels, in the order tables show them. The contrast is its
    first level minus its second. `targets` are accuracies as shares, the first is primary.
    """

    factors: Mapping[str, tuple[Level, ...]]
    factor: str
    contrast: tuple[Level, Level]
    margin_pp: float = 0.1
    targets: tuple[float, ...] = (0.95, 0.97)
    alpha: float = 0.05

    @property
    def moderators(self) -> tuple[str, ...]:
        """The factors the contrast is averaged over, in order."""
        return tuple(name for name in self.factors if name != self.factor)

    @property
    def moderator_levels(self) -> tuple[tuple[Level, ...], ...]:
        """The levels of each moderator."""
        return tuple(self.factors[name] for name in self.moderators)

    @property
    def other_levels(self) -> tuple[Level, ...]:
        """Levels of the primary factor outside the contrast."""
        return tuple(level for level in self.factors[self.factor] if level not in self.contrast)

    @property
    def contrast_name(self) -> str:
        """The contrast as findings print it, "act_bn - bn_act"."""
        first, second = self.contrast
        return f"{first} - {second}"


def design_of(
    trials: pd.DataFrame,
    study: Mapping[str, Any],
    *,
    factor: str | None = None,
    contrast: Sequence[str] | None = None,
) -> Design:
    """The design that a study file declares, or that the trials themselves show.

    Args:
        trials: all trials.
        study: the resolved study of the file metadata; empty for trials brought by somebody else.
        factor: another primary factor, from the command line.
        contrast: its two levels, first minus second, as typed.

    Raises:
        UsageError: the factor or a level of the contrast does not exist, or one was given without the other.
        InvalidTableError: no column can be the primary factor.
    """
    factors = observed_factors(trials, study)
    analysis = study.get("analysis", {})
    declared = Design(
        factors,
        factor=analysis.get("factor", "ordering"),
        contrast=tuple(analysis.get("contrast", ("act_bn", "bn_act"))),
        margin_pp=float(analysis.get("margin_pp", Design.margin_pp)),
        targets=tuple(float(target) for target in analysis.get("targets", Design.targets)),
        alpha=float(analysis.get("alpha", Design.alpha)),
    )
    if factor is None and contrast is None:
        return _checked(declared, source="the study")
    factor = factor or declared.factor
    if contrast is None:
        raise UsageError(f"--factor {factor} needs --contrast A B, two of its levels, first minus second")
    if factor not in factors:
        raise UsageError(not_one_of("--factor", factor, factors))
    levels = [_level(typed, factor, factors[factor]) for typed in contrast]
    return _checked(replace(declared, factor=factor, contrast=(levels[0], levels[1])), source="--contrast")


def _level(typed: str, factor: str, levels: Sequence[Level]) -> Level:
    """The level of a factor that was typed as text."""
    for level in levels:
        if str(level) == str(typed):
            return level
    raise UsageError(not_one_of(f"--contrast: level of {factor}", typed, levels))


def _checked(design: Design, *, source: str) -> Design:
    """The design, if its primary factor varies and its contrast names two different levels of it."""
    if design.factor not in design.factors:
        names = ", ".join(design.factors) or "none"
        raise InvalidTableError(
            f"the primary factor {design.factor} does not vary in these trials (factors that vary: {names}); "
            "name another with --factor NAME --contrast A B"
        )
    levels = design.factors[design.factor]
    for level in design.contrast:
        if level not in levels:
            raise InvalidTableError(not_one_of(f"{source}: level of {design.factor}", level, levels))
    if design.contrast[0] == design.contrast[1]:
        raise UsageError(f"--contrast needs two different levels of {design.factor}, not {level} twice")
    return design


def observed_factors(trials: pd.DataFrame, study: Mapping[str, Any]) -> dict[str, tuple[Level, ...]]:
    """Every factor with more than one level among the trials, its levels in declared or sorted order.

    Without a declared study, a factor is a setting of the collector's that varies, or a column of the user's own
    whose every level was run with more than one seed (a metric's values hardly ever are).
    """
    declared: Mapping[str, Sequence[Level]] = study.get("factors", {})
    names = list(declared) or [
        name for name in map(str, trials.columns) if name in _SETTINGS or _own_factor(trials, name)
    ]
    factors = {}
    for name in names:
        if name in _NOT_SETTINGS:
            raise InvalidTableError(f"trials.parquet: {name} is a result or an identity, and no factor of a study")
        if name not in trials:
            raise InvalidTableError(f"trials.parquet has no column {name}, a factor of the study")
        if trials[name].isna().any():
            raise InvalidTableError(f"trials.parquet: factor {name} has missing values")
        found = [getattr(level, "item", lambda level=level: level)() for level in trials[name].unique()]
        order, there = dict.fromkeys(declared.get(name, ())), set(found)
        levels = [level for level in order if level in there] + sorted(v for v in found if v not in order)
        if len(levels) > 1:
            factors[name] = tuple(levels)
    _require_few(factors, trials)
    return factors


def _require_few(factors: Mapping[str, Sequence[Level]], trials: pd.DataFrame) -> None:
    """Refuse a design with far more combinations of levels than trials."""
    combinations = math.prod(map(len, factors.values()))
    places = combinations * trials["seed"].nunique()
    if combinations > max(MOST_COMBINATIONS, len(trials)) or places > max(MOST_PLACES, len(trials)):
        raise InvalidTableError(
            f"{len(trials):,} trials cannot fill the {combinations:.3g} combinations of the levels of {len(factors)} "
            f"factors; leave out the columns that are no factors, among {', '.join(factors)}"
        )


def _own_factor(trials: pd.DataFrame, name: str) -> bool:
    """Whether a column that the collector does not know looks like a factor."""
    if name in _NOT_SETTINGS or trials[name].isna().any():
        return False
    seeds = trials.groupby(name, observed=True)["seed"].nunique()
    return bool(len(seeds) > 1 and (seeds > 1).all())
