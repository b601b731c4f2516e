"""What a report is about: the primary factor, its contrast and the cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from analyze.findings import Cell, Findings, Level


@dataclass(frozen=True)
class Subject:
    """The contrast `first` minus `second` of `factor`, the levels of every moderator, and the level of the tests."""

    factor: str
    first: Level
    second: Level
    others: tuple[Level, ...]
    moderators: dict[str, tuple[Level, ...]]
    alpha: float

    @property
    def levels(self) -> tuple[Level, ...]:
        """Levels of the primary factor, the contrast first: an order that fixes their colours."""
        return (self.first, self.second, *self.others)

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the moderators' levels, the last one fastest."""
        return [dict(zip(self.moderators, levels, strict=True)) for levels in product(*self.moderators.values())]


def subject_of(findings: Findings) -> Subject:
    """The question of the findings, with the levels of its factors."""
    question, factors = findings.question, findings.study.factors
    first, second = question.contrast
    alpha = findings.methods.get("alpha")
    return Subject(
        factor=question.factor,
        first=first,
        second=second,
        others=tuple(level for level in factors.get(question.factor, ()) if level not in question.contrast),
        moderators={name: factors[name] for name in question.moderators},
        alpha=alpha if isinstance(alpha, float) else 0.05,
    )


def cell_key(cell: Cell) -> frozenset[tuple[str, Level]]:
    """A cell as a dictionary's key, whatever the order of its factors."""
    return frozenset(cell.items())


def in_order(cells: Iterable[Cell], subject: Subject) -> list[Cell]:
    """Cells without repetition, those of the design first and in its order, others as they come."""
    found = {cell_key(cell): cell for cell in cells}
    designed = {cell_key(cell): cell for cell in subject.cells if cell_key(cell) in found}
    return list((designed | found).values())
