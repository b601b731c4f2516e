"""Sentences on runs that failed, and on the pairs won, which then decide."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, at, prints, prints_interval, prints_p, same_cells
from tests.analyze.reading import Report

#: Sentences with the share of pairs that the level ahead wins.
SHARES = ("wins", "wins_open", "c_wins", "c_wins_open", "wins_mean")


def won(facts: Facts, report: Report) -> Iterator[str]:
    """Pairs won decide where a run failed and nowhere else, with their share and their p."""
    told = report.all("wins", "wins_open", "wins_unlike")
    if bool(told) != bool(facts.failures) and facts.primary["headline"] != "no_answer":
        yield f"{[one.kind for one in told]} with {len(facts.failures)} rows of failures"
    for one in report.all(*SHARES) if facts.failures else []:
        over = facts.failures[0]
        share = 100 * max(over["win_rate"], 1 - over["win_rate"])
        if not prints(one.values["share"].removesuffix("%"), share):
            yield f"{one.kind}: {one.values['share']} where {share} per cent are won"
        if not prints_p(one.values.get("p", "–"), over["p_wins"] if "p" in one.values else None):
            yield f"{one.kind}: {one.values['p']} where it is {over['p_wins']}"
        if "share_ci" in one.values:
            yield from _share_ci(one.values["share_ci"], over)
        if one.kind != "wins_mean" and at(over["p_wins"]) == one.kind.endswith("open"):
            yield f"{one.kind} with p = {over['p_wins']}"


def _share_ci(shown: tuple[str, ...], over: Json) -> Iterator[str]:
    """The interval of the share that the level ahead has."""
    bounds = over["win_rate_ci95"]
    if bounds and over["win_rate"] < 0.5:
        bounds = [1 - bounds[1], 1 - bounds[0]]
    if not all(prints(one, 100 * value) for one, value in zip(shown, bounds or (), strict=True)):
        yield f"wins: {shown} where the interval is {bounds}"


def told(facts: Facts, report: Report) -> Iterator[str]:
    """How many failed, in which cells, and the gap of the pairs that trained."""
    for one in report.all("failed", "lacking"):
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


def against_a_number(facts: Facts, report: Report) -> Iterator[str]:
    """The number that runs are compared with, how many failed, and the mean of the others."""
    for one in report.all("failed_of_runs"):
        if not prints(one.values["share"].removesuffix("%"), 100 * facts.failures[0]["failed_first"]):
            yield f"failed: {one.values['share']} where {facts.failures[0]['failed_first']} failed"
    for one in report.all("valued"):
        if not prints(one.values["gap"], facts.primary["estimate"]):
            yield f"valued: {one.values['gap']} where it is {facts.primary['estimate']}"
    for one in report.all("against"):
        if not prints(one.values["second"], facts.found["question"]["threshold"]):
            yield f"against {one.values['second']}, not {facts.found['question']['threshold']}"
