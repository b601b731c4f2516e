"""Claims about BatchNorm's place that training decides: speed, spread, failures, gradients, losses, staleness."""

import numpy as np

from analyze.claims import batchnorm_accuracy
from analyze.claims.evidence import Contrast, Evidence, contrast, contrasts
from analyze.claims.verdict import Declared, Part, Ruling, intersection, naming, not_tested, union
from analyze.findings import Component, because
from analyze.inference.lognormal_aft import Jackknifed
from analyze.inference.multiplicity import holm
from analyze.measures import curve_shape, probes
from analyze.measures.response import modes
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections import descriptions, stability
from analyze.sections.speed import time_ratio
from analyze.study.pairing import by_seed

#: Where the claims need margins that the study file does not have: a share of runs, and the 80–125 % rule for ratios.
RATE_MARGIN = 0.1
LOG_RATIO_MARGIN = float(np.log(1.25))

#: Slopes over layers are compared from this depth on.
DEEP = 4


def relu_instability(seen: Evidence) -> Ruling:
    """For ReLU any of: more failures, larger spread, later target (Holm over 3).

    Refuted: all three equivalent, or one significantly the other way and none adverse.
    """
    if "relu" not in seen.levels("activation"):
        return not_tested("needs_level", factor="activation", level="relu")
    if seen.curves is None:
        return not_tested("needs_curves")
    parts = [_failures(seen), _spread(seen), _later(seen, seen.curves)]
    corrected = holm([_opposite_p(part) for part in parts])
    turned = [part.contrast for part, p in zip(parts, corrected, strict=True) if p is not None and p <= seen.alpha]
    same = all(_same(part, seen.alpha) for part in parts)
    return union(parts, seen.alpha, because("all_equivalent") if same else naming("other_way", turned))


def _failures(seen: Evidence) -> Part:
    """Share of runs that diverged or got stuck, difference by seed."""
    trials = seen.study.trials
    stuck = descriptions.stuck(seen.study)
    bad = (trials["status"] == "diverged").to_numpy() | (stuck if stuck is not None else np.zeros(len(trials), bool))
    paired = seen.arms(np.where(trials["status"] == "failed", np.nan, bad))
    name = because("failure_share", level="relu")
    one = contrast(name, by_seed(paired.difference, seen.cells(paired, activation="relu")))
    return Part(one, one.tested("greater"), RATE_MARGIN)


def _spread(seen: Evidence) -> Part:
    """Distance from the median over seeds, difference by seed, in percentage points."""
    paired = seen.arms()
    scores = by_seed(stability.deviations(paired), seen.cells(paired, activation="relu"))
    one = contrast(because("distance_from_median", level="relu"), scores)
    return Part(one, one.tested("greater"), seen.margin)


def _later(seen: Evidence, curves: Curves) -> Part:
    """Log ratio of times to the primary target; the pseudo-values of its jackknife stand for scores."""
    name = because("log_time_ratio", level="relu")
    found = crossings(seen.study, curves, seen.study.design.targets[0])
    trials = seen.study.trials
    relu = (trials["activation"] == "relu").to_numpy() if "activation" in trials else np.zeros(len(trials), bool)
    arm = trials[seen.study.design.factor].isin(seen.study.design.contrast).to_numpy()
    result = time_ratio(seen.study, found, relu & arm & np.isfinite(found.low))
    if not isinstance(result, Jackknifed):
        none = Contrast(name, np.empty(0))
        return Part(none, none.tested("greater"), LOG_RATIO_MARGIN)
    one = Contrast(name, result.pseudo_values)
    p = result.one_sided_p
    component = Component(contrast=one.name, side="greater", estimate=result.estimate, ci95=result.interval, p=p)
    return Part(one, component, LOG_RATIO_MARGIN)


def _opposite_p(part: Part) -> float:
    """The p of the other side."""
    component = part.contrast.tested("less")
    return 1.0 if component.p is None else component.p


def _same(part: Part, alpha: float) -> bool:
    """Equivalence; scores that are all zero are the same without a test."""
    if len(part.contrast.scores) and not np.any(part.contrast.scores):
        return True
    p = part.contrast.equivalent(part.margin).p
    return p is not None and p <= alpha


def vanishing(seen: Evidence) -> Ruling:
    """Supported: for each activation, from depth 4 on, steeper log gradient norms under act_bn.

    Refuted: flatter for one of them, Holm over activations.
    """
    steepness = probes.measures(seen.study).get("gradient_steepness")
    depths = [depth for depth in seen.levels("depth") if float(str(depth)) >= DEEP]
    if steepness is None or not depths:
        return not_tested("needs_gradients", factor="depth", least=DEEP)
    paired = seen.arms(steepness)
    deep = np.logical_or.reduce([seen.cells(paired, depth=depth) for depth in depths])
    ones = []
    for activation in seen.levels("activation"):
        scores = by_seed(paired.difference, deep & seen.cells(paired, activation=activation))
        ones.append(contrast(because("gradient_steepness", level=activation), scores))
    ones = [one for one in ones if len(one.scores) > 1]
    if not ones:
        return not_tested("needs_two_seeds", factor="depth")
    parts = [Part(one, one.tested("greater"), seen.margin) for one in ones]
    flatter = [
        one
        for one, p in zip(ones, holm([_opposite_p(part) for part in parts]), strict=True)
        if p is not None and p <= seen.alpha
    ]
    return intersection(parts, seen.alpha, naming("other_way", flatter))


def early_speed(seen: Evidence) -> Ruling:
    """Batch statistics: gap early > 0 and gap early − gap final > 0. Refuted: gap early below −margin."""
    curves = seen.curves
    if curves is None or curves.bn_mode != "batch":
        return not_tested("needs_batch_curves")
    budget = crossings(seen.study, curves, seen.study.design.targets[0]).budget
    first, last = curve_shape.early(seen.study, curves, budget), curve_shape.final(seen.study, curves, budget)
    paired, end = seen.arms(first), seen.arms(last)
    every = seen.cells(paired)
    early, fades = contrasts(
        (because("gap_early"), by_seed(paired.difference, every)),
        (because("gap_early_less_final"), by_seed(paired.difference - end.difference, every)),
    )
    if len(early.scores) < 2:
        return not_tested("needs_early_curves")
    parts = [Part(early, early.tested("greater"), seen.margin), Part(fades, fades.tested("greater"), seen.margin)]
    below = [early] if early.beyond_p(seen.margin, "less") <= seen.alpha else []
    return intersection(parts, seen.alpha, naming("below_margin", below))


def overfit(seen: Evidence) -> Ruling:
    """Gap of (test − train loss) > 0 and gap of test loss > 0. Refuted: both below 0."""
    trials = seen.study.trials
    if not {"test_loss", "train_loss"} <= set(trials):
        return not_tested("needs_losses")
    test, train = (trials[name].to_numpy(dtype=float) for name in ("test_loss", "train_loss"))
    loss, excess = seen.arms(test), seen.arms(test - train)
    every = seen.cells(loss)
    ones = contrasts(
        (because("gap_of_excess_loss"), by_seed(excess.difference, every)),
        (because("gap_of_test_loss"), by_seed(loss.difference, every)),
    )
    if len(ones[0].scores) < 2:
        return not_tested("needs_losses")
    parts = [Part(one, one.tested("greater"), seen.margin) for one in ones]
    below = all(_opposite_p(part) <= seen.alpha for part in parts)
    return intersection(parts, seen.alpha, naming("other_way", ones) if below else None)


def stale_statistics(seen: Evidence) -> Ruling:
    """Premise: the spreads between seeds differ with running statistics.

    Supported: they differ less with batch statistics, where no difference shows, and running − batch accuracy differs
    by ordering. Refuted: the difference persists with batch statistics.
    """
    if len(modes(seen.study)) < 2:
        return not_tested("needs_both_modes")
    running, batch = seen.arms(mode="running"), seen.arms(mode="batch")
    every = seen.cells(running)
    spreads = [by_seed(stability.deviations(paired), every) for paired in (running, batch)]
    gaps = by_seed(running.difference - batch.difference, every)
    in_running, in_batch, lag = contrasts(
        (because("spread_difference", mode="running"), spreads[0]),
        (because("spread_difference", mode="batch"), spreads[1]),
        (because("running_less_batch"), gaps),
    )
    if len(in_running.scores) < 2:
        return not_tested("needs_both_modes")
    premise = Part(in_running, in_running.tested("two-sided"), seen.margin)
    if premise.p > seen.alpha:
        return Ruling("premise_not_met", because("premise_not_shown", contrasts=(in_running.name,)), (premise,))
    turned = 1.0 if float(in_running.scores.mean()) > 0 else -1.0
    shrinks = Contrast(because("spread_running_less_batch"), turned * (in_running.scores - in_batch.scores))
    persists = Contrast(in_batch.name, turned * in_batch.scores).tested("greater")
    parts = [
        premise,
        Part(shrinks, shrinks.tested("greater"), seen.margin),
        Part(lag, lag.tested("two-sided"), seen.margin),
    ]
    shown = Part(in_batch, in_batch.tested("two-sided"), seen.margin)
    if persists.p is not None and persists.p <= seen.alpha:
        persisting = because("persists", contrasts=(in_batch.name,))
        return Ruling("refuted", persisting, (*parts, shown), max(p.p for p in parts))
    ruling = intersection(parts, seen.alpha, None)
    return Ruling(ruling.verdict, ruling.reason, (*parts, shown), ruling.p, ruling.seeds_needed)


ABOUT = batchnorm_accuracy.ABOUT

CLAIMS = (
    Declared("relu_instability", relu_instability),
    Declared("vanishing", vanishing),
    Declared("early_speed", early_speed),
    Declared("overfit", overfit),
    Declared("stale_statistics", stale_statistics),
)
