"""Two arms that do not share seeds: Welch on seed means, permutations of whole seeds' labels, split-plot interactions.

The unit is a seed of an arm. A permutation gives the labels of the arms to other seeds, the same in every member of a
family; all of them are enumerated up to ENUMERATED, else SAMPLED are drawn. The statistic is studentised (Janssen
1997, doi 10.1016/S0167-7152(97)00043-6), so that the test keeps its size where the arms have unlike variances: that of
Student's t is .23 with 5 and 15 seeds of standard deviations 3 and 1.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Labels = NDArray[np.bool_]

#: Permutations that are enumerated, and drawn where there are more; chunks of rows are worked out at once.
ENUMERATED, SAMPLED, _CHUNK = 65_536, 99_999, 4096

#: Fewer seeds in an arm say too little of its variance.
LEAST_SEEDS = 4

#: Statistics closer than this, relatively, are ties.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Welch:
    """The difference of two means that have variances of their own (Welch 1947); None where it has no t."""

    n: tuple[int, int]
    gap: float | None = None
    se: float | None = None
    df: float | None = None
    t: float | None = None
    p: float | None = None

    def interval(self, level: float) -> tuple[float, float] | None:
        """The t interval of the difference at this level."""
        if self.gap is None or self.se is None or self.df is None:
            return None
        reach = float(stats.t.ppf((1 + level) / 2, self.df)) * self.se
        return self.gap - reach, self.gap + reach

    def equivalence_p(self, margin: float) -> float | None:
        """The larger p of two one-sided t tests against the margin (Schuirmann 1987)."""
        if self.gap is None or self.se is None or self.df is None:
            return None
        return float(stats.t.cdf((abs(self.gap) - margin) / self.se, self.df))


def welch(first: Array, second: Array) -> Welch:
    """Welch's t test of two samples, NaN left out. As R's t.test.

    Args:
        first: values of the first arm.
        second: of the second.
    """
    arms = [values[np.isfinite(values)] for values in (first, second)]
    n = (len(arms[0]), len(arms[1]))
    if min(n) < 1:
        return Welch(n)
    gap = float(arms[0].mean() - arms[1].mean())
    if min(n) < 2:
        return Welch(n, gap)
    parts = [float(values.var(ddof=1)) / len(values) for values in arms]
    se = math.sqrt(sum(parts))
    if se <= 1e-12 * max(float(np.abs(values).max()) for values in arms):
        return Welch(n, gap)
    df = sum(parts) ** 2 / sum(part**2 / (size - 1) for part, size in zip(parts, n, strict=True))
    t = gap / se
    return Welch(n, gap, se, df, t, float(2 * stats.t.sf(abs(t), df)))


def least_p(first: int, second: int) -> float:
    """The least p that permuting the labels of so many seeds can give: 2 / C(n1 + n2, n1)."""
    number = math.comb(first + second, first)
    return 2.0 / number if number <= ENUMERATED else 1.0 / (SAMPLED + 1)


def decidable(first: int, second: int, alpha: float) -> bool:
    """Whether so many seeds an arm can decide anything at this level."""
    return min(first, second) >= LEAST_SEEDS and least_p(first, second) <= alpha


def labels(first: int, second: int, generator: np.random.Generator) -> Iterator[Labels]:
    """Which seeds have the first arm's label, rows of (n1 + n2), the observed one first or among all; in chunks."""
    total = first + second
    if math.comb(total, first) <= ENUMERATED:
        chosen = np.array(list(combinations(range(total), first)), dtype=int).reshape(-1, first)
        for start in range(0, len(chosen), _CHUNK):
            part = chosen[start : start + _CHUNK]
            rows = np.zeros((len(part), total), bool)
            np.put_along_axis(rows, part, values=True, axis=1)
            yield rows
        return
    for start in range(0, SAMPLED, _CHUNK):
        order = generator.random((min(_CHUNK, SAMPLED - start), total)).argsort(axis=1)
        yield order < first


def permutation_p(
    members: Sequence[tuple[Array, Array]], generator: np.random.Generator, *, split_plot: Sequence[bool] = ()
) -> tuple[list[float | None], list[float | None]]:
    """The p of every member by permuting whole seeds' labels: alone, and by step-down max-T over the family.

    A member's statistic is the parametric p of its test on the permuted labels: Welch's of a mean, that of the
    split-plot F of contrast scores. Members of unlike n and df thereby weigh alike.

    Args:
        members: scores of both arms, (n1, df) and (n2, df), NaN in every column where a seed lacks them; the same
            seeds in each.
        generator: source of sampled permutations.
        split_plot: which members are contrast scores, decided by F with a variance that is pooled; none by default.

    Returns:
        p alone and corrected, one a member; None where a member has no statistic.
    """
    pooled = [*split_plot, *[False] * (len(members) - len(split_plot))]
    stacked = [np.concatenate(both) for both in members]
    first, second = (len(arm) for arm in members[0])
    observed_labels = (np.arange(first + second) < first)[None]
    observed = _surprise(stacked, pooled, observed_labels)[0]
    kept = np.flatnonzero(np.isfinite(observed))
    alone: list[float | None] = [None] * len(members)
    corrected: list[float | None] = [None] * len(members)
    if not len(kept):
        return alone, corrected
    order = kept[np.argsort(-observed[kept], kind="stable")]
    threshold = observed[order] - _TOLERANCE * np.maximum(1.0, np.abs(observed[order]))
    reached, stepped, count = np.zeros(len(order)), np.zeros(len(order)), 0
    for rows in labels(first, second, generator):
        found = np.nan_to_num(_surprise([stacked[i] for i in order], [pooled[i] for i in order], rows), nan=-np.inf)
        reached += (found >= threshold).sum(axis=0)
        stepped += (np.maximum.accumulate(found[:, ::-1], axis=1)[:, ::-1] >= threshold).sum(axis=0)
        count += len(rows)
    exact = math.comb(first + second, first) <= ENUMERATED
    shares = [(hits / count if exact else (hits + 1) / (count + 1)) for hits in (reached, stepped)]
    for place, index in enumerate(order):
        alone[index] = float(shares[0][place])
        corrected[index] = float(np.maximum.accumulate(shares[1])[place])
    return alone, corrected


def split_plot_f(first: Array, second: Array) -> tuple[float, int, int] | None:
    """F of arm x moderators from contrast scores of the moderators, with its degrees of freedom.

    The scores are compared between the arms; their variance is pooled over scores and arms, as sphericity has it. As
    the type III test of R's afex with the arm between and the moderators within seeds.

    Args:
        first: orthonormal contrast scores of the first arm's seeds, (n1, df).
        second: of the second arm's.

    Returns:
        None where a variance is zero or an arm has fewer than two seeds.
    """
    arms = [scores[np.isfinite(scores).all(axis=1)] for scores in (first, second)]
    n, df = [len(scores) for scores in arms], first.shape[1]
    if min(n) < 2:
        return None
    effect = n[0] * n[1] / sum(n) * float(((arms[0].mean(axis=0) - arms[1].mean(axis=0)) ** 2).sum())
    rest = sum(float(((scores - scores.mean(axis=0)) ** 2).sum()) for scores in arms)
    within = df * (sum(n) - 2)
    return (effect / df / (rest / within), df, within) if rest > 0 else None


def _surprise(members: Sequence[Array], pooled: Sequence[bool], rows: Labels) -> Array:
    """−log of the parametric p of every member under every labelling, (rows, members); NaN where it has none."""
    return np.stack([_of_member(*one, rows) for one in zip(members, pooled, strict=True)], axis=1)


def _of_member(scores: Array, pooled: bool, rows: Labels) -> Array:  # noqa: FBT001
    known: Labels = np.asarray(np.isfinite(scores).all(axis=1), dtype=bool)
    values: Array = np.where(known[:, None], scores, 0.0)
    first = (rows & known).astype(float)
    second = (~rows & known).astype(float)
    n1, n2 = first.sum(axis=1), second.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [part @ values / count[:, None] for part, count in ((first, n1), (second, n2))]
        squares = [
            (part @ values**2) - count[:, None] * mean**2
            for part, count, mean in ((first, n1, means[0]), (second, n2, means[1]))
        ]
        if pooled:
            df = values.shape[1]
            effect = (n1 * n2 / (n1 + n2)) * ((means[0] - means[1]) ** 2).sum(axis=1)
            within = df * (n1 + n2 - 2)
            F = effect / df / (sum(one.sum(axis=1) for one in squares) / within)
            return np.asarray(-stats.f.logsf(F, df, within))
        parts = [np.maximum(one[:, 0], 0.0) / (count - 1) / count for one, count in zip(squares, (n1, n2), strict=True)]
        variance = parts[0] + parts[1]
        t = (means[0] - means[1])[:, 0] / np.sqrt(variance)
        df_welch = variance**2 / (parts[0] ** 2 / (n1 - 1) + parts[1] ** 2 / (n2 - 1))
        return np.asarray(-(math.log(2) + stats.t.logsf(np.abs(t), df_welch)))
