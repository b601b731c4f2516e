"""Sentences on other choices, new runs and how many seeds it takes."""

from collections.abc import Iterator

from analyze.findings import BY_WINS
from tests.analyze.contradictions.facts import Facts, prints, prints_p
from tests.analyze.reading import Report


def multiverse(facts: Facts, report: Report) -> Iterator[str]:
    """Whether every alternative agrees."""
    rows = facts.found["multiverse"]
    judged = [row["agrees"] for row in rows if row["agrees"] is not None and row["estimand"] == rows[0]["estimand"]]
    if report.all("agree_all") and not all(judged):
        yield "every alternative agrees, some do not"
    if report.all("agree_some") and all(judged):
        yield "not every alternative agrees, all do"
    left = sum(row["agrees"] is None and row["estimand"] == rows[0]["estimand"] for row in rows) if judged else 0
    if [one.values["number"] for one in report.all("not_judged")] != ([f"{left:,}"] if left else []):
        yield f"{left} rows are not judged"
    if report.all("agree_all", "agree_some") and facts.primary["decision"] == "equivalent":
        yield "alternatives agree with an equivalence that they do not test"


def other_mode(facts: Facts, report: Report) -> Iterator[str]:
    """The gap with batch statistics is that of the multiverse."""
    for one in report.all("other_mode"):
        rows = [row for row in facts.found["multiverse"] if row["estimand"] == "final accuracy, batch statistics"]
        (row,) = (row for row in rows if row["choices"]["test"] == "sign-flip")
        if not prints(one.values["gap"], row["estimate"]) or not prints_p(one.values["p"], row["p"]):
            yield f"batch statistics gave {row['estimate']}, p {row['p']}, told {one.values}"


def rests_on(facts: Facts, report: Report) -> Iterator[str]:
    """Levels that carry the answer are all of those without which zero is in the interval, and are named with it."""
    low, high = facts.primary["ci95"] or (0, 0)
    of_a_mean = facts.primary["headline"] != "depends" and facts.primary["rule"] not in BY_WINS and not facts.by_looks
    told = of_a_mean and not low <= 0 <= high
    rows = [row for row in facts.found["leave_one_out"] if row["ci95"] and row["ci95"][0] <= 0 <= row["ci95"][1]]
    named = [one.values["items"] for one in report.all("rests_on")]
    expected = [(str(row["level"]).lower(), row) for row in rows] if told else []
    if bool(expected) != bool(named):
        yield f"levels {[level for level, _ in expected]} carry the mean, told {named}"
    for items in named:
        whole = [item for item in items if item[0] != ("…",)]
        if len(whole) > len(expected) or (len(whole) < len(expected)) != (len(whole) < len(items)):
            yield f"{len(expected)} levels carry the mean, told {items}"
        for ((level,), numbers), (expected_level, row) in zip(whole, expected, strict=False):
            shown = (numbers[0], *numbers[2:])  # behind the gap stands the 95 of the interval
            found = (row["estimate"], *row["ci95"])
            if level != expected_level or (facts.response["scale"] != "log" and not all(map(prints, shown, found))):
                yield f"without {expected_level} the mean is {found}, told {level}: {numbers}"


def new_runs(facts: Facts, report: Report) -> Iterator[str]:
    """Who is ahead in new runs is ahead in these, over the same cells."""
    for one in report.all("new_runs", "new_runs_one"):
        ahead = facts.ahead(facts.primary["estimate"])[0]
        if {one.values["winner"], one.values["again"]} != {ahead} and facts.primary["estimate"]:
            yield f"{one.values['winner']} ahead in new runs with a gap of {facts.primary['estimate']}"
        if "count" in one.values and int(one.values["count"]) != len(facts.planned - facts.left_out):
            yield f"the mean over {one.values['count']} cells without {sorted(facts.left_out)}"


def seeds_needed(facts: Facts, report: Report) -> Iterator[str]:
    """Seeds that would show an equivalence are those of a cell where it is not shown, and where the gap is smaller."""
    for one in report.all("seeds_needed", "seeds_needed_one"):
        (cell,) = one.values.get("cells", [()])
        row = facts.cells.get(cell)
        if row is None:
            yield f"seeds for {cell}, which is no cell"
        elif abs(row["gap"]) >= facts.margin or row["trivial"] or row["decision"] in ("equivalent", "identical"):
            yield f"{one.values['count']} seeds for the equivalence of {cell}: {row['decision']}, gap {row['gap']}"
