"""What a report is about: the primary factor, its contrast and the cells, read from Findings in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from analyze.findings import Cell, Findings, Level


@dataclass(frozen=True)
class Subject:
    """The contrast `first` minus `second` of `factor`, the levels of every moderator, and the level of the tests."""

    factor: str
    first: str
    second: str
    others: tuple[str, ...]
    moderators: dict[str, tuple[Level, ...]]
    alpha: float

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the primary factor, the contrast first: an order that fixes their colours."""
        return (self.first, self.second, *self.others)

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the moderators' levels, the last one fastest."""
        return [dict(zip(self.moderators, levels, strict=True)) for levels in product(*self.moderators.values())]


def subject_of(findings: Findings) -> Subject:
    """Read the contrast "A - B" of the primary result; its factor is the one that has both levels."""
    first, second = split_contrast(findings.primary.contrast)
    factors = findings.study.factors
    factor = next(
        (name for name, levels in factors.items() if {first, second} <= {str(level) for level in levels}),
        "ordering",
    )
    others = tuple(str(level) for level in factors.get(factor, ()) if str(level) not in {first, second})
    alpha = findings.methods.get("alpha")
    return Subject(
        factor=factor,
        first=first,
        second=second,
        others=others,
        moderators={name: levels for name, levels in factors.items() if name != factor},
        alpha=alpha if isinstance(alpha, float) else 0.05,
    )


def split_contrast(contrast: str) -> tuple[str, str]:
    """The two levels of "A - B"."""
    first, _, second = contrast.partition(" - ")
    return first, second


def cell_key(cell: Cell) -> tuple[tuple[str, str], ...]:
    """A cell as a dictionary's key, whatever the order of its factors."""
    return tuple(sorted((name, str(level)) for name, level in cell.items()))


def in_order(cells: Iterable[Cell], subject: Subject) -> list[Cell]:
    """Cells without repetition, those of the design first and in its order, others as they come."""
    found = {cell_key(cell): cell for cell in cells}
    designed = {cell_key(cell): cell for cell in subject.cells if cell_key(cell) in found}
    return list((designed | found).values())
