"""The answer, its evidence and its numbers."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import (
    Facts,
    Json,
    at,
    ends,
    outside,
    prints,
    prints_interval,
    prints_p,
    same_cells,
)
from tests.analyze.reading import Report, Said

#: What each headline says: the answer, the rule, and the interval that has to stand beside it.
HEADLINES = {
    "no_pair": ("no_answer", "no_pair"),
    "one_seed": ("no_answer", "too_few_seeds"),
    "too_few_seeds": ("no_answer", "too_few_seeds"),
    "too_few_unpaired": ("no_answer", "too_few_seeds"),
    "identical": ("identical", "identical"),
    "no_in_every_cell": ("no", "equivalent_in_every_cell"),
    "yes_in_every_cell": ("yes", "same_side_in_every_cell"),
    "depends_unsettled": ("depends", "interaction"),
    "depends": ("depends", "interaction"),
    "depends_in_size": ("depends", "interaction"),
    "yes_trivial": ("yes_trivial", "both_tests"),
    "yes": ("yes", "both_tests"),
    "cells_differ": ("depends", "cells_differ"),
    "no": ("no", "equivalent_on_average"),
    "tests_disagree": ("undecided", "tests_disagree"),
    "undecided": ("undecided", "nothing_shown"),
    "undecided_no_margin": ("undecided", "nothing_shown"),
    "wins": ("yes", "wins"),
    "wins_open": ("undecided", "wins_open"),
    "wins_unlike": ("depends", "wins_unlike"),
    "a_levels_none": ("no_answer", "levels_none"),
    "a_levels_few": ("no_answer", "levels_few"),
    "a_levels_depend": ("depends", "levels_depend"),
    "a_levels_identical": ("identical", "levels_identical"),
    "a_levels_trivial": ("yes_trivial", "levels_trivial"),
    "a_levels_differ": ("yes", "levels_differ"),
    "a_levels_alike": ("no", "levels_alike"),
    "a_levels_open": ("undecided", "levels_open"),
    "a_levels_open_no_margin": ("undecided", "levels_open"),
    "settled_unlike": ("depends", "settled_unlike"),
    "settled_equal": ("no", "settled_equal"),
    "settled_ahead": ("yes", "settled_ahead"),
    "settled_ahead_trivial": ("yes_trivial", "settled_ahead"),
    "settled_open": ("undecided", "settled_open"),
}


def headline(facts: Facts, report: Report) -> Iterator[str]:
    """One answer, that of the findings, with its numbers, its side and what it is over."""
    primary, said = facts.primary, report.all(*HEADLINES)
    if len(said) != 1 or HEADLINES[said[0].kind] != (primary["headline"], primary["rule"]):
        yield f"{[one.kind for one in said]} where the findings have {primary['headline']} by {primary['rule']}"
        return
    for one in [*said, *report.all("mean_inside", "mean")]:
        yield from _numbers(one, facts)
        yield from _side(one, facts)
        yield from _inside(one, facts)
    named = {name for names in said[0].values.get("factors", ()) for name in names}
    if "factors" in said[0].values and named != set(primary["depends_on"]):
        yield f"depends on {sorted(named)} where the findings have {primary['depends_on']}"


def _numbers(one: Said, facts: Facts) -> Iterator[str]:
    primary, values = facts.primary, one.values
    if "gap" in values and not prints(values["gap"], primary["estimate"]):
        yield f"{one.kind}: gap {values['gap']} where it is {primary['estimate']}"
    if "ci" in values and not prints_interval(values["ci"], primary):
        yield f"{one.kind}: {values['ci']} where it is {primary['ci95']}, {primary['ci90']}"
    if values.get("contrast", facts.contrast) != facts.contrast:
        yield f"{one.kind}: contrast {values['contrast']}"


def _side(one: Said, facts: Facts) -> Iterator[str]:
    if "winner" in one.values:
        ahead, primary = one.values["winner"], facts.primary
        if ahead != facts.leader[0] or (one.kind != "wins_open" and ahead != facts.level(primary["decision"])):
            yield f"{one.kind}: {ahead} ahead with a gap of {primary['estimate']}, {primary['decision']} is decided"


def _inside(one: Said, facts: Facts) -> Iterator[str]:
    """Whether what is said to be inside the margin is, by the 90 % interval."""
    if one.kind == "undecided" or not {"margin", "ci"} <= set(one.values):
        return
    low, high = ends(one.values["ci"]) or (facts.primary["estimate"],) * 2
    if not -facts.margin - 0.005 <= low <= high <= facts.margin + 0.005:
        yield f"{one.kind}: {one.values['ci']} is not inside {one.values['margin']}"
    if one.values["ci"] and not one.values["ci"].startswith("90"):
        yield f"{one.kind}: equivalence with a {one.values['ci']}"


def left_out(facts: Facts, report: Report) -> Iterator[str]:
    """Cells that the mean leaves out are named before it, and nothing is then said of all cells."""
    named = [cell for one in report.all("without") for cell in one.values["cells"]]
    if facts.primary["rule"] != "no_pair" and not same_cells(named, facts.left_out):
        yield f"left out are {sorted(facts.left_out)}, named {named}"
    every = "every other" if facts.left_out else "every"
    left = len(facts.planned - facts.left_out)
    over = ("others" if left > 1 else "other") if facts.left_out else "all" if left > 1 else "one"
    for one in report.all(*HEADLINES, "mean_inside"):
        if one.values.get("over", over) != over or one.values.get("every_cell", every) != every:
            yield f"{one.kind}: over {one.values.get('over')} where {sorted(facts.left_out)} are left out"


def too_few_seeds(facts: Facts, report: Report) -> Iterator[str]:
    """Below six seeds nothing is decided, and nothing is said not to be shown."""
    if len(facts.found["study"]["seeds"]) >= 6 or facts.question["folds"] is not None:
        return
    for one in report.said:
        if one.kind in OPEN or one.values.get("pace") == "undecided":
            yield f"{one.kind} with {len(facts.found['study']['seeds'])} seeds"
    if report.why:
        yield f"claims are judged: {report.why}"


#: What may be said from six seeds on only: that something is shown, or is not.
OPEN = (
    "wins",
    "wins_open",
    "wins_unlike",
    "yes",
    "no",
    "undecided",
    "undecided_no_margin",
    "tests_disagree",
    "depends",
    "depends_in_size",
    "ahead",
    "won_in",
    "undecided_cells",
    "equivalent_cells",
)
OPEN += ("detected", "not_detected", "spread_in", "spread_nowhere", "spread", "no_spread", "probe_more", "probe_less")
OPEN += ("probes_none", "r_better", "r_undecided", "r_undecided_margin", "r_better_in", "r_undecided_in")
OPEN += ("r_undecided_in_margin", "r_equivalent", "r_equivalent_in", "pace_open_in", "faster_in", "slower_in")


def evidence(facts: Facts, report: Report) -> Iterator[str]:
    """The p beside the answer are its own."""
    primary = facts.primary
    for one in report.all("tests", "tests_one", "too_few_seeds"):
        yield from _t_test(one, primary)
        if "p" in one.values and not prints_p(one.values["p"], primary["p_signflip"]):
            yield f"sign-flip {one.values['p']} where it is {primary['p_signflip']}"
        if one.kind != "too_few_seeds" and (one.kind == "tests") != (len(facts.planned) > 1):
            yield f"{one.kind} of {len(facts.planned)} cells"
    if report.all("undecided_no_margin", "undecided") and (facts.margin is None) != bool(
        report.all("undecided_no_margin")
    ):
        yield f"{report.all('undecided_no_margin', 'undecided')} with a margin of {facts.margin}"
    for one in report.all("equivalence"):
        bounds = ends(one.values["ci"])
        inside = bounds is not None and -facts.margin < bounds[0] <= bounds[1] < facts.margin
        near = bounds is None or min(abs(abs(end) - facts.margin) for end in bounds) < 0.006
        if at(primary["equivalence"]["p"]) != inside and not near:
            yield f"equivalence {one.values['p']} beside {one.values['ci']}"
        if not prints_p(one.values["p"], primary["equivalence"]["p"]):
            yield f"equivalence {one.values['p']} where it is {primary['equivalence']['p']}"


#: Whether both tests of the mean have to reach .05 for an answer.
BOTH = {"yes": True, "yes_trivial": True, "undecided": False, "no": False, "cells_differ": False}
BOTH |= {"undecided_no_margin": False}


def of_folds(facts: Facts, report: Report) -> Iterator[str]:
    """That runs are folds is said with their number, beside each test that they correct; and of nothing else."""
    folds = facts.question["folds"]
    told = [one.values["count"] for one in report.all("folds", "folds_compared")]
    if told != ([str(folds)] * (2 if report.all("tests", "tests_one") else 1) if folds else []):
        yield f"folds {told} where they are {folds}"
    for one in report.all("folds"):
        if not prints(one.values["low"], 1 / (folds - 1)):
            yield f"a test part of {one.values['low']} of its training part, with {folds} folds"
    few = [(one.values["number"], one.values["count"]) for one in report.all("few_folds")]
    answered, n = facts.primary["headline"] not in ("no_answer", "identical"), facts.primary["n_seeds"]
    if few != ([(str(n), str(folds))] if folds and answered and n < folds else []):
        yield f"{few} folds are complete where {n} are of {folds}"
    told = [{name for names in one.values["factors"] for name in names} for one in report.all("untested_over_folds")]
    untested = folds and answered and facts.question["moderators"] and not facts.primary["depends_on"]
    if told != ([{*facts.question["moderators"]}] if untested else []):
        yield f"{told} are not tested over folds"
    flips = [
        row for row in facts.found["simple_effects"] if row["p_signflip"] is not None or row["p_max_t"] is not None
    ]
    if folds and (flips or facts.primary["p_signflip"] is not None or report.all("detected", "not_detected")):
        yield "a test by flips over folds"


def tests(facts: Facts, report: Report) -> Iterator[str]:
    """Both tests lie on the sides of .05 that the answer needs."""
    primary = facts.primary
    flipped = at(primary["p_signflip" if facts.question["folds"] is None else "p_t"])
    t = flipped if primary["p_t"] is None else at(primary["p_t"])
    for one in report.all(*BOTH):
        if (flipped and t) != BOTH[one.kind]:
            yield f"{one.kind} with p = {primary['p_t']} and {primary['p_signflip']}"
        if one.kind == "yes" and primary["ci95"] and not outside(primary["ci95"]):
            yield f"yes beside {one.values['ci']}"
    if report.all("tests_disagree") and flipped == t:
        yield f"the tests disagree with p = {primary['p_t']} and {primary['p_signflip']}"


def _t_test(one: Said, row: Json) -> Iterator[str]:
    numbers = one.values["t_test"]
    if (row["t"] is None) != (not numbers):
        yield f"t test {numbers} where it is {row['t']}"
    elif numbers and not (prints(numbers[1], row["t"]) and prints(numbers[0], row["df"])):
        yield f"t {numbers} where it is t({row['df']}) = {row['t']}"
