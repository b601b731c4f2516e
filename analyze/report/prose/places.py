"""Findings -> where the answer holds: the cells by what was decided of them. Reads decisions and makes none."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from analyze.findings import BY_WINS, AnovaRow, Cell, Decision, Findings
from analyze.report import selection
from analyze.report.subject import Subject, in_order
from analyze.report.words import naming
from analyze.report.words.amounts import name_cells
from analyze.report.words.catalogue import Catalogue

#: The order in which cells are named.
DECISIONS: tuple[Decision, ...] = ("first", "second", "equivalent", "identical", "undecided", "not_decidable")

#: Decisions for one of the two levels.
SIDES: tuple[Decision, ...] = ("first", "second")


def cells_by_decision(findings: Findings, subject: Subject) -> dict[Decision, list[Cell]]:
    """The cells of the headline's mode and scale, each under what was decided of it: a level, where one is ahead."""
    rows = [row for _, row in selection.simple_effects(findings)]
    return {
        decision: in_order((row.cell for row in rows if subject.side(row.decision) == decision), subject)
        for decision in DECISIONS
    }


def interactions(findings: Findings, subject: Subject) -> list[AnovaRow]:
    """Interactions with the primary factor that were shown, in the primary model."""
    rows = (row for _, row in selection.anova(findings))
    return [row for row in rows if row.decision == "differs" and subject.factor in row.effect]


def listed(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """Every cell by decision, in one sentence each."""
    won = findings.primary.rule in BY_WINS
    return sentences(cells_by_decision(findings, subject), subject, words, won=won)


def sentences(
    groups: Mapping[Decision, Sequence[Cell]], subject: Subject, words: Catalogue, *, won: bool = False
) -> Markup:
    """A sentence for each group that has cells; `won`: pairs won decide."""
    values = {"first": naming.level(subject.first), "second": naming.level(subject.second)}
    return words.sentences(
        [
            words("place.won", winner=values[decision], cells=name_cells(cells, words))
            if won and decision in SIDES
            else words(f"place.{decision}", cells=name_cells(cells, words), **values)
            for decision, cells in groups.items()
            if cells
        ]
    )


def where(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """What the correction over the cells took back, and what the gap differs with; nothing where no cell is needed.

    Nothing is said of intervals of gaps in cells that pairs won decide.
    """
    rows = [row for _, row in selection.simple_effects(findings)]
    failed = selection.failed_cells(findings)
    declared = findings.growth is not None and findings.growth.declared
    if len(rows) < 2 or declared or findings.primary.headline in ("no_answer", "identical"):
        return Markup("")
    parts = []
    by_gap = [row for row in rows if row.cell not in failed]
    lost = [row.cell for row in by_gap if row.decision == "undecided" and _excludes_zero(row.ci95)]
    if lost:
        tested = sum(getattr(row, selection.deciding(findings)) is not None for row in rows)
        parts.append(words("place.corrected", cells=name_cells(in_order(lost, subject), words), count=tested))
    flipped = [row.cell for row in by_gap if row.decision in SIDES and row.ci95 and not _excludes_zero(row.ci95)]
    if flipped:
        parts.append(words("place.by_flips", cells=name_cells(in_order(flipped, subject), words)))
    named = interactions(findings, subject)
    if named and findings.primary.rule not in (*LISTED, "equivalent_in_every_cell"):
        parts.append(words("answer.depends", effects=effects(named, subject, words)))
    return words.sentences(parts)


#: Rules whose sentence names the cells already.
LISTED = ("interaction",)


def effects(rows: Iterable[AnovaRow], subject: Subject, words: Catalogue) -> Markup:
    """Interactions without the primary factor: what the gap differs with."""
    return words.join([naming.effect([name for name in row.effect if name != subject.factor], words) for row in rows])


def _excludes_zero(bounds: tuple[float, float] | None) -> bool:
    return bounds is not None and (bounds[0] > 0 or bounds[1] < 0)
