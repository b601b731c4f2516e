"""Claims about LayerNorm's place in a transformer: Pre-LN within the residual branches, Post-LN behind their sums.

Sources: Xiong et al. 2020 (arXiv 2002.04745); against it, for shallow networks, Takase et al. 2022 (arXiv 2206.00330).
"""

from itertools import product

import numpy as np

from analyze.claims.components import Contrast, Part, mean
from analyze.claims.evidence import Array, Evidence, with_cells
from analyze.claims.joining import every, nested, some
from analyze.claims.verdict import About, Declared, Ruling, not_tested, over_levels, ruled
from analyze.findings import Cell, Level, because
from analyze.measures import initial_gradients
from analyze.study.pairing import by_seed

#: What is tuned: each arm may have another best level of these.
TUNED = ("learning_rate", "warmup")


def post_needs_warmup(seen: Evidence) -> Ruling:
    """At each depth. Supported: Post-LN's gain by warm-up is above the margin. Refuted: equivalent to 0, or below 0.

    The gain is that of the longest warm-up, on the mean over all other settings.
    """
    gains = _gains(seen, seen.arms().second, "post")
    if not gains:
        return not_tested("needs_none_and_some", factor="warmup")
    levels = {
        depth: ([Part(gain, "above_margin")], [Part(gain, "equivalent"), Part(gain, "less")])
        for depth, gain in gains.items()
    }
    return over_levels(levels, seen.alpha, factor="depth")


def pre_without_warmup(seen: Evidence) -> Ruling:
    """Supported: Pre-LN's gain by warm-up is below 0 or equivalent to it at every depth. Refuted: above the margin."""
    gains = _gains(seen, seen.arms().first, "pre").values()
    if not gains:
        return not_tested("needs_none_and_some", factor="warmup")
    none = [nested([Part(gain, "equivalent"), Part(gain, "less")], seen.alpha) for gain in gains]
    return ruled(every(none, seen.alpha), some([Part(gain, "above_margin") for gain in gains], seen.alpha))


def _gains(seen: Evidence, arm: Array, level: Level) -> dict[Level, Contrast]:
    """Accuracy with the longest warm-up less that with none, by depth, over all other cells of one arm, (S, C).

    Depths of which fewer than two seeds have both are left out.
    """
    warmups = _numbers(seen, "warmup")
    if len(warmups) < 2 or warmups[0] != 0:
        return {}
    paired, found = seen.arms(), {}
    for depth in seen.levels("depth"):
        none, warm = (seen.cells(paired, depth=depth, warmup=warmups[end]) for end in (0, -1))
        name = with_cells(because("gain_by_warmup", level=level, cell={"depth": depth}), arm[:, warm] - arm[:, none])
        gain = mean(name, by_seed(arm, warm) - by_seed(arm, none), margin=seen.margin)
        if gain.n > 1:
            found[depth] = gain
    return found


def _numbers(seen: Evidence, factor: str) -> list[int | float]:
    """The levels of a factor that are numbers, the least first."""
    return sorted(level for level in seen.levels(factor) if isinstance(level, int | float))


def pre_gradients(seen: Evidence) -> Ruling:
    """Before training, near the output. Xiong et al., theorem 1: at most of order 1/√depth in Pre-LN, 1 in Post-LN.

    Supported: Pre-LN's gradients fall from the least depth to the greatest, and there they are smaller than Post-LN's.
    Refuted: they rise, or are larger there.
    """
    gradients, depths = initial_gradients.near_output(seen.study), _numbers(seen, "depth")
    if gradients is None or len(depths) < 2 or depths[0] <= 0:
        return not_tested("needs_initial_gradients", factor="depth")
    paired = seen.arms(gradients)
    shallow, deep = depths[0], depths[-1]
    at_shallow, at_deep = (seen.cells(paired, depth=depth) for depth in (shallow, deep))
    rise = (by_seed(paired.first, at_deep) - by_seed(paired.first, at_shallow)) / np.log(deep / shallow)
    falls = mean(because("initial_gradient_over_depth", level="pre"), rise, unit="slope")
    name = because("initial_gradient_ratio", first="pre", second="post", cell={"depth": deep})
    ratio = mean(name, by_seed(paired.difference, at_deep), unit="ratio")
    if min(falls.n, ratio.n) < 2:
        return not_tested("needs_initial_gradients", factor="depth")
    support = every([Part(falls, "less"), Part(ratio, "less")], seen.alpha)
    return ruled(support, some([Part(falls, "greater"), Part(ratio, "greater")], seen.alpha))


def tuned_alike(seen: Evidence) -> Ruling:
    """At each depth, each arm at its best learning rate and warm-up by mean validation accuracy.

    Supported: equivalent at every depth. Refuted: beyond the margin at one.
    """
    trials, factors = seen.study.trials, seen.study.design.factors
    tuned = [name for name in TUNED if name in factors]
    validated = "validation_accuracy" in trials and trials["validation_accuracy"].notna().any()
    gaps = [gap for depth in seen.levels("depth") if (gap := _gap_at_best(seen, depth, tuned))] if validated else []
    if not tuned or not gaps:
        return not_tested("needs_tuning")
    equivalent = every([Part(gap, "equivalent") for gap in gaps], seen.alpha)
    beyond = [Part(gap, side) for side in ("above_margin", "below_margin") for gap in gaps]
    return ruled(equivalent, some(beyond, seen.alpha))


def _gap_at_best(seen: Evidence, depth: Level, tuned: list[str]) -> Contrast | None:
    """Pre-LN's test accuracy less Post-LN's, each at its best cell; None where fewer than two seeds have both."""
    paired = seen.arms()
    validation = seen.arms(seen.study.trials["validation_accuracy"].to_numpy(dtype=float))
    cells: list[Cell] = [
        dict(zip(tuned, levels, strict=True)) for levels in product(*(seen.levels(name) for name in tuned))
    ]
    masks = [seen.cells(paired, depth=depth, **cell) for cell in cells]
    best, scores = [], []
    for arm, chosen_by in ((paired.first, validation.first), (paired.second, validation.second)):
        known = [k for k, mask in enumerate(masks) if np.isfinite(chosen_by[:, mask]).any()]
        if not known:
            return None
        k = max(known, key=lambda k: float(np.nanmean(chosen_by[:, masks[k]])))
        best.append(cells[k])
        scores.append(by_seed(arm, masks[k]))
    name = because("gap_at_best_settings", cell={"depth": depth}, first=best[0], second=best[1], count=len(cells))
    gap = mean(name, scores[0] - scores[1], margin=seen.margin)
    return gap if gap.n > 1 else None


ABOUT = About("norm", ("pre", "post"))

CLAIMS = (
    Declared("post_needs_warmup", post_needs_warmup),
    Declared("pre_without_warmup", pre_without_warmup),
    Declared("pre_gradients", pre_gradients),
    Declared("tuned_alike", tuned_alike),
)
