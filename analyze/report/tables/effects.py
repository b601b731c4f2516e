"""Tables of effects: the model, the headline without each level, the cells, and the other levels."""

from dataclasses import replace

from markupsafe import Markup

from analyze.findings import AnovaRow, BnMode, Cell, CellSummary, Findings, LeaveOneOutRow, SimpleEffect
from analyze.report import selection
from analyze.report.subject import cell_key, in_order, subject_of
from analyze.report.tables.table import MOST_ROWS, Column, Table, mode_column, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def anova(findings: Findings, words: Catalogue) -> Table | None:
    """The analysis of variance in the primary mode, on the raw scale."""
    return tabulate("anova", selection.anova(findings), _anova_columns(words), findings, words, section="anova")


def anova_others(findings: Findings, words: Catalogue) -> Table | None:
    """Effects of the primary factor on the other scale and in the other mode."""
    factor, shown = subject_of(findings).factor, {i for i, _ in selection.anova(findings)}
    rows = [(i, r) for i, r in enumerate(findings.anova) if i not in shown and factor in r.effect]
    columns = [
        *mode_column(findings, words),
        Column[AnovaRow]("scale", lambda r: words.name("scale", r.scale), numeric=False),
        *_anova_columns(words),
    ]
    return tabulate("anova_others", rows, columns, findings, words, section="anova")


def leave_one_out(findings: Findings, words: Catalogue) -> Table | None:
    """The headline without one level of a moderator."""
    columns: list[Column[LeaveOneOutRow]] = [
        Column("moderator", lambda r: naming.cell({r.moderator: r.level}, words), numeric=False),
        Column("gap", lambda r: display.points(r.estimate, signed=True)),
        Column("ci", lambda r: display.interval(r.ci95)),
        Column("p_t", lambda r: display.p_value(r.p_t)),
        Column("p_flip", lambda r: display.p_value(r.p_signflip)),
    ]
    rows = list(enumerate(findings.leave_one_out))
    return tabulate("leave", rows, columns, findings, words, section="leave_one_out")


def simple_effects(findings: Findings, words: Catalogue) -> Table | None:
    """The gap in every cell, in the primary mode, on the raw scale."""
    rows = selection.simple_effects(findings)
    columns = [_cell_column(words), *_effect_columns()]
    return tabulate("simple", rows, columns, findings, words, section="simple_effects")


def simple_effects_batch(findings: Findings, words: Catalogue) -> Table | None:
    """The gap in every cell in the other mode."""
    rows = selection.simple_effects(findings, other_modes=True)
    columns = [_cell_column(words), *_effect_columns()]
    return tabulate("simple_batch", rows, columns, findings, words, section="simple_effects")


def orderings(findings: Findings, words: Catalogue) -> Table | None:
    """Other levels of the primary factor against each level of the contrast."""
    columns = [
        Column[SimpleEffect]("contrast", lambda r: naming.contrast(*r.contrast), numeric=False),
        _cell_column(words),
        *mode_column(findings, words),
        *(one for one in _effect_columns() if one.head in {"gap", "ci", "d_z", "p_flip_holm", "p_tost_holm", "n"}),
    ]
    rows = [(i, r) for i, r in enumerate(findings.orderings) if r.scale == "raw"]
    return tabulate("orderings", rows, columns, findings, words, section="orderings")


def cells(findings: Findings, words: Catalogue) -> Table | None:
    """Mean final accuracy of each level in each cell, with the spread between seeds, in both modes."""
    subject = subject_of(findings)
    found = {(cell_key(row.cell), row.bn_mode, row.level): row for row in findings.cells}
    rows = list(enumerate((c, m) for c in in_order((r.cell for r in findings.cells), subject) for m in MODES))
    rows = [(i, (c, m)) for i, (c, m) in rows if any((cell_key(c), m, one) in found for one in subject.levels)]
    several = len(findings.study.modes) > 1
    columns: list[Column[tuple[Cell, BnMode]]] = [
        Column("cell", lambda r: naming.cell(r[0], words), numeric=False),
        *([Column[tuple[Cell, BnMode]]("mode", lambda r: words.name("mode", r[1]), numeric=False)] if several else []),
    ]
    table = tabulate("cells", rows, columns, findings, words)
    if table is None:
        return None
    filled = [[found.get((cell_key(c), m, level)) for level in subject.levels] for _, (c, m) in rows[:MOST_ROWS]]
    return replace(
        table,
        heads=(*table.heads, *(naming.level(level) for level in subject.levels)),
        rows=tuple((*head, *map(_mean_and_sd, line)) for head, line in zip(table.rows, filled, strict=True)),
        numeric=(*table.numeric, *(True for _ in subject.levels)),
    )


MODES: tuple[BnMode, ...] = ("running", "batch")


def _mean_and_sd(row: CellSummary | None) -> Markup:
    """A mean with its standard deviation in brackets."""
    if row is None:
        return display.MISSING
    return Markup('<span class="stat">{} ({})</span>').format(display.points(row.accuracy), display.points(row.sd))


def _anova_columns(words: Catalogue) -> list[Column[AnovaRow]]:
    return [
        Column("effect", lambda r: naming.effect(r.effect, words), numeric=False),
        Column("df", lambda r: Markup("{}, {}").format(display.count(r.df_num), display.count(r.df_den))),
        Column("F", lambda r: display.decimal(r.F)),
        Column("p_flip", lambda r: display.p_value(r.p_signflip)),
        Column("p_holm", lambda r: display.p_value(r.p_holm)),
        Column("p_gg", lambda r: display.p_value(r.p_gg)),
        Column("epsilon", lambda r: display.bounded(r.epsilon_gg)),
        Column("eta", lambda r: display.bounded(r.partial_eta_sq)),
        Column("eta_ci", lambda r: display.bounded_interval(r.partial_eta_sq_ci90)),
        Column("n", lambda r: display.count(r.n_seeds)),
    ]


def _cell_column(words: Catalogue) -> Column[SimpleEffect]:
    return Column("cell", lambda r: naming.cell(r.cell, words), numeric=False)


def _effect_columns() -> list[Column[SimpleEffect]]:
    return [
        Column("gap", lambda r: display.points(r.gap, signed=True)),
        Column("ci", lambda r: display.interval(r.ci95)),
        Column("sd", lambda r: display.points(r.sd)),
        Column("d_z", lambda r: display.decimal(r.d_z)),
        Column("p_t_holm", lambda r: display.p_value(r.p_t_holm)),
        Column("p_flip_holm", lambda r: display.p_value(r.p_signflip_holm)),
        Column("p_wilcoxon", lambda r: display.p_value(r.p_wilcoxon)),
        Column("p_tost_holm", lambda r: display.p_value(r.p_tost_holm)),
        Column("bf", lambda r: display.bayes_factor(r.bf10)),
        Column("r", lambda r: display.bounded(r.pair_correlation, 2)),
        Column("n", lambda r: display.count(r.n)),
    ]
