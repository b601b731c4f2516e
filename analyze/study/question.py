"""What a study asks: the primary factor and its planned contrast, the moderators, the margin and the targets.

May import errors and collect.schema. The block is always the seed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pandas as pd

from analyze.errors import InvalidTableError, UsageError, not_one_of
from analyze.findings import ACCURACY, Message, Response, because
from analyze.study import columns
from analyze.study.levels import Level, level_typed, levels_of
from analyze.study.shared_seeds import SEEDS_SHARED, pairing_of

#: Combinations of levels, and combinations times seeds. Complete designs have as many as they have trials; a table with
#: far more combinations than trials has columns that are no factors, and would take hours and all memory.
MOST_COMBINATIONS, MOST_PLACES = 10_000, 10_000_000


@dataclass(frozen=True)
class Asked:
    """What somebody asks for beside the study's own question; None and () leave it as it is.

    `contrast` is as typed. `moderators` are the only ones, or more than the study's where it names its own; `ignore`
    are columns that are none. `paired` says whether runs of a seed are pairs, whatever the seeds. `threshold` is a
    number that runs are compared with, and `also` are moderators beside those that are found. `folds` is the k of the
    cross-validation whose folds the seeds are.
    """

    factor: str | None = None
    contrast: Sequence[object] | None = None
    moderators: Sequence[str] | None = None
    ignore: Sequence[str] = ()
    paired: bool | None = None
    threshold: float | None = None
    also: tuple[str, ...] = ()
    folds: int | None = None


@dataclass(frozen=True)
class Design:
    """The factors of a study with their levels, and the question put to them.

    `factors` maps every factor that varies to its levels, in the order tables show them. The contrast is its
    first level minus its second. `response` is what is compared. `targets` are accuracies as shares, the first is
    primary.
    `claims` are those to be judged, by id; every claim about the contrast where none is named. `ignored` says of every
    column of somebody's own that is no factor why, `shared` which settings all trials have in common; `paired` whether
    runs are compared within seeds, and `why_paired` why. A factor of three levels or more may come without a
    contrast that is `declared`: all its levels are compared, and the contrast is its first two. With a `threshold`, in
    the unit of the response, the factor's levels are the runs and the number that they are compared with. With `folds`
    every seed is one fold of a cross-validation of so many, and not independent of the others.
    """

    factors: Mapping[str, tuple[Level, ...]]
    factor: str
    contrast: tuple[Level, Level]
    response: Response = ACCURACY
    targets: tuple[float, ...] = (0.95, 0.97)
    alpha: float = 0.05
    claims: tuple[str, ...] = ()
    ignored: Mapping[str, Message] = field(default_factory=dict)
    shared: Mapping[str, Level] = field(default_factory=dict)
    paired: bool = True
    why_paired: Message = SEEDS_SHARED
    declared: bool = True
    threshold: float | None = None
    folds: int | None = None

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
    asked: Asked,
    response: Response = ACCURACY,
    threshold: float | None = None,
) -> tuple[Design, pd.DataFrame]:
    """The design that is declared or that the trials show, and the trials with a level of each factor in every row.

    Factors are those that are declared, by the study or by who asks; where none is, those that `columns.find` finds.

    Args:
        trials: all trials.
        study: the resolved study of the file metadata; empty for trials brought by somebody else.
        asked: what else was asked for.
        response: what is compared.
        threshold: the number that runs are compared with, in its unit, where they are.

    Raises:
        UsageError: a factor, column or level does not exist, or levels without a contrast have seeds of their own.
        InvalidTableError: no column can be the primary factor, or the study's factors are none.
    """
    analysis, declared = study.get("analysis", {}), study.get("factors", {})
    factor = analysis.get("factor", "ordering") if asked.factor is None else asked.factor
    _require_settings(trials, factor, asked)
    _require_factor(trials, factor, asked, declared)
    trials, levels = _with_levels(trials, factor, declared)
    contrast = _contrast(factor, levels, asked, analysis)
    shared = columns.shared(trials)
    compared = levels if contrast is None else contrast
    paired, why_paired = _pairing(trials, factor, compared, asked, planned="seeds" in study)
    declared_contrast, contrast = contrast is not None, contrast or (levels[0], levels[1])
    names, ignored = _names(trials, factor, contrast, asked, declared, paired=paired)
    factors = {}
    for name in names:
        if name not in trials:
            raise InvalidTableError(f"trials.parquet has no column {name}, a factor of the study")
        trials, levels = _with_levels(trials, name, declared)
        if len(levels) > 1:
            factors[name] = levels
    _require_few(factors, trials)
    design = Design(
        factors,
        factor=factor,
        contrast=contrast,
        response=response,
        targets=tuple(float(target) for target in analysis.get("targets", Design.targets)),
        alpha=float(analysis.get("alpha", Design.alpha)),
        claims=tuple(analysis.get("claims", ())),
        ignored={name: reason for name, reason in ignored.items() if name not in factors},
        shared={name: level for name, level in shared.items() if name not in factors},
        paired=paired,
        why_paired=why_paired,
        declared=declared_contrast,
        threshold=threshold,
    )
    return design, trials


def _names(
    trials: pd.DataFrame,
    factor: str,
    contrast: Sequence[Level],
    asked: Asked,
    declared: Mapping[str, object],
    *,
    paired: bool,
) -> tuple[list[str], dict[str, Message]]:
    """The factors in order, and why other columns of somebody's own are none."""
    out = {name: because("ignored_asked") for name in asked.ignore}
    if declared:
        if odd := next((name for name in declared if name in columns.RESULTS), None):
            raise InvalidTableError(f"trials.parquet: {odd} is a result or an identity, and no factor of a study")
        names = dict.fromkeys([*declared, factor, *asked.also, *(asked.moderators or ())])
        return [name for name in names if name not in out], out
    among = [name for name in columns.candidates(trials) if name != factor and name not in out]
    found, ignored = columns.find(trials, factor, contrast, among, paired=paired)
    found = [*dict.fromkeys((*asked.also, *found))]
    if asked.moderators is not None:
        ignored |= {name: because("ignored_unnamed") for name in found}
        found = [name for name in (*asked.also, *asked.moderators) if name not in out]
    return sorted({factor, *found}, key=list(trials.columns).index), ignored | out


def _with_levels(
    trials: pd.DataFrame, name: str, declared: Mapping[str, Sequence[Level]]
) -> tuple[pd.DataFrame, tuple[Level, ...]]:
    """Trials with a level of this factor in every row, and the levels."""
    column, levels = levels_of(trials[name], declared.get(name, ()))
    trials = trials.copy(deep=False)
    trials[name] = column
    return trials, levels


def _require_settings(trials: pd.DataFrame, factor: str, asked: Asked) -> None:
    """Refuse moderators, or columns to ignore, that are no settings of these trials."""
    named = (("--factor", asked.also), ("--moderators", asked.moderators or ()), ("--ignore", asked.ignore))
    for option, names in named:
        for name in names:
            if name not in trials:
                known = [one for one in columns.candidates(trials) if one != factor]
                raise UsageError(not_one_of(option, name, known))
            if name == factor or name in columns.RESULTS:
                raise UsageError(f"{option} {name} is {'the primary factor' if name == factor else 'no setting'}")


def _require_factor(trials: pd.DataFrame, factor: str, asked: Asked, declared: Mapping[str, Sequence[Level]]) -> None:
    """Refuse a primary factor that is no column, is a result, or has one level."""
    names = list(declared) or columns.candidates(trials)
    if asked.factor is not None and (factor not in trials or factor in columns.RESULTS):
        raise UsageError(not_one_of("--factor", factor, names))
    if factor in trials and not columns.varies(trials[factor]) and len(declared.get(factor, ())) > 1:
        level = trials[factor].iloc[0]
        raise InvalidTableError(f"every trial that has ended is of {factor} {level}: there is nothing to compare yet")
    if factor not in trials or not columns.varies(trials[factor]):
        varying = ", ".join(name for name in names if name in trials and columns.varies(trials[name]))
        raise InvalidTableError(
            f"the primary factor {factor} does not vary in these trials (factors that vary: {varying or 'none'}); "
            "name another with --factor NAME --contrast A B"
        )


def _pairing(
    trials: pd.DataFrame, factor: str, levels: Sequence[Level], asked: Asked, *, planned: bool
) -> tuple[bool, Message]:
    """Whether runs are compared within seeds, and why: two levels, or all by the two that share the fewest seeds.

    Raises:
        UsageError: levels of three or more have seeds of their own.
    """
    found = [
        pairing_of(trials, factor, pair, asked=asked.paired, folds=bool(asked.folds), planned=planned)
        for pair in combinations(levels, 2)
    ]
    paired, why = min(found, key=lambda one: (one[0], one[1] == SEEDS_SHARED))
    if not paired and len(levels) > 2:
        names = ", ".join(map(str, levels))
        raise UsageError(
            f"--factor {factor} needs --contrast A B, two of its levels {names}: all of them are compared within seeds "
            "alone, and these have seeds of their own"
        )
    return paired, why


def _contrast(
    factor: str, levels: Sequence[Level], asked: Asked, analysis: Mapping[str, Any]
) -> tuple[Level, Level] | None:
    """Two different levels of the primary factor: as typed, as the study declares, or the only two; None of more."""
    if asked.contrast is not None:
        first, second = (level_typed(typed, factor, levels) for typed in asked.contrast)
        if first == second:
            raise UsageError(f"--contrast needs two different levels of {factor}, not {first} twice")
        return first, second
    if asked.factor is not None and asked.factor != analysis.get("factor"):
        return (levels[0], levels[1]) if len(levels) == 2 else None
    first, second = analysis.get("contrast", ("act_bn", "bn_act"))
    for level in (first, second):
        if level not in levels:
            raise InvalidTableError(not_one_of(f"the study: level of {factor}", level, levels))
    if first == second:
        raise InvalidTableError(f"the study compares {factor} {first} with itself; its contrast needs two levels")
    return first, second


def _require_few(factors: Mapping[str, Sequence[Level]], trials: pd.DataFrame) -> None:
    """Refuse a design with far more combinations of levels than trials."""
    combinations = math.prod(map(len, factors.values()))
    places = combinations * trials["seed"].nunique()
    if combinations > max(MOST_COMBINATIONS, len(trials)) or places > max(MOST_PLACES, len(trials)):
        raise InvalidTableError(
            f"{len(trials):,} trials cannot fill the {combinations:.3g} combinations of the levels of {len(factors)} "
            f"factors; leave out the columns that are no factors, among {', '.join(factors)}"
        )
