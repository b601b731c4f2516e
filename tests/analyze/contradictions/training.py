"""Sentences on spread, failures, and what was measured inside the networks."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, at, key, prints_p, same_cells
from tests.analyze.reading import Report


def spread(facts: Facts, report: Report) -> Iterator[str]:
    """Cells that differ in spread, or the only one, as tested in that mode."""
    rows = [row for row in facts.found["stability"] if row["kind"] == "spread"]
    for one in report.all("spread_in", "spread_nowhere", "spread", "no_spread"):
        here = [row for row in rows if row["bn_mode"] == (one.values["in_mode"] or rows[0]["bn_mode"])]
        if "p" in one.values:
            p = here[0]["p_signflip"]
            if at(p) != (one.kind == "spread") or not prints_p(one.values["p"], p):
                yield f"{one.kind} with p = {p}"
            continue
        found = {key(row["cell"]) for row in here if row["cell"] and at(row["p_max_t"])}
        if not same_cells(one.values.get("cells", []), found):
            yield f"spread differs in {sorted(found)}, named {one.values.get('cells')}"


def failures(facts: Facts, report: Report) -> Iterator[str]:
    """What is said of runs that failed to train, as counted."""
    lost = {"diverged": 0.0, "stuck": 0.0}
    for row in facts.found["stability"]:
        if row["kind"] in lost:
            lost[row["kind"]] += sum(value or 0.0 for value in row["values"].values())
    if report.all("all_trained") and any(lost.values()):
        yield f"no run diverged or got stuck: {lost}"
    if report.all("none_diverged") and lost["diverged"]:
        yield f"no run diverged: {lost}"
    for one in report.all("coverage", "coverage_unknown", "coverage_table", "coverage_any"):
        for name, shown in one.values.items():
            if shown != f"{facts.found['study'][name]:,}":
                yield f"{shown} {name} where there are {facts.found['study'][name]}"


def interim(facts: Facts, report: Report) -> Iterator[str]:
    """A study that goes on says so, with how many trials have ended."""
    study, told = facts.found["study"], report.all("interim")
    if [(one.values["count"], one.values["planned"]) for one in told] != (
        [(f"{study['planned'] - study['pending']:,}", f"{study['planned']:,}")] if study["pending"] else []
    ):
        yield f"{told} where {study['pending']} of {study['planned']} are pending"


def probes(facts: Facts, report: Report) -> Iterator[str]:
    """As many measures are larger, and smaller, as were tested to be."""
    moved = [row for row in facts.found["mechanism"] if not row["cell"] and at(row["p_signflip"])]
    for kind, sign in (("probe_more", 1), ("probe_less", -1)):
        count = sum(sign * row["estimate"] > 0 for row in moved)
        for one in report.all(kind):
            if one.values["measures"] != count or one.values["first"] != facts.first:
                yield f"{kind}: {one.values['measures']} measures where {count} are"
        if count and not report.all(kind) and not report.all("probes_few"):
            yield f"{count} measures are told by no {kind}"
    if report.all("probes_none") and moved:
        yield f"no measure differed, {len(moved)} did"
