"""Which columns of somebody's trials are factors, and why the others are none.

A design says which: a setting is the same in both runs of a pair, is crossed with the primary factor within the seeds,
and tells runs apart. What changes with the run (a host, a commit, the best epoch) is neither.
"""

import re
from collections.abc import Sequence

import pandas as pd

from analyze.findings import Message, because
from analyze.study.levels import Level, levels_of
from analyze.study.tidy import ADDED, OWN
from collect import schema

#: Of a factor that nobody declared.
MOST_LEVELS = 30

#: Identities and results: they are read as such, and are never factors.
RESULTS = {column.name for column in (*schema.IDENTITY, *schema.SEED, *schema.OUTCOME)} - {*OWN}

#: How names of results end.
_RESULT = re.compile(
    r"(^|[^a-z0-9])(loss|nll|acc|accuracy|error|err|f1|auc|auroc|mae|mse|rmse|perplexity|ppl|bleu|rouge|iou|map|reward"
    r"|score|precision|recall|seconds|secs|time|runtime|duration)(@?\d+)?$"
)


def candidates(trials: pd.DataFrame) -> list[str]:
    """Columns that may be factors: all but results and identities, with two levels at least."""
    return [name for name in _settings(trials) if varies(trials[name])]


def named_like_a_result(name: str) -> bool:
    """Whether a column's name is one that metrics have."""
    return bool(_RESULT.search(name.lower()))


def varies(column: "pd.Series") -> bool:
    """Whether a column has two levels at least, a missing one included."""
    return len(column.unique()) > 1


def shared(trials: pd.DataFrame) -> dict[str, Level]:
    """Settings that all trials share, with their one level."""
    found = {}
    for name in _settings(trials):
        if trials[name].notna().all() and not varies(trials[name]):
            _, [found[name]] = levels_of(trials[name])
    return found


def _settings(trials: pd.DataFrame) -> list[str]:
    """Columns that are no results, nor our own."""
    return [name for name in map(str, trials.columns) if name not in RESULTS and not name.startswith(ADDED)]


def find(
    trials: pd.DataFrame, factor: str, contrast: Sequence[Level], among: Sequence[str], *, paired: bool = True
) -> tuple[list[str], dict[str, Message]]:
    """The moderators of a contrast, and why the other columns are none.

    Args:
        trials: all trials.
        factor: the primary factor; its column has no missing values.
        contrast: its two levels.
        among: columns that may be moderators.
        paired: whether a seed ran both levels; where not, a moderator changes within most seeds of a level.
    """
    pair = trials[trials[factor].isin(list(contrast))]
    ignored: dict[str, Message] = {}
    kept: dict[str, pd.Series] = {}
    for name in among:
        codes = pd.Series(pd.factorize(trials[name], use_na_sentinel=False)[0], trials.index)
        twin = next((other for other in kept if _determines(kept[other], codes) and _determines(codes, kept[other])), 0)
        if reason := _no_factor(trials[name], codes, trials, pair, factor, paired=paired):
            ignored[name] = reason
        elif twin:
            ignored[name] = because("ignored_alias", factor=str(twin))
        else:
            kept[name] = codes
    for name in _unneeded(trials, pair.index, factor, kept):
        ignored[name] = because("ignored_run", factor=factor)
    return [name for name in kept if name not in ignored], ignored


def _no_factor(
    column: "pd.Series",
    codes: "pd.Series[int]",
    trials: pd.DataFrame,
    pair: pd.DataFrame,
    factor: str,
    *,
    paired: bool,
) -> Message | None:
    """Why a column by itself is no factor."""
    if named_like_a_result(str(column.name)) and pd.api.types.is_float_dtype(column):
        return because("ignored_result")
    if _determines(trials[factor], codes):
        return because("ignored_alias", factor=factor)
    if _determines(trials["seed"], codes):
        return because("ignored_seed")
    if (count := codes.nunique()) > MOST_LEVELS:
        return because("ignored_levels", count=count)
    runs = pd.DataFrame({"seed": pair["seed"], "level": codes[pair.index], "arm": pair[factor]})
    unit = ["seed", "level"] if paired else ["seed", "arm"]
    both = runs.drop_duplicates().groupby(unit, sort=False).size() > 1
    return because("ignored_run", factor=factor) if both.mean() <= 0.5 or both.empty else None


def _determines(one: "pd.Series", other: "pd.Series[int]") -> bool:
    """Whether a value of one column always comes with the same of another."""
    keys = pd.factorize(one, use_na_sentinel=False)[0]
    first = other.groupby(keys, sort=False).transform("first")
    return bool((first == other).all())


def _unneeded(trials: pd.DataFrame, pair: "pd.Index[int]", factor: str, kept: dict[str, "pd.Series[int]"]) -> list[str]:
    """Columns without which runs are told apart as well, those first without which there are most pairs."""
    seed, arm = (pd.Series(pd.factorize(trials[name])[0], trials.index) for name in ("seed", factor))

    def pairs_without(name: str) -> int:
        keys = [seed[pair], *(codes[pair] for other, codes in kept.items() if other != name)]
        arms = arm[pair].groupby(keys, sort=False)
        return int((arms.min() < arms.max()).sum())

    def repeated(names: Sequence[str]) -> int:
        columns = [seed, arm, *(kept[name] for name in names)]
        return int(pd.DataFrame(dict(enumerate(columns))).duplicated().sum())

    left, dropped = list(kept), []
    place = {name: number for number, name in enumerate(kept)}
    for name in sorted(kept, key=lambda name: (-pairs_without(name), -place[name])):
        rest = [other for other in left if other != name]
        if repeated(rest) <= repeated(left):
            left = rest
            dropped.append(name)
    return dropped
