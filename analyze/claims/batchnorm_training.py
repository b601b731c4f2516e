"""Claims about BatchNorm's place that training decides: speed, spread, failures, gradients, losses, staleness."""

import numpy as np

from analyze.claims import batchnorm_accuracy
from analyze.claims.components import Contrast, Part, less, mean, on_common_seeds
from analyze.claims.evidence import Array, Evidence
from analyze.claims.joining import every, nested, some
from analyze.claims.verdict import Declared, Ruling, not_tested, over_levels, ruled
from analyze.findings import RATIO_MARGIN, Level, Message, Side, because
from analyze.measures import curve_shape, probes
from analyze.measures.response import modes
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections import descriptions, stability
from analyze.sections.time_ratios import time_ratio
from analyze.study.pairing import Arms, by_seed

#: Margins of equivalence that the study file does not have: of a share of runs, and the 80–125 % rule of ratios.
SHARE_MARGIN = 0.05
LOG_RATIO_MARGIN = float(np.log(RATIO_MARGIN))

#: Slopes over layers are compared from this depth on.
DEEP = 4


def relu_instability(seen: Evidence) -> Ruling:
    """For ReLU any of: more failures, larger spread, later target. Refuted: each is equivalent or the other way."""
    if "relu" not in seen.levels("activation"):
        return not_tested("needs_level", factor="activation", level="relu")
    if seen.curves is None:
        return not_tested("needs_curves")
    signs = [_failures(seen), _relu_spread(seen), _later(seen, seen.curves)]
    support = some([Part(sign, "greater") for sign in signs], seen.alpha)
    calm = [nested([Part(sign, "equivalent"), Part(sign, "less")], seen.alpha) for sign in signs]
    return ruled(support, every(calm, seen.alpha))


def _failures(seen: Evidence) -> Contrast:
    """Share of runs that diverged or, where that is known, got stuck, difference by seed."""
    trials = seen.study.trials
    stuck = descriptions.stuck(seen.study)
    bad = (trials["status"] == "diverged").to_numpy() | (stuck if stuck is not None else np.zeros(len(trials), bool))
    paired = seen.arms(np.where(trials["status"] == "failed", np.nan, bad))
    scores = by_seed(paired.difference, seen.cells(paired, activation="relu"))
    name = "failure_share" if stuck is not None else "diverged_share"
    return mean(because(name, level="relu"), scores, margin=SHARE_MARGIN, unit="share")


def _relu_spread(seen: Evidence) -> Contrast:
    """Ratio of ReLU's spreads between seeds."""
    paired = seen.arms()
    relu = seen.cells(paired, activation="relu")
    return _spread(because("spread_ratio", level="relu"), paired, np.where(relu, paired.difference, np.nan))


def _spread(name: Message, paired: Arms, used: Array) -> Contrast:
    """Ratio of the spreads between seeds, by seed jackknife; the distances from the median are what flips.

    Args:
        name: of the contrast.
        paired: both arms.
        used: (S, C), NaN for pairs that are left out.
    """
    first, second = (np.where(np.isfinite(used), arm, np.nan) for arm in (paired.first, paired.second))
    chosen = Arms(first, second, paired.seeds, paired.moderators, paired.levels)
    found = stability.mean_log_ratio(chosen)
    scores = np.full(len(first), np.nan)
    if not isinstance(found, str) and found.se is not None:
        scores[chosen.complete] = found.pseudo_values
    distances = by_seed(stability.deviations(chosen), chosen.everywhere)
    return Contrast(name, scores, distances, LOG_RATIO_MARGIN, "ratio")


def _later(seen: Evidence, curves: Curves) -> Contrast:
    """Ratio of the times to the primary target, by seed jackknife."""
    found = crossings(seen.study, curves, seen.study.design.targets[0])
    trials = seen.study.trials
    relu = (trials["activation"] == "relu").to_numpy()
    arm = trials[seen.study.design.factor].isin(seen.study.design.contrast).to_numpy()
    ratio = time_ratio(seen.study, found, relu & arm & np.isfinite(found.low))
    scores = np.empty(0) if isinstance(ratio, str) else ratio.pseudo_values
    return Contrast(because("time_ratio_to_target", level="relu"), scores, None, LOG_RATIO_MARGIN, "ratio")


def vanishing(seen: Evidence) -> Ruling:
    """For each activation, from depth 4 on. Supported: steeper log gradient norms under act_bn. Refuted: flatter."""
    steepness = probes.measures(seen.study).get("gradient_steepness")
    depths = [depth for depth in seen.levels("depth") if float(str(depth)) >= DEEP]
    if steepness is None or not depths:
        return not_tested("needs_gradients", factor="depth", least=DEEP)
    paired = seen.arms(steepness)
    deep = np.logical_or.reduce([seen.cells(paired, depth=depth) for depth in depths])
    levels: dict[Level, tuple[list[Part], list[Part]]] = {}
    for activation in seen.levels("activation"):
        scores = by_seed(paired.difference, deep & seen.cells(paired, activation=activation))
        one = mean(because("gradient_steepness", level=activation), scores, unit="slope")
        if one.n > 1:
            levels[activation] = [Part(one, "greater")], [Part(one, "less")]
    return over_levels(levels, seen.alpha) if levels else not_tested("needs_two_seeds", factor="depth")


def early_speed(seen: Evidence) -> Ruling:
    """Batch statistics: gap early > 0 and gap early − gap final > 0. Refuted: gap early below −margin."""
    curves = seen.curves
    if curves is None or curves.bn_mode != "batch":
        return not_tested("needs_batch_curves")
    budget = crossings(seen.study, curves, seen.study.design.targets[0]).budget
    first, last = curve_shape.early(seen.study, curves, budget), curve_shape.final(seen.study, curves, budget)
    paired, end = seen.arms(first), seen.arms(last)
    every_cell = seen.cells(paired)
    early, final = on_common_seeds(
        seen.gap(because("gap_early"), paired.difference, every_cell),
        seen.gap(because("gap_final"), end.difference, every_cell),
    )
    if early.n < 2:
        return not_tested("needs_early_curves")
    fades = less(early, final, because("gap_early_less_final"))
    support = every([Part(early, "greater"), Part(fades, "greater")], seen.alpha)
    return ruled(support, some([Part(early, "below_margin")], seen.alpha))


def overfit(seen: Evidence) -> Ruling:
    """Gap of (test − train loss) > 0 and gap of test loss > 0. Refuted: either below 0."""
    trials = seen.study.trials
    if not {"test_loss", "train_loss"} <= set(trials):
        return not_tested("needs_losses")
    test, train = (trials[name].to_numpy(dtype=float) for name in ("test_loss", "train_loss"))
    loss, excess = seen.arms(test), seen.arms(test - train)
    every_cell = seen.cells(loss)
    gaps = on_common_seeds(
        mean(because("gap_of_excess_loss"), by_seed(excess.difference, every_cell), unit="nats"),
        mean(because("gap_of_test_loss"), by_seed(loss.difference, every_cell), unit="nats"),
    )
    if gaps[0].n < 2:
        return not_tested("needs_losses")
    support = every([Part(gap, "greater") for gap in gaps], seen.alpha)
    return ruled(support, some([Part(gap, "less") for gap in gaps], seen.alpha))


def stale_statistics(seen: Evidence) -> Ruling:
    """Premise: the spreads between seeds differ with running statistics.

    Supported: they differ less with batch statistics, and running − batch accuracy differs by ordering. Refuted: the
    difference persists with batch statistics.
    """
    if len(modes(seen.study)) < 2:
        return not_tested("needs_both_modes")
    running, batch = seen.arms(mode="running"), seen.arms(mode="batch")
    lags = running.difference - batch.difference
    in_running, in_batch = (
        _spread(because("spread_ratio_in_mode", mode=mode), paired, lags)
        for mode, paired in (("running", running), ("batch", batch))
    )
    lag = mean(because("running_less_batch"), by_seed(lags, seen.cells(running)))
    if lag.n < 2:
        return not_tested("needs_both_modes")
    shrinks = less(in_running, in_batch, because("spread_running_less_batch"))
    # Which ordering spreads more is what the premise shows; the other parts are on its side.
    larger: Side = "greater" if np.sum(in_running.kept) > 0 else "less"
    differ = Part(in_running, "two-sided")
    support = every([differ, Part(shrinks, larger), Part(lag, "two-sided")], seen.alpha)
    return ruled(support, some([Part(in_batch, larger)], seen.alpha), every([differ], seen.alpha))


ABOUT = batchnorm_accuracy.ABOUT

CLAIMS = (
    Declared("relu_instability", relu_instability, "article"),
    Declared("vanishing", vanishing, "article"),
    Declared("early_speed", early_speed),
    Declared("overfit", overfit),
    Declared("stale_statistics", stale_statistics, "project"),
)
