"""Sentences on the effects of the model, against the analysis of variance and against the answer."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, at, prints_p
from tests.analyze.reading import Report, Said
from tests.analyze.written import effects_of

#: What is decided of an effect, by the sentence on it.
EFFECTS = {
    "detected": ("differs", "first", "second"),
    "not_detected": ("undecided",),
    "effect_open": ("not_decidable",),
    "no_effect": ("identical",),
}


def effects(facts: Facts, report: Report) -> Iterator[str]:
    """Each effect with the primary factor is told as the analysis of variance decides it, with its p."""
    headline, of_times = by_response(report)
    times = {tuple(r["effect"].split(":")): r for r in facts.found["anova"] if r["response"] == "restricted_time"}
    for told, rows in ((headline, facts.effects), (of_times, times)):
        for one in told:
            yield from _as_decided(one, rows)
    named = {one.values["effect"][0] for one in headline}
    if set(facts.effects) != named:
        yield f"effects {sorted(facts.effects)}, told {sorted(named)}"


def by_response(report: Report) -> tuple[list[Said], list[Said]]:
    """Sentences on effects on the response of the headline, and those on times."""
    times = next((i for i, one in enumerate(report.said) if one.kind == "restricted_effects"), len(report.said))
    told = [(i, one) for i, one in enumerate(report.said) if one.kind in EFFECTS]
    return [one for i, one in told if i < times], [one for i, one in told if i > times]


def _as_decided(one: Said, rows: dict[tuple[str, ...], Json]) -> Iterator[str]:
    names = one.values["effect"][0]
    row = rows.get(names)
    if row is None:
        yield f"{one.kind}: {names} is no effect"
        return
    if row["decision"] not in EFFECTS[one.kind]:
        yield f"{one.kind}: {names}, of which {row['decision']} is decided"
    if "p" not in one.values:
        return
    if not prints_p(one.values["p"], row["p_max_t"]):
        yield f"{names}: {one.values['p']} where it is {row['p_max_t']}"
    # A main effect needs the t test as well.
    if at(row["p_max_t"]) != (one.kind == "detected") and (one.kind == "detected" or len(names) > 1):
        yield f"{names} {one.kind} with {one.values['p']}"
    if (one.values["family"] == "family") != (len(names) > 1):
        yield f"{names}: corrected over the interactions, or not"


def _parting(facts: Facts) -> set[str]:
    """Moderators of which no level has cells decided for either level, or all: over folds no interaction is tested."""
    moderators = facts.question["moderators"]
    first, second = (
        [row["cell"] for row in facts.cells.values() if row["decision"] == side] for side in ("first", "second")
    )
    return {
        name for name in moderators if not {str(one[name]) for one in first} & {str(one[name]) for one in second}
    } or {*moderators}


def interactions(facts: Facts, report: Report) -> Iterator[str]:
    """What the answer depends on are the interactions that the sentences on effects call detected, and no others."""
    factor, detected = (
        facts.question["factor"],
        [one.values["effect"][0] for one in by_response(report)[0] if one.kind == "detected"],
    )
    found = {name for names in detected if len(names) > 1 for name in names}
    found |= set() if facts.question["folds"] is None else _parting(facts)
    for one in report.all("depends", "depends_in_size", "depends_unsettled", "yes_in_every_cell"):
        if {name for names in one.values["factors"] for name in names} != found - {factor}:
            yield f"{one.kind} on {one.values['factors']}, where {sorted(found)} were detected"
    for one in report.all("differs_with", "smaller"):
        if set(one.values["effects"]) != facts.shown:
            yield f"{one.kind}: {one.values['effects']} where {sorted(facts.shown)} were shown"
    named = report.all(
        "differs_with", "smaller", "depends", "depends_in_size", "depends_unsettled", "yes_in_every_cell"
    )
    if facts.shown and not named and not facts.by_looks and facts.primary["headline"] not in ("no_answer", "identical"):
        yield f"interactions {sorted(facts.shown)} were shown and the answer names none"
    if facts.shown and report.all("cells_alike"):
        yield f"gaps vary no more than by seeds, where interactions {sorted(facts.shown)} were shown"
    if not facts.shown and report.all("cells_alike_on_the_whole"):
        yield "an interaction is said to have been shown where none was"


def depends_shown(facts: Facts, report: Report) -> Iterator[str]:
    """The interaction that shows a dependence was shown, by its p."""
    for one in report.all("depends_shown"):
        names = one.values["effect"][0]
        row = facts.effects.get(names)
        if row is None or row["decision"] != "differs" or not prints_p(one.values["p"], row["p_max_t"]):
            yield f"a dependence shown by {names}, {one.values['p']} where it is {row}"


def logit(facts: Facts, report: Report) -> Iterator[str]:
    """Effects that the other scale decides otherwise are named, and no others."""
    mode, scale = facts.primary["bn_mode"], facts.response["scale"]
    rows = {
        tuple(row["effect"].split(":")): row["decision"]
        for row in facts.found["anova"]
        if (row["response"], row["bn_mode"]) == (facts.response["name"], mode) and row["scale"] != scale
    }
    unlike = {names for names, row in facts.effects.items() if rows.get(names, row["decision"]) != row["decision"]}
    if {names for one in report.all("on_logit", "on_scale") for names in one.values["effects"]} != unlike:
        yield f"decided otherwise on the other scale: {sorted(unlike)}"


def table(facts: Facts, report: Report) -> Iterator[str]:
    """What the table of the model decides of an effect."""
    words = {"first": "differs", "second": "differs", "not_decidable": "too few seeds", None: ""}
    for record in report.tables["anova"].records() if "anova" in report.tables else []:
        row = facts.effects.get(effects_of(record["effect"])[0])
        decision = row["decision"] if row else None
        if record["decided"] != words.get(decision, decision):
            yield f"the table of effects: {record['effect']} {record['decided']}, where {decision} is decided"
