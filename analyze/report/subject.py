"""What a report is about: the primary factor, its contrast and the cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from analyze.findings import Better, Cell, Decision, Findings, Level
from analyze.report.words.catalogue import Catalogue
from collect import schema

#: Columns of the collector that have names in the catalogues.
NAMED = tuple(column.name for column in schema.FACTORS + schema.DATASET + schema.RECIPE)


@dataclass(frozen=True)
class Subject:
    """The contrast `first` minus `second` of `factor`, the levels of every moderator, and the level of the tests.

    `better` says which values of the response are; where neither are, the larger ones stand for them. Where no contrast
    is `declared` it is of the first two levels, and says nothing.
    """

    factor: str
    first: Level
    second: Level
    others: tuple[Level, ...]
    moderators: dict[str, tuple[Level, ...]]
    alpha: float
    better: Better = "higher"
    declared: bool = True

    @property
    def levels(self) -> tuple[Level, ...]:
        """Levels of the primary factor, the contrast first: an order that fixes their colours."""
        return (self.first, self.second, *self.others)

    def side(self, decision: Decision) -> Decision:
        """Which level is ahead by a decision, which says what level has the larger value; others stay as they are."""
        turned: dict[Decision, Decision] = {"first": "second", "second": "first"}
        return turned.get(decision, decision) if self.better == "lower" else decision

    def ahead(self, gap: float | None) -> tuple[Level, Level]:
        """The level that is ahead by a gap, and the other one; the first where they are equal."""
        turned = -(gap or 0.0) if self.better == "lower" else gap or 0.0
        return (self.first, self.second) if turned >= 0 else (self.second, self.first)

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the moderators' levels, the last one fastest."""
        return [dict(zip(self.moderators, levels, strict=True)) for levels in product(*self.moderators.values())]

    def without(self, left_out: Iterable[Cell]) -> list[Cell]:
        """The cells that a mean is over, which leaves these out."""
        keys = {cell_key(cell) for cell in left_out}
        return [cell for cell in self.cells if cell_key(cell) not in keys]


def subject_of(findings: Findings) -> Subject:
    """The question of the findings, with the levels of its factors."""
    question, factors = findings.question, findings.study.factors
    named = question.contrast or factors[question.factor][:2]
    first, second = named
    alpha = findings.methods.get("alpha")
    return Subject(
        factor=question.factor,
        first=first,
        second=second,
        others=tuple(level for level in factors.get(question.factor, ()) if level not in named),
        moderators={name: factors[name] for name in question.moderators},
        alpha=alpha if isinstance(alpha, float) else 0.05,
        better=question.response.better,
        declared=question.contrast is not None,
    )


def leader(findings: Findings) -> tuple[Level, Level]:
    """The level that is ahead, and the other: by the pairs won where a run failed, else by the mean."""
    subject = subject_of(findings)
    if findings.failures:
        won = findings.failures[0].win_rate or 0.0
        return (subject.first, subject.second) if won >= 0.5 else (subject.second, subject.first)
    return subject.ahead(findings.primary.estimate)


def about(findings: Findings, words: Catalogue) -> Catalogue:
    """The words that speak of what was compared, in a study of the collector's or in a table of somebody's own.

    Factors and settings of a table that was not collected here keep their names.
    """
    question, own = findings.question, not findings.study.columns
    kept = words.without_names(NAMED) if own else words
    against = question.threshold is not None
    folds = question.folds is not None
    one_cell = not question.moderators
    return kept.about(
        question.response, own=own, one_cell=one_cell, paired=question.paired, threshold=against, folds=folds
    )


def better_level(decision: Decision, better: Better, subject: Subject) -> Level | None:
    """The level that is shown to do better, or None; `first` and `second` say which has the larger value."""
    if decision not in ("first", "second"):
        return None
    return subject.first if (decision == "first") == (better == "higher") else subject.second


def cell_key(cell: Cell) -> frozenset[tuple[str, Level]]:
    """A cell as a dictionary's key, whatever the order of its factors."""
    return frozenset(cell.items())


def in_order(cells: Iterable[Cell], subject: Subject) -> list[Cell]:
    """Cells without repetition, those of the design first and in its order, others as they come."""
    found = {cell_key(cell): cell for cell in cells}
    designed = {cell_key(cell): cell for cell in subject.cells if cell_key(cell) in found}
    return list((designed | found).values())
