"""What is compared: every sentence names it, its better values and its unit, and no sentence names another."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts
from tests.analyze.reading import Report

#: Kinds that are in the unit of a gap.
IN_UNIT = ("gap", "margin", "bounded", "size", "best", "worst", "tau", "observed")


def named(facts: Facts, report: Report) -> Iterator[str]:
    """The response by its name, and higher or lower as it was declared; an accuracy has sentences of its own."""
    name, better = facts.response["name"].replace("_", " "), facts.response["better"]
    extreme = "lower" if better == "lower" else "higher"
    for one in report.said:
        if one.values.get("outcome", name).replace("_", " ") != name:
            yield f"{one.kind}: {one.values['outcome']} where {name} is compared"
        if one.values.get("extreme", extreme) != extreme:
            yield f"{one.kind}: {one.values['extreme']} where {better} is better"
        if "outcome" in one.values and name == "test accuracy" and one.kind != "valued":
            yield f"{one.kind} of an accuracy"


def unit(facts: Facts, report: Report) -> Iterator[str]:
    """A gap and what it is held against are in the unit of the response."""
    own = facts.response["unit"] if facts.response["scale"] == "raw" else ""
    for one in report.said:
        for key in IN_UNIT:
            printed = str(one.values.get(key, "–"))
            if not printed.startswith("–") and not (printed.endswith(f" {own}") if own else printed[-1].isdigit()):
                yield f"{one.kind}: {key} {printed} in {own or 'no unit'}"
