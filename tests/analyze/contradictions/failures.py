"""Sentences on runs that failed, and on the pairs won, which then decide."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, at, prints, prints_interval, prints_p, same_cells
from tests.analyze.reading import Report


def won(facts: Facts, report: Report) -> Iterator[str]:
    """Pairs won decide where a run failed and nowhere else, with their share and their p."""
    told = report.all("wins", "wins_open")
    if bool(told) != bool(facts.failures) and facts.primary["headline"] != "no_answer":
        yield f"{[one.kind for one in told]} with {len(facts.failures)} rows of failures"
    for one in report.all("wins", "wins_open", "c_wins", "c_wins_open") if facts.failures else []:
        over = facts.failures[0]
        share = 100 * max(over["win_rate"], 1 - over["win_rate"])
        if not prints(one.values["share"].removesuffix("%"), share):
            yield f"{one.kind}: {one.values['share']} where {share} per cent are won"
        if not prints_p(one.values.get("p", "–"), over["p_wins"] if "p" in one.values else None):
            yield f"{one.kind}: {one.values['p']} where it is {over['p_wins']}"
        if at(over["p_wins"]) == one.kind.endswith("open"):
            yield f"{one.kind} with p = {over['p_wins']}"


def told(facts: Facts, report: Report) -> Iterator[str]:
    """How many failed, in which cells, and the gap of the pairs that trained."""
    for one in report.all("failed"):
        shares = (one.values["share"], one.values["other_share"])
        failed = (facts.failures[0]["failed_first"], facts.failures[0]["failed_second"])
        if not all(prints(shown.removesuffix("%"), 100 * value) for shown, value in zip(shares, failed, strict=True)):
            yield f"failed: {shares} where {failed} failed"
    for one in report.all("trained"):
        primary = facts.primary
        if not prints(one.values["gap"], primary["estimate"]) or not prints_interval(one.values["ci"], primary):
            yield f"trained: {one.values['gap']}, {one.values['ci']} where it is {primary['estimate']}"
    for one in report.all("failed_in"):
        if not same_cells(one.values["cells"], facts.failed):
            yield f"runs failed in {sorted(facts.failed)}, named {one.values['cells']}"
