"""Claims about BatchNorm's place that final accuracy decides. Each rule states what supports and what refutes it."""

from itertools import combinations

import numpy as np

from analyze.claims.components import Contrast, Part, less, mean, on_common_seeds
from analyze.claims.evidence import Array, Evidence
from analyze.claims.joining import every, some
from analyze.claims.verdict import About, Declared, Ruling, not_tested, over_levels, ruled
from analyze.findings import BnMode, Level, because
from analyze.measures.response import modes
from analyze.study.pairing import by_seed

LEAKY = ("leaky_relu", "elu")
BOUNDED = ("tanh", "sigmoid", "softsign")
RELU_LIKE = ("relu", "leaky_relu", "elu", "gelu", "silu", "selu", "prelu", "mish")


def small_effect(seen: Evidence) -> Ruling:
    """Supported: every cell equivalent. Refuted: a cell beyond the margin, on either side."""
    paired = seen.arms()
    cells = [
        mean(because("gap_in_cell", cell=cell), paired.difference[:, index], margin=seen.margin)
        for index, cell in enumerate(paired.cells)
        if paired.present[index]
    ]
    if not cells:
        return not_tested("no_pair")
    equivalent = every([Part(cell, "equivalent") for cell in cells], seen.alpha)
    return ruled(equivalent, some(_beyond(cells), seen.alpha))


def _beyond(contrasts: list[Contrast]) -> list[Part]:
    """Each beyond the margin, above or below."""
    return [Part(one, "above_margin") for one in contrasts] + [Part(one, "below_margin") for one in contrasts]


def depth_crossover(seen: Evidence) -> Ruling:
    """Supported: gap > 0 at the least depth and < 0 at the greatest, over activations.

    Refuted: either beyond the margin with the wrong sign. The verdict is the marginal one; the same is shown for each
    activation.
    """
    depths = sorted(float(str(depth)) for depth in seen.levels("depth"))
    if len(depths) < 2:
        return not_tested("needs_levels", factor="depth", count=2)
    ends = (depths[0], depths[-1])
    marginal = _crossover(seen, ends, {})
    if marginal is None:
        return not_tested("needs_pairs_at_ends", factor="depth")
    support, refute = marginal
    activations = seen.levels("activation") if "activation" in seen.study.design.factors else ()
    each = {level: _crossover(seen, ends, {"activation": level}) for level in activations}
    there = {level: parts for level, parts in each.items() if parts is not None}
    levels = over_levels(there, seen.alpha).levels if there else ()
    return Ruling(every(support, seen.alpha), some(refute, seen.alpha), levels=levels)


def _crossover(seen: Evidence, ends: tuple[float, float], at: dict[str, Level]) -> tuple[list[Part], list[Part]] | None:
    """What supports a crossover and what refutes it; None where either end has no two pairs."""
    paired = seen.arms()
    found = []
    for end in ends:
        depth = next(level for level in seen.levels("depth") if float(str(level)) == end)
        wanted: dict[str, Level] = {"depth": depth, **at}
        found.append(seen.gap(because("gap_in_cell", cell=wanted), paired.difference, seen.cells(paired, **wanted)))
    shallow, deep = found
    if min(shallow.n, deep.n) < 2:
        return None
    return [Part(shallow, "greater"), Part(deep, "less")], [Part(shallow, "below_margin"), Part(deep, "above_margin")]


def leaky_repair(seen: Evidence) -> Ruling:
    """Premise: gap_relu < 0. Supported: LeakyReLU's and ELU's gap above ReLU's, and equivalent to 0.

    Refuted: their gap is below −margin.
    """
    present = [name for name in LEAKY if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs_level_and_one_of", factor="activation", level="relu", others=LEAKY)
    paired = seen.arms()
    masks = [seen.cells(paired, activation=name) for name in present]
    of_relu, of_leaky = because("gap_of", levels=("relu",)), because("gap_of", levels=tuple(present))
    relu, leaky = on_common_seeds(
        seen.gap(of_relu, paired.difference, seen.cells(paired, activation="relu")),
        seen.gap(of_leaky, paired.difference, np.logical_or.reduce(masks)),
    )
    if relu.n < 2:
        return not_tested("needs_two_seeds", factor="activation")
    repair = less(leaky, relu, because("gap_less_gap", levels=tuple(present), other="relu"))
    harmful = Part(relu, "less")
    support = every([harmful, Part(repair, "greater"), Part(leaky, "equivalent")], seen.alpha)
    return ruled(support, some([Part(leaky, "below_margin")], seen.alpha), every([harmful], seen.alpha))


def bounded_gain(seen: Evidence) -> Ruling:
    """For each bounded activation. Supported: gap − gap_relu > 0 in both BN modes. Refuted: below −margin in one."""
    present = [name for name in BOUNDED if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs_level_and_one_of", factor="activation", level="relu", others=BOUNDED)
    known = modes(seen.study)
    if len(known) < 2:
        return not_tested("needs_both_modes")
    levels: dict[Level, tuple[list[Part], list[Part]]] = {}
    for name in present:
        gains = [_against_relu(seen, name, mode) for mode in known]
        levels[name] = [Part(gain, "greater") for gain in gains], [Part(gain, "below_margin") for gain in gains]
    return over_levels(levels, seen.alpha)


def _against_relu(seen: Evidence, activation: str, mode: BnMode) -> Contrast:
    paired = seen.arms(mode=mode)
    own, relu = (
        seen.gap(because("gap_of", levels=(name,)), paired.difference, seen.cells(paired, activation=name))
        for name in (activation, "relu")
    )
    return less(own, relu, because("gap_less_gap_in_mode", levels=(activation,), other="relu", mode=mode))


def relu_bn_first(seen: Evidence) -> Ruling:
    """At each arm's best learning rate by validation: gap < 0 or equivalent. Refuted: above the margin."""
    trials = seen.study.trials
    validated = "validation_accuracy" in trials and trials["validation_accuracy"].notna().any()
    if "relu" not in seen.levels("activation") or "learning_rate" not in seen.study.design.factors or not validated:
        return not_tested("needs_validation", level="relu", factor="learning_rate")
    paired = seen.arms()
    validation = seen.arms(trials["validation_accuracy"].to_numpy(dtype=float))
    best: list[Array] = []
    rates = []
    for arm, scores in ((paired.first, validation.first), (paired.second, validation.second)):
        masks = {
            rate: seen.cells(paired, activation="relu", learning_rate=rate) for rate in seen.levels("learning_rate")
        }
        means = {
            rate: float(np.nanmean(scores[:, mask]))
            for rate, mask in masks.items()
            if np.isfinite(scores[:, mask]).any()
        }
        if not means:
            return not_tested("needs_validation", level="relu", factor="learning_rate")
        rate = max(means, key=lambda one: means[one])
        rates.append(rate)
        best.append(by_seed(arm, masks[rate]))
    name = because("gap_at_best", level="relu", factor="learning_rate", first=rates[0], second=rates[1])
    one = mean(name, best[0] - best[1], margin=seen.margin)
    support = some([Part(one, "less"), Part(one, "equivalent")], seen.alpha)
    return ruled(support, some([Part(one, "above_margin")], seen.alpha))


def bn_helps(seen: Evidence) -> Ruling:
    """Over all cells, running statistics: both orderings beat none. Refuted: either below −margin."""
    design = seen.study.design
    if "none" not in design.factors[design.factor]:
        return not_tested("needs_level", factor=design.factor, level="none")
    gains = []
    for level in design.contrast:
        paired = seen.arms(pair=(level, "none"))
        several = len(paired.cells) > 1
        name = because("level_less_level_over_cells" if several else "level_less_level", first=level, second="none")
        gains.append(seen.gap(name, paired.difference, seen.cells(paired)))
    support = every([Part(gain, "greater") for gain in gains], seen.alpha)
    return ruled(support, some([Part(gain, "below_margin") for gain in gains], seen.alpha))


def family_washout(seen: Evidence) -> Ruling:
    """Supported: every pair of ReLU-like activations equivalent with BN, and a pair that differs without.

    Refuted: a pair beyond the margin with BN.
    """
    design = seen.study.design
    family = [name for name in RELU_LIKE if name in seen.levels("activation")]
    if len(family) < 2:
        return not_tested("needs_two_of", factor="activation", others=RELU_LIKE)
    if "none" not in design.factors[design.factor]:
        return not_tested("needs_level", factor=design.factor, level="none")
    paired, without = seen.arms(), seen.arms(pair=("none", design.contrast[1])).first
    within = _pairs(seen, family, (paired.first + paired.second) / 2, design.contrast)
    apart = _pairs(seen, family, without, ("none",))
    differs = some([Part(one, "two-sided") for one in apart], seen.alpha)
    support = every([*(Part(one, "equivalent") for one in within), differs], seen.alpha)
    return ruled(support, some(_beyond(within), seen.alpha))


def _pairs(seen: Evidence, family: list[str], values: Array, over: tuple[Level, ...]) -> list[Contrast]:
    """Every pair of activations: the difference of their accuracies, (S, C), at these levels of the ordering."""
    scores = {name: by_seed(values, seen.cells(seen.arms(), activation=name)) for name in family}
    return [
        mean(
            because("level_less_level_over", first=one, second=other, over=over),
            scores[one] - scores[other],
            margin=seen.margin,
        )
        for one, other in combinations(family, 2)
    ]


ABOUT = About("ordering", ("act_bn", "bn_act"))

CLAIMS = (
    Declared("small_effect", small_effect, "article"),
    Declared("depth_crossover", depth_crossover, "article"),
    Declared("leaky_repair", leaky_repair, "article"),
    Declared("bounded_gain", bounded_gain),
    Declared("relu_bn_first", relu_bn_first),
    Declared("bn_helps", bn_helps),
    Declared("family_washout", family_washout),
)
