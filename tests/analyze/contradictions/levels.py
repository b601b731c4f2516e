"""Sentences on all levels of the primary factor, against the omnibus test, the interactions and the pairs."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, at, prints, prints_p
from tests.analyze.reading import Report, Said

#: What is decided of all levels, by the sentence on it.
DECIDED = {
    "levels_differ": "differs",
    "levels_open": "undecided",
    "levels_few": "not_decidable",
    "levels_identical": "identical",
}


def omnibus(facts: Facts, report: Report) -> Iterator[str]:
    """One sentence on all levels where there is a test of them, as it decides."""
    row = facts.found["levels"]["omnibus"]
    told = report.all(*DECIDED)
    if [DECIDED[one.kind] for one in told] != ([] if row is None else [row["decision"]]):
        yield f"{[one.kind for one in told]} of levels, of which {row and row['decision']} is decided"
    for one in told:
        if not prints(one.values["count"], len(facts.found["study"]["factors"][facts.question["factor"]])):
            yield f"{one.values['count']} levels"
        yield from _numbers(one, row)
    if bool(report.all("levels_ranked")) != (row is not None and facts.found["levels"]["by"] == "ranks"):
        yield "ranks are told, or not"


def depends(facts: Facts, report: Report) -> Iterator[str]:
    """The interactions with all levels that were shown, and no others."""
    rows = {tuple(row["effect"].split(":")): row for row in facts.found["levels"]["interactions"]}
    told = {one.values["effect"][0]: one for one in report.all("levels_depend")}
    shown = {names for names, row in rows.items() if row["decision"] == "differs"}
    if shown != told.keys():
        yield f"levels depend on {sorted(told)}, where {sorted(shown)} was shown"
    for names in shown & told.keys():
        yield from _numbers(told[names], rows[names])


def pairs(facts: Facts, report: Report) -> Iterator[str]:
    """How many pairs are told apart, of how many; the table has each as it is decided, and letters say the same."""
    rows = facts.found["levels"]["pairs"]
    apart = [row for row in rows if row["decision"] in ("first", "second")]
    for one in report.all("levels_pairs"):
        if not prints(one.values["count"], len(apart)) or not prints(one.values["number"], len(rows)):
            yield f"{one.values['count']} of {one.values['number']} pairs, where it is {len(apart)} of {len(rows)}"
    letters = {str(row["level"]): set(row["groups"]) for row in facts.found["levels"]["means"]}
    for row in rows:
        first, second = row["contrast"].split(" - ")
        if letters[first] and letters[second] and bool(letters[first] & letters[second]) == (row in apart):
            yield f"{row['contrast']} {row['decision']} with letters {letters[first]} and {letters[second]}"
        if (row in apart) != at(row["p_max_t"]) and row["decision"] != "not_decidable":
            yield f"{row['contrast']} {row['decision']} with p = {row['p_max_t']}"


def best(facts: Facts, report: Report) -> Iterator[str]:
    """Where no two levels are declared, the best are those that share a letter with the best mean."""
    rows = facts.found["levels"]["means"]
    wanted = sorted(str(row["level"]) for row in rows if {*row["groups"]} & {*rows[0]["groups"]})
    for one in report.said:
        if "level_list" in one.values and one.values["level_list"] != wanted:
            yield f"{one.kind}: {one.values['level_list']} where the best are {wanted}"
        if one.values.get("of_factor", facts.question["factor"]) != facts.question["factor"]:
            yield f"{one.kind}: {one.values['of_factor']}"


def _numbers(one: Said, row: Json) -> Iterator[str]:
    if "p" in one.values and not prints_p(one.values["p"], row["p_max_t"]):
        yield f"{one.kind}: {one.values['p']} where it is {row['p_max_t']}"
    if one.values.get("n") and not prints(one.values["n"][0], row["n_seeds"]):
        yield f"{one.kind}: {one.values['n']} where it is {row['n_seeds']}"
