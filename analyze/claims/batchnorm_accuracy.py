"""Rules of the claims that final accuracy decides. Each function states its components, side and refutation."""

from itertools import combinations

import numpy as np

from analyze.claims.evidence import Array, Contrast, Evidence, contrast, contrasts
from analyze.claims.verdict import Part, Ruling, intersection, not_tested, union
from analyze.findings import BnMode, Level, Verdict
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
        contrast(_name(cell), paired.difference[:, index])
        for index, cell in enumerate(paired.cells)
        if paired.present[index]
    ]
    if not named:
        return not_tested("no pair of runs")
    parts = [Part(one, one.equivalent(seen.margin), seen.margin) for one in named]
    sides = [
        min(1.0, 2 * min(one.beyond_p(seen.margin, "greater"), one.beyond_p(seen.margin, "less"))) for one in named
    ]
    outside = [one.name for one, p in zip(named, holm(sides), strict=True) if p is not None and p <= seen.alpha]
    return intersection(parts, seen.alpha, f"beyond the margin: {'; '.join(outside)}" if outside else None)


def depth_crossover(seen: Evidence) -> Ruling:
    """Supported: gap > 0 at the least depth and < 0 at the greatest, over activations.

    Refuted: either beyond the margin with the wrong sign. The same two components are shown for each activation; the
    verdict is the marginal one.
    """
    depths = sorted(float(str(depth)) for depth in seen.levels("depth"))
    if len(depths) < 2:
        return not_tested("needs the factor depth with two levels at least")
    marginal = _crossover(seen, depths, {})
    if isinstance(marginal, str):
        return not_tested(marginal)
    ruling = _decided_crossover(seen, marginal)
    shown = list(ruling.parts)
    activations = seen.levels("activation") if "activation" in seen.study.design.factors else ()
    verdicts = []
    for activation in activations:
        own = _crossover(seen, depths, {"activation": activation})
        if not isinstance(own, str):
            decided = _decided_crossover(seen, own)
            verdicts.append(f"{activation} {decided.verdict}")
            shown += decided.parts
    reason = ruling.reason + (f"; by activation: {', '.join(verdicts)}" if verdicts else "")
    return Ruling(ruling.verdict, reason, tuple(shown), ruling.p, ruling.seeds_needed)


def _crossover(seen: Evidence, depths: list[float], at: dict[str, Level]) -> tuple[Contrast, Contrast] | str:
    paired = seen.arms()
    ends = [
        next(level for level in seen.levels("depth") if float(str(level)) == depth) for depth in (depths[0], depths[-1])
    ]
    found = []
    for end in ends:
        wanted: dict[str, Level] = {"depth": end, **at}
        found.append(contrast(f"gap at {_name(wanted)}", by_seed(paired.difference, seen.cells(paired, **wanted))))
    if not all(len(one.scores) > 1 for one in found):
        return "needs pairs of runs at the least and at the greatest depth"
    return found[0], found[1]


def _decided_crossover(seen: Evidence, ends: tuple[Contrast, Contrast]) -> Ruling:
    shallow, deep = ends
    parts = [Part(shallow, shallow.tested("greater"), seen.margin), Part(deep, deep.tested("less"), seen.margin)]
    wrong = []
    if shallow.beyond_p(seen.margin, "less") <= seen.alpha:
        wrong.append(shallow.name)
    if deep.beyond_p(seen.margin, "greater") <= seen.alpha:
        wrong.append(deep.name)
    return intersection(
        parts, seen.alpha, f"beyond the margin with the wrong sign: {'; '.join(wrong)}" if wrong else None
    )


def leaky_repair(seen: Evidence) -> Ruling:
    """Premise: gap_relu < 0. Supported: LeakyReLU's and ELU's gap above ReLU's, and equivalent to 0.

    Refuted: their gap is below −margin.
    """
    present = [name for name in LEAKY if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs relu and leaky_relu or elu as levels of the factor activation")
    paired = seen.arms()
    relu = by_seed(paired.difference, seen.cells(paired, activation="relu"))
    masks = [seen.cells(paired, activation=name) for name in present]
    leaky = by_seed(paired.difference, np.logical_or.reduce(masks))
    for_relu, for_leaky = contrasts(gap_relu=relu, gap_leaky=leaky)
    if len(for_relu.scores) < 2:
        return not_tested("needs two seeds complete over these activations")
    for_leaky = Contrast(f"gap of {' and '.join(present)}", for_leaky.scores)
    premise = Part(for_relu, for_relu.tested("less"), seen.margin)
    if premise.p > seen.alpha:
        return Ruling("premise_not_met", "act_bn is not shown to harm relu, so there is nothing to repair", (premise,))
    repair = for_leaky.minus(for_relu, f"{for_leaky.name} − gap relu")
    parts = [
        premise,
        Part(repair, repair.tested("greater"), seen.margin),
        Part(for_leaky, for_leaky.equivalent(seen.margin), seen.margin),
    ]
    refuted = for_leaky.beyond_p(seen.margin, "less") <= seen.alpha
    return intersection(parts, seen.alpha, f"{for_leaky.name} is below −margin" if refuted else None)


def bounded_gain(seen: Evidence) -> Ruling:
    """Supported: for each bounded activation gap − gap_relu > 0 in both BN modes. Refuted: below −margin in one."""
    present = [name for name in BOUNDED if name in seen.levels("activation")]
    if "relu" not in seen.levels("activation") or not present:
        return not_tested("needs relu and tanh, sigmoid or softsign as levels of the factor activation")
    known = modes(seen.study)
    if len(known) < 2:
        return not_tested("needs accuracies with running and with batch statistics")
    rulings = {}
    for name in present:
        parts, below = [], []
        for mode in known:
            one = _against_relu(seen, name, mode)
            parts.append(Part(one, one.tested("greater"), seen.margin))
            if one.beyond_p(seen.margin, "less") <= seen.alpha:
                below.append(one.name)
        rulings[name] = intersection(parts, seen.alpha, f"below −margin: {'; '.join(below)}" if below else None)
    return _together(rulings)


def _against_relu(seen: Evidence, activation: str, mode: BnMode) -> Contrast:
    paired = seen.arms(mode=mode)
    own = by_seed(paired.difference, seen.cells(paired, activation=activation))
    relu = by_seed(paired.difference, seen.cells(paired, activation="relu"))
    return contrast(f"gap {activation} − gap relu, {mode}", own - relu)


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
    reason = ", ".join(f"{name} {ruling.verdict}" for name, ruling in rulings.items())
    return Ruling(joined, reason, parts, p, max(known) if known and len(known) == len(needed) else None)


def relu_bn_first(seen: Evidence) -> Ruling:
    """At each arm's best learning rate by validation: gap < 0 or equivalent. Refuted: above the margin."""
    trials = seen.study.trials
    validated = "validation_accuracy" in trials and trials["validation_accuracy"].notna().any()
    if "relu" not in seen.levels("activation") or "learning_rate" not in seen.study.design.factors or not validated:
        return not_tested("needs relu, the factor learning_rate, and a validation split (validation > 0)")
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
            return not_tested("needs validation accuracies of relu under both orderings")
        rate = max(means, key=lambda one: means[one])
        rates.append(rate)
        best.append(by_seed(arm, masks[rate]))
    one = contrast(f"gap of relu, learning rates {rates[0]} and {rates[1]}", best[0] - best[1])
    parts = [Part(one, one.tested("less"), seen.margin), Part(one, one.equivalent(seen.margin), seen.margin)]
    above = one.beyond_p(seen.margin, "greater") <= seen.alpha
    return union(parts, seen.alpha, "act_bn is ahead by more than the margin" if above else None)


def bn_helps(seen: Evidence) -> Ruling:
    """Over all cells, running statistics: both orderings beat none. Refuted: either below −margin."""
    design = seen.study.design
    if "none" not in design.factors[design.factor]:
        return not_tested("needs none as a level of the factor ordering")
    parts, below = [], []
    for level in design.contrast:
        paired = seen.arms(pair=(level, "none"))
        one = contrast(f"{level} − none, all cells, running", by_seed(paired.difference, seen.cells(paired)))
        parts.append(Part(one, one.tested("greater"), seen.margin))
        if one.beyond_p(seen.margin, "less") <= seen.alpha:
            below.append(one.name)
    return intersection(parts, seen.alpha, f"below −margin: {'; '.join(below)}" if below else None)


def family_washout(seen: Evidence) -> Ruling:
    """Supported: every pair of ReLU-like activations equivalent with BN, and a pair that differs without.

    Refuted: a pair beyond the margin with BN, Holm over pairs.
    """
    design = seen.study.design
    family = [name for name in RELU_LIKE if name in seen.levels("activation")]
    if len(family) < 2 or "none" not in design.factors[design.factor]:
        return not_tested("needs two ReLU-like activations at least, and none as a level of the factor ordering")
    paired, without = seen.arms(), seen.arms(pair=("none", design.contrast[1])).first
    both = (paired.first + paired.second) / 2
    pairs = list(combinations(family, 2))
    within, apart = [], []
    for one, other in pairs:
        masks = [seen.cells(paired, activation=name) for name in (one, other)]
        within.append(contrast(f"{one} − {other}, with BN", by_seed(both, masks[0]) - by_seed(both, masks[1])))
        apart.append(contrast(f"{one} − {other}, none", by_seed(without, masks[0]) - by_seed(without, masks[1])))
    parts = [Part(one, one.equivalent(seen.margin), seen.margin) for one in within]
    differences = [Part(one, one.tested("two-sided"), seen.margin) for one in apart]
    corrected = [1.0 if p is None else p for p in holm([part.component.p for part in differences])]
    least = int(np.argmin(corrected))
    strongest = differences[least].component.model_copy(update={"p": corrected[least]})
    sides = [
        min(1.0, 2 * min(one.beyond_p(seen.margin, "greater"), one.beyond_p(seen.margin, "less"))) for one in within
    ]
    outside = [one.name for one, p in zip(within, holm(sides), strict=True) if p is not None and p <= seen.alpha]
    parts.append(Part(apart[least], strongest, seen.margin))
    return intersection(parts, seen.alpha, f"beyond the margin: {'; '.join(outside)}" if outside else None)


def _name(cell: dict[str, Level]) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in cell.items()) or "all cells"
