"""The article's claims about BatchNorm's place, and the rule that decides each.

gap = act_bn − bn_act. Every rule was fixed before the data: "supported" needs every declared component to hold at
alpha; "refuted" needs the opposite beyond the margin, or equivalence where the claim asserts an effect. What is
merely not significant is inconclusive. Each claim is judged at alpha; Holm's p over the claims stands beside. With
claims_accuracy and claims_training the only modules of the analysis that know BatchNorm.
"""

from collections.abc import Callable, Mapping

from analyze.claims import batchnorm_accuracy as accuracy
from analyze.claims import batchnorm_training as training
from analyze.claims.evidence import Evidence
from analyze.claims.verdict import Ruling, not_tested
from analyze.findings import Claim, Why
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import least_p
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData

FACTOR, CONTRAST = "ordering", ("act_bn", "bn_act")

STATEMENTS: Mapping[str, str] = {
    "small_effect": "The ordering hardly matters.",
    "depth_crossover": "act_bn wins when the network is shallow, bn_act when it is deep.",
    "relu_instability": "act_bn with ReLU trains badly.",
    "leaky_repair": "LeakyReLU and ELU remove the harm that act_bn does to ReLU.",
    "vanishing": "Activation first invites vanishing or exploding gradients.",
    "early_speed": "act_bn is faster early, and the gap decays.",
    "bounded_gain": "Bounded activations gain most from act_bn.",
    "relu_bn_first": "Well tuned, ReLU is at least as good with bn_act.",
    "bn_helps": "BatchNorm in either place beats none.",
    "family_washout": "BatchNorm makes the choice among ReLU-like activations negligible.",
    "overfit": "act_bn overfits more.",
    "stale_statistics": "What looks like instability is stale running statistics.",
}


def judge(study: StudyData, curves: Curves | None) -> tuple[list[tuple[Claim, Why]], str | None]:
    """Every claim with its verdict, or why the claims are not about this study."""
    design = study.design
    if design.factor != FACTOR or design.contrast != CONTRAST:
        return [], "the claims are about the contrast act_bn - bn_act of the factor ordering"
    rules = _rules(Evidence(study), curves)
    least = next(seeds for seeds in range(1, 100) if least_p(seeds) / 2 <= design.alpha)
    if len(study.seeds) < least:
        lacking = not_tested(f"needs {least} seeds: with fewer no sign-flip can reach alpha")
        rulings = dict.fromkeys(rules, lacking)
    else:
        rulings = {name: rule() for name, rule in rules.items()}
    adjusted = holm([ruling.p for ruling in rulings.values()])
    return [_claim(name, ruling, p) for (name, ruling), p in zip(rulings.items(), adjusted, strict=True)], None


def _rules(seen: Evidence, curves: Curves | None) -> dict[str, Callable[[], Ruling]]:
    """The rule of every claim, in the order of STATEMENTS."""
    return {
        "small_effect": lambda: accuracy.small_effect(seen),
        "depth_crossover": lambda: accuracy.depth_crossover(seen),
        "relu_instability": lambda: training.relu_instability(seen, curves),
        "leaky_repair": lambda: accuracy.leaky_repair(seen),
        "vanishing": lambda: training.vanishing(seen),
        "early_speed": lambda: training.early_speed(seen, curves),
        "bounded_gain": lambda: accuracy.bounded_gain(seen),
        "relu_bn_first": lambda: accuracy.relu_bn_first(seen),
        "bn_helps": lambda: accuracy.bn_helps(seen),
        "family_washout": lambda: accuracy.family_washout(seen),
        "overfit": lambda: training.overfit(seen),
        "stale_statistics": lambda: training.stale_statistics(seen),
    }


def _claim(name: str, ruling: Ruling, p_holm: float | None) -> tuple[Claim, Why]:
    claim = Claim(
        id=name,
        statement=STATEMENTS[name],
        verdict=ruling.verdict,
        reason=ruling.reason,
        components=tuple(part.component for part in ruling.parts),
        p_holm=p_holm,
        seeds_needed=ruling.seeds_needed,
    )
    why: Why = {}
    if p_holm is None:
        why["p_holm"] = ruling.reason
    if ruling.seeds_needed is None:
        open_one = ruling.verdict == "inconclusive"
        why["seeds_needed"] = "at these estimates no number of seeds would decide it" if open_one else "nothing is open"
    for index, part in enumerate(ruling.parts):
        for field in ("estimate", "ci95", "p"):
            if getattr(part.component, field) is None:
                why[f"components/{index}/{field}"] = "fewer than two seeds, or every score is equal"
    return claim, why
