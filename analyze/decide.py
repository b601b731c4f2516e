"""Findings -> one decision that a program can act on: better, worse, equivalent, or that it cannot be said.

It is the decision of the mean over cells by an interval that holds at every look, so that it may be asked after each
new seed; what as many seeds fixed in advance would decide stands beside it where it is another. `better` means that the
first level of the contrast is better than the second. What is expected is held against this decision and the interval
at twice alpha.
"""

import math
from typing import Literal

from scipy import stats

from analyze.errors import UsageError
from analyze.findings import Decision, Findings, Interval, Level, Row, SequentialRow
from analyze.report.subject import subject_of
from analyze.report.words import display
from analyze.report.words.display import NO_BREAK

Outcome = Literal["better", "worse", "higher", "lower", "equivalent", "identical", "undecided", "not_decidable"]
Expected = Literal["better", "equivalent", "not-worse"]

#: Exit codes of `analyze decide`: what is expected holds, does not hold, or cannot be said.
HOLDS, FAILS, OPEN = 0, 1, 4


class Decided(Row):
    """A decision with what it rests on; the interval is the one at `level`, of which twice alpha is left out.

    `deciding_interval` leaves out alpha and tells the levels apart at every look; null where no look is taken.

    `fixed` is what as many seeds would decide if their number was fixed in advance; `at_every_look` says whether
    decision and interval hold at every look, or are those of `fixed`, as where pairs won decide. `folds` is the k of
    the cross-validation whose folds the seeds are, which no look may be taken at. Where pairs won decide, `win_rate` is
    the share that the first level won, a tie counting half, with Clopper-Pearson's interval where it is of one cell
    without ties, and the sign-flip p; estimate and its intervals are then null, being of the runs with a value alone.
    """

    decision: Outcome
    fixed: Outcome
    at_every_look: bool
    contrast: tuple[Level, Level]
    response: str
    better: Literal["higher", "lower", "neither"]
    scale: Literal["raw", "log", "logit"]
    unit: str
    estimate: float | None
    ci95: Interval | None
    interval: Interval | None
    deciding_interval: Interval | None
    level: float
    margin: float | None
    win_rate: float | None = None
    win_rate_ci95: Interval | None = None
    p_wins: float | None = None
    n_seeds: int
    folds: int | None = None
    seeds_to_decide: int | None
    depends_on: tuple[str, ...]
    expect: Expected | None = None
    holds: bool | None = None

    @property
    def exit_code(self) -> int:
        """Whether what is expected holds; where nothing is, whether anything is decided."""
        if self.expect is None:
            return OPEN if self.decision in ("undecided", "not_decidable") else HOLDS
        return OPEN if self.holds is None else HOLDS if self.holds else FAILS


def decide(findings: Findings, expect: Expected | None = None) -> Decided:
    """What is decided, and whether that is what is expected.

    Raises:
        UsageError: what is expected needs a direction or a margin, and none was declared; or no two levels are.
    """
    if findings.primary.contrast is None:
        raise UsageError(f"analyze decide compares two levels of {findings.question.factor}; add --contrast A B")
    primary, response, alpha = findings.primary, findings.question.response, subject_of(findings).alpha
    margin = primary.equivalence.margin
    if expect and expect != "equivalent" and response.better == "neither":
        raise UsageError(f"--expect {expect} needs to know which way {response.name} is better, and neither is")
    if expect and expect != "better" and margin is None:
        raise UsageError(f"--expect {expect} needs a margin, and none is declared; add --margin")
    look = _look(findings)
    fixed = _outcome(primary.fixed or primary.decision, findings)
    decided = Decided(
        decision=_outcome(primary.anytime or look.decision, findings) if look else fixed,
        fixed=fixed,
        at_every_look=look is not None,
        contrast=primary.contrast,
        response=response.name,
        better=response.better,
        scale=response.scale,
        unit=primary.unit,
        estimate=look.gap if look else primary.estimate,
        ci95=primary.ci95,
        interval=look.inner_interval if look else _interval(primary.ci90, primary.df, alpha),
        deciding_interval=look.interval if look else None,
        level=1 - 2 * (look.level if look else alpha),
        margin=margin,
        n_seeds=look.n if look else primary.n_seeds,
        folds=findings.question.folds,
        seeds_to_decide=primary.seeds_to_decide,
        depends_on=primary.depends_on,
    )
    decided = decided.model_copy(update=_by_wins(findings))
    return decided.model_copy(update={"expect": expect, "holds": expect and _holds(decided, expect)})


def _by_wins(findings: Findings) -> dict[str, object]:
    """What a decision by pairs won rests on, in place of the gap; nothing where the gap decides."""
    if not findings.failures:
        return {}
    over = findings.failures[0]
    untied = None if over.ties else over.win_rate_ci95
    shares = {"win_rate": over.win_rate, "win_rate_ci95": untied, "p_wins": over.p_wins}
    return shares | dict.fromkeys(("estimate", "ci95", "interval", "deciding_interval")) | {"n_seeds": over.n_seeds}


def _look(findings: Findings) -> SequentialRow | None:
    """The mean over cells at the last look; None where there is none that decides anything."""
    if findings.failures or findings.primary.fixed in (None, "not_decidable"):
        return None
    return next((row for row in reversed(findings.sequential) if row.cell is None), None)


def _outcome(decision: Decision, findings: Findings) -> Outcome:
    better = findings.question.response.better
    if decision in ("first", "second"):
        higher = decision == "first"
        if better == "neither":
            return "higher" if higher else "lower"
        return "better" if higher == (better == "higher") else "worse"
    words: dict[str, Outcome] = {"equivalent": "equivalent", "identical": "identical", "undecided": "undecided"}
    return words.get(decision, "not_decidable")


def _interval(ci90: Interval | None, df: float | None, alpha: float) -> Interval | None:
    """The t interval that leaves out alpha on each side, from the one that leaves out .05."""
    if ci90 is None or df is None:
        return ci90
    middle, half = (ci90[0] + ci90[1]) / 2, (ci90[1] - ci90[0]) / 2
    half *= float(stats.t.ppf(1 - alpha, df) / stats.t.ppf(0.95, df))
    return middle - half, middle + half


def _holds(found: Decided, expect: Expected) -> bool | None:
    """Whether this holds; None where it cannot be said."""
    if found.decision == "not_decidable":
        return None
    if expect == "better":
        return None if found.decision == "undecided" else found.decision == "better"
    if found.decision == "identical" or (expect == "equivalent" and found.decision == "equivalent"):
        return True
    if found.interval is None or found.margin is None:
        return None
    return (_equivalent if expect == "equivalent" else _not_worse)(found, found.interval, found.margin)


def _equivalent(found: Decided, bounds: Interval, margin: float) -> bool | None:
    if found.decision != "undecided" and -margin < bounds[0] and bounds[1] < margin:
        return True
    return False if bounds[0] > margin or bounds[1] < -margin else None


def _not_worse(found: Decided, bounds: Interval, margin: float) -> bool | None:
    low, high = bounds if found.better == "higher" else (-bounds[1], -bounds[0])
    return True if low > -margin else False if high < -margin else None


def line(found: Decided) -> str:
    """The decision on one line: what, by how much, how sure, of how many seeds."""
    parts = _of_gap(found) if found.win_rate is None else _of_pairs(found)
    how = "at least {} are needed" if found.decision == "not_decidable" else "about {} would decide"
    needed = "" if found.seeds_to_decide is None else f" ({how.format(found.seeds_to_decide)})"
    unit = "seed" if found.folds is None else "fold"
    of = f" of {found.folds}" if found.folds and found.n_seeds < found.folds else ""
    parts.append(f"{found.n_seeds}{of} {unit}{'' if found.n_seeds == 1 and not of else 's'}{needed}")
    if found.depends_on:
        parts.append(f"depends on {' and '.join(found.depends_on)}")
    if found.fixed != found.decision:
        parts.append(f"{found.fixed.replace('_', ' ')} if the seeds were fixed in advance")
    if found.expect:
        said = {True: "holds", False: "does not hold", None: "cannot be said"}[found.holds]
        parts.append(f"{found.expect} {said}")
    return f"{found.decision.replace('_', ' ')}: {', '.join(parts)}"


def _of_pairs(found: Decided) -> list[str]:
    """The share of pairs that the first level won, of one cell its interval, and the p."""
    first, second = found.contrast
    parts = [f"{first} ahead of {second} in {display.plain(display.share(found.win_rate))} of pairs"]
    if found.win_rate_ci95:
        parts.append(f"95% CI {display.plain(display.share_interval(found.win_rate_ci95))}")
    if found.p_wins is not None:
        parts.append(f"sign-flip {display.plain(display.p_equals(found.p_wins)).replace(NO_BREAK, ' ')}")
    return parts


def _of_gap(found: Decided) -> list[str]:
    """The gap with the interval that decides it."""
    first, second = found.contrast
    ratio = found.scale == "log"
    parts = [f"{first} {'/' if ratio else display.MINUS} {second} {gap(found.estimate, found.unit, found.scale)}"]
    looks = " at every look" if found.at_every_look else ""
    if found.decision == "equivalent" and found.interval and found.margin is not None:
        margin = gap(found.margin, found.unit, found.scale).lstrip("+")
        within = f"within {'a factor of ' if ratio else '±'}{margin}"
        parts.append(f"{100 * found.level:g}% CI{looks} {interval(found.interval, found.unit, found.scale)} {within}")
    elif found.at_every_look:
        bounds = found.deciding_interval and interval(found.deciding_interval, found.unit, found.scale)
        parts.append(f"{50 * (1 + found.level):g}% CI{looks} {bounds or 'without an end yet'}")
    elif found.ci95:
        parts.append(f"95% CI {interval(found.ci95, found.unit, found.scale)}")
    return parts


def gap(value: float | None, unit: str, scale: str) -> str:
    """A gap with its sign and unit; on the log scale the ratio that it is."""
    if value is None:
        return "unknown"
    if scale == "log":
        return display.plain(display.significant(math.exp(value)))
    if unit == "pp":
        return f"{display.plain(display.points(value, signed=True))} pp"
    shown = display.plain(display.significant(value))
    return f"{'+' if value > 0 else ''}{shown} {unit}".strip()


def interval(bounds: Interval, unit: str, scale: str) -> str:
    """Its bounds, as `gap` has them."""
    if scale == "log":
        return display.plain(display.significant_interval((math.exp(bounds[0]), math.exp(bounds[1]))))
    return display.plain(display.interval(bounds) if unit == "pp" else display.significant_interval(bounds))
