"""Claims about BatchNorm's place that final accuracy decides. Each rule states its components, side and refutation."""

from itertools import combinations

import numpy as np

from analyze.claims.evidence import Array, Contrast, Evidence, contrast, contrasts
from analyze.claims.verdict import About, Declared, Part, Ruling, intersection, naming, not_tested, union
from analyze.findings import BnMode, Level, Verdict, because
from analyze.inference.multiplicity import holm
from analyze.measures.response import modes
from analyze.study.pairing import by_seed

LEAKY = ("leaky_relu", "elu")
BOUNDED = ("tanh", "sigmoid", "softsign")
RELU_LIKE = ("relu", "leaky_relu", "elu", "gelu", "silu", "selu", "prelu", "mish")


def small_effect(seen: Evidence) -> Ruling:
    """Supported: every cell equivalent. Refuted: a cell beyond the margin, Holm over the cells, both sides."""
    paired = seen.arms()
    named = [
        contrast(because("gap_in_cell", cell=cell), paired.difference[:, index])
        for index, cell in enumerate(paired.cells)
        if paired.present[index]
    ]
    if not named:
        return not_tested("no_pair")
    parts = [Part(one, one.equivalent(seen.margin), seen.margin) for one in named]
    sides = [
        min(1.0, 2 * min(one.beyond_p(seen.margin, "greater"), one.beyond_p(seen.margin, "less"))) for one in named
    ]
    outside = [one for one, p in zip(named, holm(sides), strict=True) if p is not None and p <= seen.alpha]
    return intersection(parts, seen.alpha, naming("beyond_margin", outside))


def depth_crossover(seen: Evidence) -> Ruling:
    """Supported: gap > 0 at the least depth and < 0 at the greatest, over activations.

    Refuted: either beyond the margin with the wrong sign. The same two components are shown for each activation; the
    verdict is the marginal one.
    """
    depths = sorted(float(str(depth)) for depth in seen.levels("depth"))
    if len(depths) < 2:
        return not_tested("needs_levels", factor="depth", count=2)
    marginal = _crossover(seen, depths, {})
    if marginal is None:
        return not_tested("needs_pairs_at_ends", factor="depth")
    ruling = _decided_crossover(seen, marginal)
    shown = list(ruling.parts)
    activations = seen.levels("activation") if "activation" in seen.study.design.factors else ()
    verdicts = []
    for activation in activations:
        own = _crossover(seen, depths, {"activation": activation})
        if own is not None:
            decided = _decided_crossover(seen, own)
            verdicts.append(because(f"level_{decided.verdict}", level=activation))
            shown += decided.parts
    by_level = because("by_level", reason=ruling.reason, factor="activation", verdicts=tuple(verdicts))
    reason = by_level if verdicts else ruling.reason
    return Ruling(ruling.verdict, reason, tuple(shown), ruling.p, ruling.seeds_needed)


def _crossover(seen: Evidence, depths: list[float], at: dict[str, Level]) -> tuple[Contrast, Contrast] | None:
    paired = seen.arms()
    ends = [
        next(level for level in seen.levels("depth") if float(str(level)) == depth) for depth in (depths[0], depths[-1])
    ]
    found = []
    for end in ends:
        wanted: dict[str, Level] = {"depth": end, **at}
        name = because("gap_in_cell", cell=wanted)
        found.append(contrast(name, by_seed(paired.difference, seen.cells(paired, **wanted))))
    return (found[0], found[1]) if all(len(one.scores) > 1 for one in found) else None


def _decided_crossover(seen: Evidence, ends: tuple[Contrast, Contrast]) -> Ruling:
    shallow, deep = ends
    parts = [Part(shallow, shallow.tested("greater"), seen.margin), Part(deep, deep.tested("less"), seen.margin)]
    wrong = []
    if shallow.beyond_p(seen.margin, "less") <= seen.alpha:
        wrong.append(shallow)
    if deep.beyond_p(seen.margin, "greater") <= seen.alpha:
        wrong.append(deep)
    return intersection(parts, seen.alpha, naming("wrong_sign", wrong))


def leaky_repair(seen: Evidence) -> Ruling:
    """Premise: gap_relu < 0. Supported: LeakyReLU's and ELU's gap above ReLU's, and equivalent to 0.

    Refuted: their gap is below −margin.
    """
    present = [name for name in LEAKY if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs_level_and_one_of", factor="activation", level="relu", others=LEAKY)
    paired = seen.arms()
    relu = by_seed(paired.difference, seen.cells(paired, activation="relu"))
    masks = [seen.cells(paired, activation=name) for name in present]
    leaky = by_seed(paired.difference, np.logical_or.reduce(masks))
    of_relu, of_leaky = because("gap_of", levels=("relu",)), because("gap_of", levels=tuple(present))
    for_relu, for_leaky = contrasts((of_relu, relu), (of_leaky, leaky))
    if len(for_relu.scores) < 2:
        return not_tested("needs_two_seeds", factor="activation")
    premise = Part(for_relu, for_relu.tested("less"), seen.margin)
    if premise.p > seen.alpha:
        return Ruling("premise_not_met", because("premise_not_shown", contrasts=(of_relu,)), (premise,))
    repair = for_leaky.minus(for_relu, because("gap_less_gap", levels=tuple(present), other="relu"))
    parts = [
        premise,
        Part(repair, repair.tested("greater"), seen.margin),
        Part(for_leaky, for_leaky.equivalent(seen.margin), seen.margin),
    ]
    below = [for_leaky] if for_leaky.beyond_p(seen.margin, "less") <= seen.alpha else []
    return intersection(parts, seen.alpha, naming("below_margin", below))


def bounded_gain(seen: Evidence) -> Ruling:
    """Supported: for each bounded activation gap − gap_relu > 0 in both BN modes. Refuted: below −margin in one."""
    present = [name for name in BOUNDED if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs_level_and_one_of", factor="activation", level="relu", others=BOUNDED)
    known = modes(seen.study)
    if len(known) < 2:
        return not_tested("needs_both_modes")
    rulings = {}
    for name in present:
        parts, below = [], []
        for mode in known:
            one = _against_relu(seen, name, mode)
            parts.append(Part(one, one.tested("greater"), seen.margin))
            if one.beyond_p(seen.margin, "less") <= seen.alpha:
                below.append(one)
        rulings[name] = intersection(parts, seen.alpha, naming("below_margin", below))
    return _together(rulings)


def _against_relu(seen: Evidence, activation: str, mode: BnMode) -> Contrast:
    paired = seen.arms(mode=mode)
    own = by_seed(paired.difference, seen.cells(paired, activation=activation))
    relu = by_seed(paired.difference, seen.cells(paired, activation="relu"))
    name = because("gap_less_gap_in_mode", levels=(activation,), other="relu", mode=mode)
    return contrast(name, own - relu)


def _together(rulings: dict[str, Ruling]) -> Ruling:
    """Supported if each is, refuted if one is; each one's verdict is said."""
    verdicts = {ruling.verdict for ruling in rulings.values()}
    joined: Verdict = (
        "refuted" if "refuted" in verdicts else "supported" if verdicts == {"supported"} else "inconclusive"
    )
    parts = tuple(part for ruling in rulings.values() for part in ruling.parts)
    p = max(ruling.p for ruling in rulings.values() if ruling.p is not None)
    needed = [ruling.seeds_needed for ruling in rulings.values() if ruling.verdict == "inconclusive"]
    known = [count for count in needed if count is not None]
    each = tuple(because(f"level_{ruling.verdict}", level=name) for name, ruling in rulings.items())
    reason = because("each_level", verdicts=each)
    return Ruling(joined, reason, parts, p, max(known) if known and len(known) == len(needed) else None)


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
    one = contrast(name, best[0] - best[1])
    parts = [Part(one, one.tested("less"), seen.margin), Part(one, one.equivalent(seen.margin), seen.margin)]
    above = [one] if one.beyond_p(seen.margin, "greater") <= seen.alpha else []
    return union(parts, seen.alpha, naming("above_margin", above))


def bn_helps(seen: Evidence) -> Ruling:
    """Over all cells, running statistics: both orderings beat none. Refuted: either below −margin."""
    design = seen.study.design
    if "none" not in design.factors[design.factor]:
        return not_tested("needs_level", factor=design.factor, level="none")
    parts, below = [], []
    for level in design.contrast:
        paired = seen.arms(pair=(level, "none"))
        name = because("level_less_level", first=level, second="none")
        one = contrast(name, by_seed(paired.difference, seen.cells(paired)))
        parts.append(Part(one, one.tested("greater"), seen.margin))
        if one.beyond_p(seen.margin, "less") <= seen.alpha:
            below.append(one)
    return intersection(parts, seen.alpha, naming("below_margin", below))


def family_washout(seen: Evidence) -> Ruling:
    """Supported: every pair of ReLU-like activations equivalent with BN, and a pair that differs without.

    Refuted: a pair beyond the margin with BN, Holm over pairs.
    """
    design = seen.study.design
    family = [name for name in RELU_LIKE if name in seen.levels("activation")]
    if len(family) < 2:
        return not_tested("needs_two_of", factor="activation", others=RELU_LIKE)
    if "none" not in design.factors[design.factor]:
        return not_tested("needs_level", factor=design.factor, level="none")
    paired, without = seen.arms(), seen.arms(pair=("none", design.contrast[1])).first
    both = (paired.first + paired.second) / 2
    pairs = list(combinations(family, 2))
    within, apart = [], []
    for one, other in pairs:
        masks = [seen.cells(paired, activation=name) for name in (one, other)]
        with_bn = because("level_less_level_over", first=one, second=other, over=design.contrast)
        within.append(contrast(with_bn, by_seed(both, masks[0]) - by_seed(both, masks[1])))
        no_bn = because("level_less_level_over", first=one, second=other, over=("none",))
        apart.append(contrast(no_bn, by_seed(without, masks[0]) - by_seed(without, masks[1])))
    parts = [Part(one, one.equivalent(seen.margin), seen.margin) for one in within]
    differences = [Part(one, one.tested("two-sided"), seen.margin) for one in apart]
    corrected = [1.0 if p is None else p for p in holm([part.component.p for part in differences])]
    least = int(np.argmin(corrected))
    strongest = differences[least].component.model_copy(update={"p": corrected[least]})
    sides = [
        min(1.0, 2 * min(one.beyond_p(seen.margin, "greater"), one.beyond_p(seen.margin, "less"))) for one in within
    ]
    outside = [one for one, p in zip(within, holm(sides), strict=True) if p is not None and p <= seen.alpha]
    parts.append(Part(apart[least], strongest, seen.margin))
    return intersection(parts, seen.alpha, naming("beyond_margin", outside))


ABOUT = About("ordering", ("act_bn", "bn_act"))

CLAIMS = (
    Declared("small_effect", small_effect),
    Declared("depth_crossover", depth_crossover),
    Declared("leaky_repair", leaky_repair),
    Declared("bounded_gain", bounded_gain),
    Declared("relu_bn_first", relu_bn_first),
    Declared("bn_helps", bn_helps),
    Declared("family_washout", family_washout),
)
