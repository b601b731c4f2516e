"""Tables of effects: the model, the headline without each level, the cells, and the other levels."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from markupsafe import Markup

from analyze.findings import AnovaRow, BnMode, Cell, CellSummary, Findings, LeaveOneOutRow, Level, SimpleEffect
from analyze.report import selection
from analyze.report.subject import cell_key, in_order, subject_of
from analyze.report.tables.table import Column, Table, mode_column, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, contrast, equivalence_interval, interval, number, spread
from analyze.report.words.catalogue import Catalogue


def anova(findings: Findings, words: Catalogue) -> Table | None:
    """The analysis of variance in the mode and on the scale of the headline."""
    rows = selection.anova(findings)
    table = tabulate("anova", rows, anova_columns(words), findings, words, section="anova")
    if table is None or not any(_eta_outside(row) for _, row in rows):
        return table
    return replace(table, note=words.sentences([table.note, words("table.eta_above")]))


def _eta_outside(row: AnovaRow) -> bool:
    """Whether the estimate, of the sample, lies outside of the interval, for the population."""
    if row.partial_eta_sq is None or row.partial_eta_sq_ci90 is None:
        return False
    low, high = row.partial_eta_sq_ci90
    return not low <= row.partial_eta_sq <= high


def anova_others(findings: Findings, words: Catalogue) -> Table | None:
    """Effects of the primary factor on the other scale and in the other mode."""
    several = len(findings.study.modes) > 1
    scale_and_mode = Column[AnovaRow](
        "scale",
        lambda r: words("table.scale_in_mode" if several else "table.scale", **_scale_and_mode(r, words)),
        numeric=False,
    )
    rows, columns = selection.anova_others(findings), anova_columns(words)
    return tabulate("anova_others", rows, columns, findings, words, section="anova", group=scale_and_mode)


def _scale_and_mode(row: AnovaRow, words: Catalogue) -> dict[str, Markup]:
    return {"scale": words.name("scale", row.scale), "mode": words(f"bn_mode.{row.bn_mode}")}


def anova_responses(findings: Findings, words: Catalogue) -> Table | None:
    """Effects of the primary factor on every other response."""
    response = Column[AnovaRow]("response", lambda r: words.name("response", r.response), numeric=False)
    rows, columns = selection.anova_responses(findings), anova_columns(words)
    return tabulate("anova_responses", rows, columns, findings, words, section="anova", group=response)


def leave_one_out(findings: Findings, words: Catalogue) -> Table | None:
    """The headline without one level of a moderator."""
    columns: list[Column[LeaveOneOutRow]] = [
        Column("moderator", lambda r: naming.cell({r.moderator: r.level}, words), numeric=False),
        Column("gap", lambda r: number(r.estimate, words, signed=True), field="estimate"),
        Column("ci", lambda r: interval(r.ci95, words), field="ci95"),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
    ]
    rows = list(enumerate(findings.leave_one_out))
    return tabulate("leave", rows, columns, findings, words, section="leave_one_out")


def simple_effects(findings: Findings, words: Catalogue) -> Table | None:
    """The gap in every cell, in the mode and on the scale of the headline."""
    rows = selection.simple_effects(findings)
    columns = [_cell_column(words), *_effect_columns(findings, words)]
    return tabulate("simple", rows, columns, findings, words, section="simple_effects")


def decided_cells(findings: Findings, words: Catalogue) -> Table | None:
    """What was decided of every cell, in a few columns; an equivalence stands with the interval it is read from."""
    columns = [
        _cell_column(words),
        Column[SimpleEffect]("gap", lambda r: number(r.gap, words, signed=True)),
        Column[SimpleEffect]("interval", lambda r: _deciding_interval(r, words)),
        Column[SimpleEffect]("decision", lambda r: _decided(r, findings, words), numeric=False),
        Column[SimpleEffect]("n", lambda r: display.count(r.n)),
    ]
    return tabulate("simple", selection.simple_effects(findings), columns, findings, words)


def simple_effects_batch(findings: Findings, words: Catalogue) -> Table | None:
    """The gap in every cell in the other mode."""
    rows = selection.simple_effects(findings, other_modes=True)
    columns = [_cell_column(words), *_effect_columns(findings, words)]
    return tabulate("simple_batch", rows, columns, findings, words, section="simple_effects")


def orderings(findings: Findings, words: Catalogue) -> Table | None:
    """Other levels of the primary factor against each level of the contrast: what decides, not every effect size."""
    pair = Column[SimpleEffect]("contrast", lambda r: contrast(*r.contrast, words), numeric=False)
    effect = [column for column in _effect_columns(findings, words) if column.head not in ("d_z", "bf", "r")]
    columns = [_cell_column(words), *mode_column(findings, words), *effect]
    rows = [(i, r) for i, r in enumerate(findings.orderings) if r.scale == findings.question.response.scale]
    return tabulate("orderings", rows, columns, findings, words, section="orderings", group=pair)


def cells(findings: Findings, words: Catalogue) -> Table | None:
    """Mean final accuracy of each level in each cell, with the spread between seeds, in both modes."""
    subject = subject_of(findings)
    found = {(row.bn_mode, cell_key(row.cell), row.level): row for row in findings.cells}
    present = {key[:2] for key in found}
    chosen = [
        (mode, one)
        for mode in MODES
        for one in in_order((r.cell for r in findings.cells), subject)
        if (mode, cell_key(one)) in present
    ]
    columns: list[Column[tuple[BnMode, Cell]]] = [
        Column("cell", lambda r: naming.cell(r[1], words), numeric=False),
        *(Column(naming.level(one), partial(_mean_and_sd, found, one, words)) for one in subject.levels),
    ]
    several = len(findings.study.modes) > 1
    mode = Column[tuple[BnMode, Cell]]("mode", lambda r: words(f"bn_mode.{r[0]}"), numeric=False) if several else None
    return tabulate("cells", list(enumerate(chosen)), columns, findings, words, group=mode)


MODES: tuple[BnMode, ...] = ("running", "batch")


def _mean_and_sd(
    found: Mapping[tuple[BnMode, frozenset[tuple[str, Level]], Level], CellSummary],
    level: Level,
    words: Catalogue,
    at: tuple[BnMode, Cell],
) -> Markup:
    """A mean with its standard deviation in brackets."""
    row = found.get((at[0], cell_key(at[1]), level))
    if row is None:
        return display.MISSING
    return Markup("{} ({})").format(number(row.mean, words), spread(row.sd, words))


def anova_columns(words: Catalogue) -> list[Column[AnovaRow]]:
    """What an analysis of variance says of an effect."""
    return [
        Column("effect", lambda r: naming.effect(r.effect, words), numeric=False),
        Column("df", lambda r: Markup("{}, {}").format(display.count(r.df_num), display.count(r.df_den)), setting=True),
        Column("F", lambda r: display.decimal(r.F)),
        Column("epsilon", lambda r: display.bounded(r.epsilon_gg), setting=True, field="epsilon_gg"),
        Column("p_gg", lambda r: display.p_value(r.p_gg)),
        Column("p_max_t", lambda r: display.p_value(r.p_max_t)),
        Column("decision", lambda r: _effect_decided(r, words), numeric=False),
        Column("eta", lambda r: display.bounded(r.partial_eta_sq), field="partial_eta_sq"),
        Column("eta_ci", lambda r: display.bounded_interval(r.partial_eta_sq_ci90), field="partial_eta_sq_ci90"),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
    ]


def _cell_column(words: Catalogue) -> Column[SimpleEffect]:
    return Column("cell", lambda r: naming.cell(r.cell, words), numeric=False)


def _effect_columns(findings: Findings, words: Catalogue) -> list[Column[SimpleEffect]]:
    deciding = selection.deciding(findings)
    return [
        Column("gap", lambda r: number(r.gap, words, signed=True)),
        Column("ci", lambda r: interval(r.ci95, words), field="ci95"),
        Column("sd", lambda r: spread(r.sd, words)),
        Column("d_z", lambda r: display.decimal(r.d_z)),
        Column("p_max_t", lambda r: display.p_value(getattr(r, deciding)), field=deciding),
        Column("p_tost_holm", lambda r: display.p_value(r.p_tost_holm)),
        Column("bf", lambda r: display.bayes_factor(r.bf10), field="bf10"),
        Column("r", lambda r: display.bounded(r.pair_correlation, 2), field="pair_correlation"),
        Column("n", lambda r: display.count(r.n), setting=True),
        Column("decision", lambda r: _decided(r, findings, words), numeric=False),
    ]


def _deciding_interval(row: SimpleEffect, words: Catalogue) -> Markup:
    """The interval that agrees with the decision, with its name."""
    within = row.decision == "equivalent" or row.trivial
    return equivalence_interval(row.ci90, words) if within else confidence(row.ci95, words)


def _effect_decided(row: AnovaRow, words: Catalogue) -> Markup:
    """What was decided of an effect; of those that only describe the setting nothing is."""
    if row.decision in ("first", "second"):
        return words("decided.differs")
    return Markup("") if row.decision is None else words(f"decided.{row.decision}")


def _decided(row: SimpleEffect, findings: Findings, words: Catalogue) -> Markup:
    """What was decided of a cell, by the name of the level that is ahead; by the pairs won where a run failed."""
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    first = (row.decision == "first") == (words.response.better != "lower")
    ahead = naming.level(row.contrast[0 if first else 1])
    if row.cell in selection.failed_cells(findings):
        return words("decided.won", level=ahead)
    return words("decided.ahead_within_margin" if row.trivial else "decided.ahead", level=ahead)
