"""Claims, each by the rule it declares.

Every rule was fixed before the data: "supported" needs every declared component to hold at alpha; "refuted" needs the
opposite beyond the margin, or equivalence where the claim asserts an effect. What is merely not significant is
inconclusive. Each claim is judged at alpha; Holm's p over the claims stands beside.
"""

from importlib import import_module
from pkgutil import iter_modules

from analyze import claims
from analyze.claims.evidence import Evidence
from analyze.claims.verdict import About, Declared, Ruling, not_tested
from analyze.findings import Claim, Message, Why, because
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import least_seeds
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData


def declared() -> list[tuple[About, Declared]]:
    """Every claim of every file of this folder that has any, with the question it is about."""
    modules = [import_module(f"{claims.__name__}.{one.name}") for one in iter_modules(claims.__path__)]
    return [(module.ABOUT, claim) for module in modules for claim in getattr(module, "CLAIMS", ())]


def judge(study: StudyData, curves: Curves | None) -> tuple[list[tuple[Claim, Why]], Message | None]:
    """Every claim about this study's question with its verdict, or that there is none."""
    design = study.design
    asked = About(design.factor, design.contrast)
    ours = [claim for about, claim in declared() if about == asked]
    if not ours:
        return [], because("no_claims", factor=design.factor)
    least = least_seeds(2 * design.alpha)  # a one-sided p is half the two-sided one
    if least is None or len(study.seeds) < least:
        rulings = [not_tested("needs_seeds", count=least)] * len(ours)
    else:
        rulings = [claim.rule(Evidence(study, curves)) for claim in ours]
    adjusted = holm([ruling.p for ruling in rulings])
    return [_claim(one.id, ruling, p) for one, ruling, p in zip(ours, rulings, adjusted, strict=True)], None


def _claim(name: str, ruling: Ruling, p_holm: float | None) -> tuple[Claim, Why]:
    claim = Claim(
        id=name,
        statement=because(f"claim_{name}"),
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
        why["seeds_needed"] = because("no_number_of_seeds" if ruling.verdict == "inconclusive" else "nothing_open")
    for index, part in enumerate(ruling.parts):
        for field in ("estimate", "ci95", "p"):
            if getattr(part.component, field) is None:
                why[f"components/{index}/{field}"] = because("equal_scores")
    return claim, why
