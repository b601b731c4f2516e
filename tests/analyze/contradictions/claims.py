"""Verdicts on claims: the reason beside each, and the answer."""

from collections.abc import Iterator
from itertools import zip_longest

from tests.analyze.contradictions.facts import Facts, Json, at
from tests.analyze.reading import Report, Said

WHY = {
    "supported": ("why_shown", "why_every_holds"),
    "refuted": ("why_shown", "why_every_refuted"),
    "mixed": ("why_levels",),
    "premise_not_met": ("why_premise", "why_premise_unmeasured"),
    "inconclusive": (
        "why_open",
        "why_unmeasured",
        "why_levels_open",
        *(f"why_{how}_{what}" for how in ("alone", "one_side") for what in ("supported", "refuted")),
    ),
}


def verdicts(facts: Facts, report: Report) -> Iterator[str]:
    """A verdict is that of the findings, by a reason of its kind."""
    tested = [claim for claim in facts.found["claims"] if claim["verdict"] != "not_tested"]
    tested.sort(key=lambda claim: ("article", "literature", "project").index(claim["said_by"]))
    count = sum(claim["p_holm"] is not None for claim in facts.found["claims"])
    for claim, (verdict, why) in zip_longest(tested, report.why, fillvalue=({"id": "?", "verdict": "?"}, None)):
        if claim["verdict"] != verdict or why.kind not in WHY[verdict]:
            yield f"{claim['id']}: {verdict} by {why} where it is {claim['verdict']}"
            continue
        if verdict in ("supported", "refuted", "mixed") and not at(claim["p_holm"]):
            yield f"{claim['id']}: {verdict} with p = {claim['p_holm']}"
        if "alone" in why.kind and why.values["count"] != str(count):
            yield f"{claim['id']}: after correction over {why.values['count']} claims of {count}"
        yield from (f"{claim['id']}: {one}" for one in _reason(claim, why))


def _reason(claim: Json, why: Said) -> Iterator[str]:
    """The interval says what it is said to say, and the levels are those of the findings."""
    if {"measured", "bound"} <= set(why.values) and not _holds(*why.values["measured"], *why.values["bound"]):
        yield f"{why.values['measured']} is not {why.values['bound']}"
    if "at_levels" in why.values:
        said = {(level, what) for level, what, *_ in why.values["at_levels"]}
        known = {(str(one["level"]), one["verdict"]) for one in claim["levels"] if one["verdict"] != "inconclusive"}
        if said != known or (claim["verdict"] == "mixed" and {what for _, what in said} != {"supported", "refuted"}):
            yield f"{said} where {known}"


def small_effect(facts: Facts, report: Report) -> Iterator[str]:
    """That the factor hardly matters, beside the answer to whether it does."""
    verdict = next((claim["verdict"] for claim in facts.found["claims"] if claim["id"] == "small_effect"), None)
    large = [cell for cell, row in facts.cells.items() if row["decision"] in ("first", "second") and not row["trivial"]]
    if verdict == "supported" and (large or report.all("yes", "yes_in_every_cell", "cells_differ")):
        yield f"the effect is small beside {large}"
    if verdict == "refuted" and report.all("no_in_every_cell", "identical"):
        yield "the effect is not small beside an equivalence in every cell"


def _holds(_: str, coverage: str, low: str, high: str, how: str, *bounds: str) -> bool:
    """Whether a printed interval says that it is above, below, not or within; its last digit is rounded."""
    start, end, *limits = (
        float(one.replace("−", "-").replace(",", "").replace(" × 10^", "e")) for one in (low, high, *bounds)
    )
    slack = max(10.0 ** -len(one.partition(".")[2]) for one in (low, high))
    if how == "within":
        return coverage == "90" and limits[0] - slack <= start and end <= limits[1] + slack
    if how == "above":
        return start > limits[0] - slack
    if how == "below":
        return end < limits[0] + slack
    return coverage == "95" and (start > limits[0] - slack or end < limits[0] + slack)
