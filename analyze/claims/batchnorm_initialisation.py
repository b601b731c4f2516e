"""Claims about BatchNorm's place that networks decide before they are trained."""

from analyze.claims import batchnorm_accuracy
from analyze.claims.components import Part, correlation, mean
from analyze.claims.evidence import Array, Evidence
from analyze.claims.verdict import Declared, Ruling, not_tested, over_levels
from analyze.findings import Level, because
from analyze.measures import class_share, curve_shape
from analyze.measures.time_to_target import crossings
from analyze.study.pairing import by_seed


def initial_bias(seen: Evidence) -> Ruling:
    """The largest class share before the first step, batch statistics, for each activation.

    Supported: smaller under act_bn, and the smaller in a seed, the larger its early gap (Pearson's r < 0 over seeds,
    both gaps over all cells). Refuted: larger for an activation.
    """
    shares, early = class_share.initial(seen.study), _early_accuracy(seen)
    if shares is None:
        return not_tested("needs_initial_shares")
    if early is None:
        return not_tested("needs_batch_curves")
    paired, ahead = seen.arms(shares), seen.arms(early)
    levels: dict[Level, tuple[list[Part], list[Part]]] = {}
    for activation in seen.levels("activation"):
        scores = by_seed(paired.difference, seen.cells(paired, activation=activation))
        one = mean(because("gap_of_class_share", level=activation), scores, unit="share")
        if one.n > 1:
            levels[activation] = [Part(one, "less")], [Part(one, "greater")]
    if not levels:
        return not_tested("needs_initial_shares")
    gaps = (by_seed(arms.difference, arms.everywhere) for arms in (paired, ahead))
    goes_with = correlation(because("class_share_with_early_gap"), *gaps)
    return over_levels(levels, seen.alpha, also=[Part(goes_with, "less")])


def _early_accuracy(seen: Evidence) -> Array | None:
    """Accuracy early in training, batch statistics, one a trial, in per cent."""
    if seen.curves is None or seen.curves.bn_mode != "batch":
        return None
    budget = crossings(seen.study, seen.curves, seen.study.design.targets[0]).budget
    return curve_shape.early(seen.study, seen.curves, budget)


ABOUT = batchnorm_accuracy.ABOUT

CLAIMS = (Declared("initial_bias", initial_bias),)
