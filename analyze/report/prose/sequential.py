"""Findings -> what is said of seeds that were added until the cells were settled, declared before the data or not."""

from collections.abc import Sequence

from markupsafe import Markup

from analyze.findings import Findings, Growth, SequentialRow
from analyze.report import selection
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import gap, interval, name_cells
from analyze.report.words.catalogue import Catalogue


def mean_of_last_look(findings: Findings) -> SequentialRow | None:
    """The mean over cells as the last look has it; None before the first."""
    return next((row for row in reversed(findings.sequential) if row.cell is None), None)


def covering(row: SequentialRow | None, words: Catalogue, *, inner: bool = False) -> Markup:
    """An interval that holds at every look, or that it has no end yet; `inner` is the one of equivalence."""
    bounds = row and (row.inner_interval if inner else row.interval)
    return words("settled.interval", interval=interval(bounds, words)) if bounds else words("settled.no_interval")


def how(findings: Findings, words: Catalogue) -> Markup:
    """By which rule the answer came about; nothing where no growth was declared."""
    growth = findings.growth
    if growth is None or not growth.declared:
        return Markup("")
    numbers = _numbers(growth)
    members = 1 if len(subject_of(findings).cells) == 1 else len(subject_of(findings).cells) + 1
    alpha = display.bounded(subject_of(findings).alpha, 2)
    shared = words("settled.shared" if members > 1 else "settled.alone", count=display.count(members), alpha=alpha)
    rule = [words(f"settled.{growth.boundary}"), words("settled.skewed")]
    return words.sentences([words("settled.how", **numbers), *rule, shared])


def sequential(findings: Findings, words: Catalogue) -> list[Markup]:
    """How far the looks went, what they saved, and what to make of a gap that stopped them early."""
    growth = findings.growth
    if growth is None or not growth.declared:
        return []
    if not findings.sequential:
        return [words("settled.no_look", **_numbers(growth))]
    looks = len({row.look for row in findings.sequential})
    seeds = display.count(findings.sequential[-1].look)
    parts = [
        words("settled.looks", looks=display.count(looks), seeds=seeds),
        words("settled.saved", **_numbers(growth)),
        words("settled.biased") if _ahead_early(findings.sequential, growth) else Markup(""),
    ]
    return [words.sentences(parts), words("settled.elsewhere", **_numbers(growth))]


def _ahead_early(rows: Sequence[SequentialRow], growth: Growth) -> bool:
    """Whether a cell stopped before the most seeds because one level was ahead."""
    cells = [row for row in rows if row.cell is not None and row.n < growth.most]
    return any(row.decision in ("first", "second") for row in cells)


def extended(findings: Findings, words: Catalogue) -> Markup:
    """What the interval that holds at every look says of a study that was extended without having declared it."""
    mean = mean_of_last_look(findings)
    if not findings.study.extended or findings.growth is None or findings.growth.declared or mean is None:
        return Markup("")
    of_mean = words(
        "settled.undeclared_open" if mean.decision == "undecided" else "settled.undeclared_decided",
        gap=gap(mean.gap, words),
        interval=covering(mean, words),
        inner=covering(mean, words, inner=True),
        decided=decided(mean, findings, words),
    )
    rows = [row for _, row in selection.simple_effects(findings) if row.cell and row.anytime == "undecided"]
    by_tests = [row.cell for row in rows if row.decision in ("first", "second", "equivalent")]
    of_cells = words("settled.undeclared_cells", cells=name_cells(by_tests, words)) if by_tests else Markup("")
    return words.sentences([of_mean, of_cells])


def decided(row: SequentialRow, findings: Findings, words: Catalogue) -> Markup:
    """Which level is ahead, by its name, or what else is decided."""
    subject = subject_of(findings)
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    ahead = subject.first if subject.side(row.decision) == "first" else subject.second
    return words("decided.ahead_within_margin" if row.trivial else "decided.ahead", level=naming.level(ahead))


def _numbers(growth: Growth) -> dict[str, Markup]:
    """The numbers of what was declared and taken."""
    names = ("first", "batch", "most", "pairs", "pairs_of_all")
    return {name: display.count(getattr(growth, name)) for name in names}
