"""The title and the plain sentences: never more than was decided, of the cells of which it was."""

import math
from collections.abc import Iterator
from typing import Any

from tests.analyze.contradictions.facts import Facts, prints
from tests.analyze.reading import Cell, Report, Said

#: What each lead says: the answers and rules that allow it.
LEADS = {
    "no_pair": {("no_answer", "no_pair"), ("no_answer", "levels_none")},
    "one_seed": {("no_answer", "too_few_seeds")},
    "few": {("no_answer", "too_few_seeds")},
    "identical": {("identical", "identical")},
    "no_every": {("no", "equivalent_in_every_cell")},
    "yes_every": {("yes", "same_side_in_every_cell")},
    "unsettled": {("depends", "interaction")},
    "yes": {("yes", "both_tests"), ("yes", "settled_ahead")},
    "yes_trivial": {("yes_trivial", "both_tests"), ("yes_trivial", "settled_ahead")},
    "equal": {("no", "equivalent_on_average"), ("depends", "cells_differ"), ("no", "settled_equal")},
    "disagree": {("undecided", "tests_disagree")},
    "wins": {("yes", "wins")},
    "wins_open": {("undecided", "wins_open")},
    "levels_none": {("no_answer", "levels_none")},
    "levels_few": {("no_answer", "levels_few")},
    "levels_depend": {("depends", "levels_depend")},
    "levels_identical": {("identical", "levels_identical")},
    "levels_trivial": {("yes_trivial", "levels_trivial")},
    "levels_differ": {("yes", "levels_differ")},
    "levels_alike": {("no", "levels_alike")},
    "levels_open": {("undecided", "levels_open")},
    "open": {("undecided", "nothing_shown"), ("undecided", "tests_disagree"), ("undecided", "settled_open")},
}

#: Answers that name every cell in place of a lead.
BY_CELL = {("depends", "interaction"), ("depends", "settled_unlike"), ("depends", "wins_unlike")}

#: What is decided of cells, by the clause that names them; of those that one level leads, by that level.
CLAUSES = {
    "in_equivalent": "equivalent",
    "in_identical": "identical",
    "in_undecided": "undecided",
    "in_undecided_unlike": "undecided",
    "in_few": "not_decidable",
}


def _leads(report: Report, mark: str) -> list[Said]:
    return [one for one in report.said if one.kind.startswith(mark) and one.kind.removeprefix(mark) in LEADS]


def _clauses(report: Report, mark: str) -> list[Said]:
    return [one for one in report.said if one.kind.startswith(f"{mark}in_")]


def lead(facts: Facts, report: Report) -> Iterator[str]:
    """The title and the plain sentences lead with the answer, or name every cell where it depends on them."""
    answer = facts.primary["headline"], facts.primary["rule"]
    for mark in ("t_", "c_"):
        kinds = [one.kind.removeprefix(mark) for one in _leads(report, mark)]
        if len(kinds) > 1 or (not kinds and (answer not in BY_CELL or not _clauses(report, mark))):
            yield f"{mark}: {kinds} where the findings have {answer}"
        if any(answer not in LEADS[kind] for kind in kinds):
            yield f"{mark}: {kinds} where the findings have {answer}"
    if report.all("t_open") and answer[1] == "tests_disagree":
        yield "the seeds cannot tell, where the two tests disagree"


def numbers(facts: Facts, report: Report) -> Iterator[str]:
    """Levels, numbers of seeds, bounds and natural frequencies of the leads are those of the findings."""
    primary = facts.primary
    estimate = primary["estimate"] or 0.0
    ahead = facts.leader
    wanted: dict[str, Any] = {
        "either": facts.first,
        "other": facts.second,
        "leader": ahead[0],
        "loser": ahead[1],
        "several": facts.failures[0]["n_seeds"] if facts.failures else primary["n_seeds"],
        "wanted": primary["seeds_to_decide"],
        "every": bool(primary["left_out"]),
        "on_average": _averaged(facts),
    }
    for one in [*_leads(report, "t_"), *_leads(report, "c_"), *report.all("pair", "pair_in_factor")]:
        for name, value in one.values.items():
            if name in wanted and value != wanted[name]:
                yield f"{one.kind}: {name} {value} where it is {wanted[name]}"
        yield from _frequencies(one, estimate, facts)
        yield from _sizes(one, estimate, facts)
        named = {name for names in one.values.get("factors", ()) for name in names}
        if "factors" in one.values and not one.kind.startswith("pair") and named != set(primary["depends_on"]):
            yield f"{one.kind}: {named} where it depends on {primary['depends_on']}"
        decided = facts.level(primary["decision"])
        if one.kind[2:] in ("yes", "yes_trivial", "wins") and one.values["leader"] != decided:
            yield f"{one.kind}: {one.values['leader']} where {decided} is decided"


def _averaged(facts: Facts) -> str:
    """Over which cells the mean is: each of a design of one, of a design of several, or of those that are left."""
    left = len(facts.planned - facts.left_out)
    if facts.left_out:
        return "the one left" if left == 1 else "those left"
    return "all" if left > 1 else "one"


def _frequencies(one: Said, gap: float, facts: Facts) -> Iterator[str]:
    for name, points in (("more", gap), ("of_thousand", facts.margin)):
        if name in one.values:
            how, count = one.values[name]
            size = 10 * abs(points)
            if not (size <= 0.5001 if how == "less" else abs(int(count.replace(",", "")) - size) <= 0.5001):
                yield f"{one.kind}: {how} {count} of 1000 where the gap is {points}"


def _sizes(one: Said, gap: float, facts: Facts) -> Iterator[str]:
    """A bound is the margin, and a size that of the gap."""
    for name, value in (("bounded", facts.margin), ("size", abs(gap))):
        if name in one.values and not prints(one.values[name], value):
            yield f"{one.kind}: {name} {one.values[name]} where it is {value}"


def clauses(facts: Facts, report: Report) -> Iterator[str]:
    """A clause names exactly the cells of which it is decided; where the answer depends on them, none is missing."""
    primary = facts.primary
    sides = facts.decisions & {"first", "second"}
    due = {
        "interaction": set[str]() if report.all("t_unsettled") else facts.decisions,
        "settled_unlike": facts.decisions,
        "wins_unlike": facts.decisions,
        "wins_open": sides,
        "settled_open": sides,
        "cells_differ": sides,
        **dict.fromkeys(("both_tests", "tests_disagree", "nothing_shown"), sides - {primary["decision"]}),
    }.get(primary["rule"], set())
    for mark in ("t_", "c_"):
        told = [(one, _decision(one, facts)) for one in _clauses(report, mark)]
        if sorted(decision for _, decision in told) != sorted(due):
            yield f"{mark}: clauses on {[decision for _, decision in told]} where {sorted(due)} are due"
        for one, decision in told:
            cells = {cell for cell, row in facts.cells.items() if row["decision"] == decision}
            if not _names(one.values["place"], cells, facts):
                yield f"{one.kind}: {one.values['place']} where {decision} are {sorted(cells)}"
                continue
            yield from _in_cells(one, cells, facts)


def _decision(one: Said, facts: Facts) -> str:
    if "leader" in one.values:
        return facts.decision(one.values["leader"])
    return CLAUSES[one.kind[2:]]


def _names(place: tuple[str, Any], cells: set[Cell], facts: Facts) -> bool:
    """Whether this place is these cells."""
    how, what = place
    if how == "count":
        return bool(what == len(cells))
    every = facts.planned
    if how != "every":
        meets = any if how == "any" else all
        every = {cell for cell in facts.planned if meets(one in cell for one in what)}
    return bool(cells) and cells == every


def _in_cells(one: Said, cells: set[Cell], facts: Facts) -> Iterator[str]:
    rows = [facts.cells[cell] for cell in cells]
    trivial = [row["trivial"] for row in rows]
    if one.kind in ("t_in_ahead", "t_in_trivial") and all(trivial) != (one.kind == "t_in_trivial"):
        yield f"{one.kind}: {trivial} are within the margin"
    if "several" in one.values and {row["n"] for row in rows} != {one.values["several"]}:
        yield f"{one.kind}: {one.values['several']} seeds where there are {[row['n'] for row in rows]}"
    yield from _sizes(one, max((row["gap"] or 0.0 for row in rows), key=abs), facts)
    if one.kind == "c_in_ahead" and len(rows) > 1:
        yield f"{one.kind}: one number of {len(rows)} cells"
    yield from _frequencies(one, max((row["gap"] or 0.0 for row in rows), key=abs), facts)


def who_ran(facts: Facts, report: Report) -> Iterator[str]:
    """Levels that are not compared are said to have run, and which runs stayed at chance."""
    asked, study = facts.question, facts.found["study"]
    others = set(study["factors"][asked["factor"]]) - set(asked["contrast"] or study["factors"][asked["factor"]])
    if len(report.all("not_compared")) != bool(others):
        yield f"other levels {others}: {report.all('not_compared')}"
    rows = [row for row in facts.found["stability"] if row["kind"] == "stuck" and not row["cell"]]
    told = report.all("stuck_of")
    if len(told) != bool(study["stuck"] and rows and asked["contrast"]):
        yield f"{study['stuck']} stayed at chance: {told}"
    for one in told:
        values = [rows[0]["values"][one.values[side]] for side in ("first", "second")]
        printed = [one.values[name] for name in ("share", "other_share")]
        if printed != [f"{100 * value:.1f}".removesuffix(".0") + "%" for value in values]:
            yield f"{printed} stayed at chance, where the findings have {values}"


def what_ran(facts: Facts, report: Report) -> Iterator[str]:
    """As many networks and seeds as there are, and whose networks."""
    study = facts.found["study"]
    told = report.all("ran_table", *(f"ran{part}{own}" for part in ("", "_some", "_interim") for own in ("", "_own")))
    every = len(study["seeds"]) * math.prod(map(len, study["factors"].values()))
    if len(told) != 1:
        yield f"{len(told)} sentences on what ran"
    own = "network" in facts.found["methods"]
    if [one.kind.endswith("own") for one in told] != [own]:
        yield f"{told} where the networks are one's own: {own}"
    for one in told:
        if one.values["count"] != f"{study['completed']:,}" or one.values["random"] != len(study["seeds"]):
            yield f"{one.values} where {study['completed']} completed with {len(study['seeds'])} seeds"
        if one.values["at_most"] != (study["completed"] < every):
            yield f"{one.values} where {study['completed']} of {every} combinations completed"
        if ("interim" in one.kind) != bool(study["pending"]) and one.kind != "ran_table":
            yield f"{one.kind} where {study['pending']} are pending"
        if one.values.get("planned", f"{study['completed']:,}") != f"{study['planned']:,}" and one.kind != "ran_table":
            yield f"{one.values} where {study['planned']} were planned"
