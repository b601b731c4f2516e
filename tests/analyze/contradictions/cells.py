"""Where cells are named: under what is decided of them, and with what the correction took back."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, key, outside, prints, prints_interval, prints_p, same_cells
from tests.analyze.reading import Report, Said

#: What is decided of a cell, by the sentence that names it.
PLACES = {
    "equivalent_cells": "equivalent",
    "identical_cells": "identical",
    "undecided_cells": "undecided",
    "few_cells": "not_decidable",
}

#: Of cells in which a level is ahead: by the gap, or where pairs won decide.
AHEAD = ("ahead", "won_in")


def cells(facts: Facts, report: Report) -> Iterator[str]:
    """A cell stands under what is decided of it, on its side."""
    for one in report.all(*AHEAD, *PLACES):
        for cell in one.values["cells"]:
            row = facts.cells.get(cell)
            if cell == ("…",):
                continue
            if row is None or _place(one, facts) != row["decision"]:
                yield f"{one.kind} names {cell}, of which {row and row['decision']} is decided"
            elif one.kind == "ahead" and one.values["winner"] != facts.ahead(row["gap"])[0]:
                yield f"{one.values['winner']} ahead in {cell} with a gap of {row['gap']}"


def _place(one: Said, facts: Facts) -> str:
    if one.kind in PLACES:
        return PLACES[one.kind]
    return facts.decision(one.values["winner"])


def lists(facts: Facts, report: Report) -> Iterator[str]:
    """A list of all cells has them all."""
    for opener in report.all("by_cell", "depends", "depends_in_size", "settled_unlike", "wins_unlike"):
        here = [one for one in report.all(*AHEAD, *PLACES) if one.paragraph == opener.paragraph]
        for decision in facts.decisions:
            want = {cell for cell, row in facts.cells.items() if row["decision"] == decision}
            named = [cell for one in here if _place(one, facts) == decision for cell in one.values["cells"]]
            if not same_cells(named, want):
                yield f"{opener.kind}: {decision} are {sorted(want)}, named {named}"


def every_cell(facts: Facts, report: Report) -> Iterator[str]:
    """What is said of every cell, or of none, holds of all that were planned but those that are said to be left out."""
    inside = [facts.cells.get(cell) for cell in facts.planned - facts.left_out]
    decisions = {row and row["decision"] for row in inside}
    if report.all("yes_in_every_cell") and decisions not in ({"first"}, {"second"}):
        yield f"yes in every cell, of which {decisions} are decided"
    equal = all(row and (row["trivial"] or row["decision"] in ("equivalent", "identical")) for row in inside)
    if report.all("no_in_every_cell") and not equal:
        yield f"no in every cell, of which {decisions} are decided"
    settled, rule = facts.decisions & {"first", "second", "equivalent"}, facts.primary["rule"]
    if report.all("depends_unsettled") and settled:
        yield "in no single cell is the direction settled, and in some it is"
    if bool(report.all("depends_in_size")) != (rule == "interaction" and settled in ({"first"}, {"second"})):
        yield f"its size alone depends, or more than that, where cells are {settled}"
    against = facts.decisions & {"first", "second"} - {facts.primary["decision"]}
    on_average = report.all(
        "yes", "yes_trivial", "no", "undecided", "undecided_no_margin", "tests_disagree", "wins_open"
    )
    if against and on_average and not report.all("but"):
        yield f"cells decided otherwise than the answer are not named beside it: {against}"


def taken_back(facts: Facts, report: Report) -> Iterator[str]:
    """What the correction took back is named with the number of cells in the family; nothing else is."""
    said, response = dict[str, Said](), "test_accuracy"
    for one in report.said:
        response = one.values.get("response", response)
        if one.kind == "taken_back":
            said[response] = one
    for name, rows in _families(facts).items():
        lost = {key(row["cell"]) for row in rows if row["decision"] == "undecided" and outside(row["ci95"])}
        lost -= facts.failed if name == "test_accuracy" else set()
        named, count = (said[name].values["cells"], said[name].values["count"]) if name in said else ([], None)
        if not same_cells(named, lost):
            yield f"{name}: undecided beside intervals without zero in {sorted(lost)}, named {named}"
        if count not in (None, str(sum(row[facts.deciding] is not None for row in rows))):
            yield f"{name}: corrected over {count} cells"


def _families(facts: Facts) -> dict[str, list[Json]]:
    """The cells of each response of which there are several, and of which something is said."""
    found = dict[str, list[Json]]()
    if facts.primary["headline"] not in ("no_answer", "identical") and not facts.by_looks:
        found["test_accuracy"] = list(facts.cells.values())
    for row in facts.found["responses"]:
        if row["cell"] is not None:
            found.setdefault(row["response"], []).append(row)
    return {name: rows for name, rows in found.items() if len(rows) > 1}


def across_zero(facts: Facts, report: Report) -> Iterator[str]:
    """A cell that flips decide while its interval, which takes differences as normal, has zero is explained."""
    across = {
        cell
        for cell, row in facts.cells.items()
        if cell not in facts.failed
        and row["decision"] in ("first", "second")
        and row["ci95"]
        and not outside(row["ci95"])
    }
    named = [cell for one in report.all("by_flips") for cell in one.values["cells"]]
    if len(facts.cells) > 1 and facts.primary["headline"] != "no_answer" and not same_cells(named, across):
        yield f"decided beside intervals with zero: {sorted(across)}, named {named}"


def extremes(facts: Facts, report: Report) -> Iterator[str]:
    """The largest and the smallest gap are those, with their numbers."""
    rows = {cell: row for cell, row in facts.cells.items() if row["gap"] is not None}
    for one in report.all("largest", "largest_bare", "smallest"):
        row = rows[one.values["cells"][0]]
        if "p" in one.values and one.values["cells"][0] in facts.failed:
            yield f"{one.kind}: a p of pairs won beside the gap of the runs that have a value"
        sizes = [abs(other["gap"]) for other in rows.values()]
        if abs(row["gap"]) != (min(sizes) if one.kind == "smallest" else max(sizes)):
            yield f"{one.kind}: {one.values['cells']}"
        if not prints(one.values["gap"], row["gap"]) or not prints_interval(one.values["ci"], row):
            yield f"{one.kind}: {one.values['gap']}, {one.values['ci']} where it is {row['gap']}, {row['ci95']}"
        if "p" in one.values and not prints_p(one.values["p"], row[facts.deciding]):
            yield f"{one.kind}: {one.values['p']} where it is {row[facts.deciding]}"


def tables(facts: Facts, report: Report) -> Iterator[str]:
    """What a table decides of a row agrees with the numbers beside it and with the findings."""
    if "simple" in report.tables:
        for record in report.tables["simple"].records():
            cell = tuple(part.split()[-1] for part in record["cell"].split(", ")) if len(facts.planned) > 1 else ()
            row = facts.cells.get(cell)
            if row is None:
                yield f"the table of cells has {record['cell']}"
                continue
            ahead = facts.level(row["decision"])
            within = ", within the margin" if row["trivial"] else ""
            words = {"not_decidable": "too few seeds"}.get(row["decision"], row["decision"])
            if cell in facts.failed and ahead:
                if record["decided"] != f"{ahead} wins":
                    yield f"the table of cells: {record['decided']} in {cell}, where pairs won decide"
            elif record["decided"] != (f"{ahead} {facts.said_ahead}{within}" if ahead else words):
                yield f"the table of cells: {record['decided']} in {cell}, of which {row['decision']} is decided"
            if not prints(record.get("gap", "–"), row["gap"]):
                yield f"the table of cells: {record.get('gap')} in {cell} where it is {row['gap']}"
        if len(report.tables["simple"].rows) != len(facts.cells):
            yield "a table of every cell lacks some"
