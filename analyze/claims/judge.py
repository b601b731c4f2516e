"""Claims, each by the rule it declares, and all of them together.

Every rule was fixed before the data. A verdict needs two things: its parts hold by sign-flips at alpha, and their
parametric p at what Holm leaves to the claim among all declared claims that this design can test. What is merely not
significant is inconclusive.
"""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from analyze import claims
from analyze.claims.evidence import Evidence
from analyze.claims.joining import Shown
from analyze.claims.verdict import About, Declared, Ruling, not_tested
from analyze.errors import InvalidTableError, not_one_of
from analyze.findings import Claim, ClaimLevel, Message, Verdict, Why, because
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import least_p, least_seeds
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData


def declared() -> list[tuple[About, Declared]]:
    """Every claim of every file of this folder that has any, with the question it is about."""
    modules = [import_module(f"{claims.__name__}.{one.name}") for one in iter_modules(claims.__path__)]
    return [(module.ABOUT, claim) for module in modules for claim in getattr(module, "CLAIMS", ())]


def judge(study: StudyData, curves: Curves | None) -> tuple[list[tuple[Claim, Why]], Message | None]:
    """Every claim that the study declares about its question with its verdict, or that there is none.

    Raises:
        InvalidTableError: the study declares a claim that does not exist.
    """
    ours = _asked(study)
    if not ours:
        return [], because("no_claims", factor=study.design.factor)
    rulings = [_ruling(claim, Evidence(study, curves)) for claim in ours]
    return judged([claim.id for claim in ours], rulings, study.design.alpha), None


def _asked(study: StudyData) -> list[Declared]:
    known, design = declared(), study.design
    names = [claim.id for _, claim in known]
    for name in design.claims:
        if name not in names:
            raise InvalidTableError(not_one_of("the study: claim", name, names))
    about = About(design.factor, design.contrast)
    return [claim for asked, claim in known if asked == about and (not design.claims or claim.id in design.claims)]


def _ruling(claim: Declared, seen: Evidence) -> Ruling:
    """The claim by its rule; too few seeds for an exact test decide nothing, whatever they show."""
    few = not_tested("seeds_too_few", count=least_seeds(seen.alpha))
    if least_p(len(seen.study.seeds)) > seen.alpha:
        return few
    ruling = claim.rule(seen)
    tested = [part for side in (ruling.support, ruling.refute) if side for part, _ in side.tested]
    return few if tested and not any(part.decidable(seen.alpha) for part in tested) else ruling


def judged(names: Sequence[str], rulings: Sequence[Ruling], alpha: float) -> list[tuple[Claim, Why]]:
    """The claims with their verdicts, each at the level that Holm leaves to it.

    Holm's family is every claim that the design can test, whatever its p.
    """
    adjusted = holm([ruling.p for ruling in rulings])
    count = sum(p is not None for p in adjusted)
    order = sorted((i for i, p in enumerate(adjusted) if p is not None), key=lambda i: rulings[i].p or 0.0)
    found = []
    for index, (name, ruling, p) in enumerate(zip(names, rulings, adjusted, strict=True)):
        earlier = order[: order.index(index)] if p is not None else []
        rejected = sum((adjusted[other] or 0.0) <= alpha for other in earlier)
        found.append(_claim(name, ruling, p, alpha=alpha, level=alpha / max(1, count - rejected), count=count))
    return found


def _claim(
    name: str, ruling: Ruling, p_holm: float | None, *, alpha: float, level: float, count: int
) -> tuple[Claim, Why]:
    verdict, reason, sentence = verdict_of(ruling, alpha, level, count)
    evidence = [part.component(p, alpha) for part, p in ruling.evidence(alpha)]
    undecided = [side for side in (ruling.support, ruling.refute) if side and verdict == "inconclusive"]
    needed = [seeds for side in undecided if (seeds := side.seeds_needed(level / 2)) is not None]
    claim = Claim(
        id=name,
        statement=because(f"claim_{name}"),
        source=because(f"source_{name}"),
        said_by=next((claim.said_by for _, claim in declared() if claim.id == name), "literature"),
        verdict=verdict,
        reason=reason,
        why=sentence,
        components=tuple(row for row, _ in evidence),
        levels=tuple(
            ClaimLevel(factor=one.factor, level=one.level, verdict=said) for one, said in ruling.at_levels(alpha, level)
        ),
        p_support=ruling.support.p if ruling.support else None,
        p_refute=ruling.refute.p if ruling.refute else None,
        p_holm=p_holm,
        seeds_needed=min(needed, default=None),
    )
    why: Why = {field: reason for field in ("p_support", "p_refute", "p_holm") if getattr(claim, field) is None}
    if claim.seeds_needed is None:
        why["seeds_needed"] = because("no_number_of_seeds" if undecided else "nothing_open")
    for index, (_, missing) in enumerate(evidence):
        why |= {f"components/{index}/{field}": message for field, message in missing.items()}
    return claim, why


def verdict_of(ruling: Ruling, alpha: float, level: float, count: int) -> tuple[Verdict, Message, Message]:
    """The verdict of a claim, the rule that gave it, and why in a sentence with the number that decided.

    Args:
        ruling: what supports and what refutes it.
        alpha: level of the tests of one claim by itself.
        level: what Holm leaves to this claim, for both of its sides together.
        count: claims that are tested, for the words.
    """
    support, refute = ruling.support, ruling.refute
    if support is None or refute is None:
        lacks = ruling.lacks or because("no_pair")
        return "not_tested", lacks, lacks
    if ruling.premise and not ruling.premise.holds(alpha):
        why = because("why_premise", measured=ruling.premise.by.measured())
        return "premise_not_met", because("premise_not_shown"), why
    if ruling.mixed and max(support.p, refute.p) * 2 <= level:
        return "mixed", because("levels_disagree"), because("why_levels", levels=_levels(ruling, alpha, level))
    if not ruling.mixed and refute.stands(alpha, level):
        return "refuted", *_words(refute, "every_component_refuted", "a_component_refuted", "why_every_refuted")
    if not ruling.mixed and support.stands(alpha, level):
        return "supported", *_words(support, "every_component_holds", "a_component_holds", "why_every_holds")
    decided = _levels(ruling, alpha, level) if ruling.mixed else ()
    return "inconclusive", *_open(support, refute, decided, alpha, count)


def _open(
    support: Shown, refute: Shown, decided: tuple[Message, ...], alpha: float, count: int
) -> tuple[Message, Message]:
    """The levels that are decided; the side that holds, and what takes it back; or what the nearer side lacks."""
    if decided:
        return because("levels_open"), because("why_levels_open", levels=decided)
    for side, alone, one_side in (
        (refute, "why_alone_refuted", "why_one_side_refuted"),
        (support, "why_alone_supported", "why_one_side_supported"),
    ):
        if side.stands(alpha, alpha):
            return because("only_uncorrected", count=count), because(alone, shown=side.by.shown(), count=count)
        if side.holds(alpha):
            return because("only_one_side"), because(one_side, shown=side.by.shown())
    nearer = min(support, refute, key=lambda side: side.p)
    return because("nothing_shown"), because("why_open", measured=nearer.by.measured())


def _words(side: Shown, all_of: str, one_of: str, each: str) -> tuple[Message, Message]:
    """The rule and the sentence of what was shown: by all of several parts, or by one."""
    shown, count = side.by.shown(), len(side.needs)
    if count > 1:
        return because(all_of), because(each, count=count, shown=shown)
    return because(one_of), because("why_shown", shown=shown)


def _levels(ruling: Ruling, alpha: float, level: float) -> tuple[Message, ...]:
    """The levels that are decided, each with its number."""
    said = []
    for one, verdict in ruling.at_levels(alpha, level):
        if verdict != "inconclusive":
            code, side = ("level_supported", one.support) if verdict == "supported" else ("level_refuted", one.refute)
            said.append(because(code, level={one.factor: one.level}, shown=side.by.shown()))
    return tuple(said)
