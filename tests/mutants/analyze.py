"""Faults in the analysis that the tests must see."""

from tests.mutants import Mutant


def _figure(file: str, old: str, new: str, *tests: str) -> Mutant:
    """A fault in a figure; its own tests see it, or those named."""
    seen = tests or (file,)
    paths = tuple(f"tests/analyze/report/figures/test_{name}.py" for name in seen)
    return Mutant(f"analyze/report/figures/{file}.py", old, new, paths)


GAPS = ("headline", "forest")
BANDS = ("learning", "gradients")

#: What a figure selects from findings.
SELECTIONS = (
    _figure("gap_axis", "effect.bn_mode, effect.gap or 0.0", "effect.bn_mode, -3 * (effect.gap or 0.0)", *GAPS),
    _figure("gap_axis", "effect.ci95, row", "effect.ci95 and (effect.ci95[0] - 1, effect.ci95[1] + 1), row", *GAPS),
    _figure("gap_axis", "effect.ci95, row", "effect.ci95 and effect.ci95[::-1], row", *GAPS),
    _figure("gap_axis", "equivalence.margin_pp, findings", "equivalence.margin_pp * 2, findings", *GAPS),
    _figure("gap_axis", "findings.primary.estimate)", "-findings.primary.estimate)", *GAPS),
    _figure("gap_axis", "> 12 * median", "> 10 * median", "headline"),
    _figure("headline", "in selection.simple_effects(findings)", "in enumerate(findings.simple_effects)"),
    _figure("headline", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure(
        "headline", "in_order((row.cell for row in effects.values()), subject)", "[r.cell for r in effects.values()]"
    ),
    _figure("forest", 'row.scale == "raw" and ', ""),
    _figure("forest", '("running", "batch"))', '("batch", "running"))'),
    _figure("forest", "cells = in_order((row.cell for row in rows), subject)", "cells = [row.cell for row in rows]"),
    _figure("interaction", "row.bn_mode == findings.primary.bn_mode", 'row.bn_mode == "running"'),
    _figure("interaction", "row.accuracy, row.sd", "100 - row.accuracy, row.sd"),
    _figure("interaction", "row.sd or 0.0", "(row.sd or 0.0) + 1"),
    _figure("interaction", "subject.levels, strict=True)", "subject.levels[::-1], strict=True)"),
    _figure("interaction", "groups[:MOST]", "groups[:MOST][::-1]"),
    _figure("pairs", "row.bn_mode == mode", 'row.bn_mode == "running"', "paired"),
    _figure("pairs", "(subject.first, subject.second)", "(subject.second, subject.first)", "paired", "residuals"),
    _figure("pairs", "for s in first.values if", "for s in [*first.values][1:] if", "paired", "residuals"),
    _figure(
        "pairs", "in_order((row.cell for row in findings.cells), subject)", "[r.cell for r in findings.cells]", "paired"
    ),
    _figure("residuals", "pair.first - pair.second", "3 * (pair.second - pair.first)"),
    _figure("residuals", "gaps.mean(axis=1", "gaps.mean(axis=0"),
    _figure("residuals", "rest = rest - rest.mean(axis=0, keepdims=True)", "pass"),
    _figure("residuals", "rest.std()", "gaps.std()"),
    _figure("spread", "row.bn_mode, row.sd", '"running", row.sd'),
    _figure("spread", "row.sd or 0.0, height", "3 * (row.sd or 0.0), height"),
    _figure("spread", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure("spread", "0.5 - place /", "place / 1 - 0.5 /"),
    _figure("learning", "p.accuracy, p.low, p.high", "100 - p.accuracy, p.low, p.high"),
    _figure("learning", "p.accuracy, p.low, p.high", "p.accuracy, p.high, p.low"),
    _figure("learning", 'p.eval_set == "subset"', 'p.eval_set != "subset"'),
    _figure("learning", 'if p.bn_mode == "batch" or', 'if p.bn_mode == "running" or'),
    _figure("gradients", "p.value, p.low, p.high", "1 / p.value, p.low, p.high"),
    _figure("gradients", "p.value, p.low, p.high", "p.value, p.low - 1, p.high + 1"),
    _figure("gradients", '"grad_norm"', '"saturation"'),
    _figure("bands", "for level in subject.levels]", "for level in subject.levels[::-1]]", *BANDS),
    _figure("bands", "cells[:MOST]", "cells[:MOST][::-1]", *BANDS),
    _figure("bands", "len(cells) - len(panels)", "0", "learning"),
    _figure("survival", "100 * point.surviving", "100 - 100 * point.surviving"),
    _figure("survival", "if point.target == target", "if point.target >= target"),
    _figure("survival", "(end, line[-1][1])", "(end, 0.0)"),
    _figure("survival", "cells[:MOST]", "cells[:MOST][::-1]"),
    _figure("units", ".append(point.value)", ".append(1 - point.value)"),
    _figure("units", "if point.measure == measure:", "if point.measure:"),
    _figure("units", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure("multiverse", "Estimate(rank, row.estimate", "Estimate(rank, -3 * row.estimate"),
    _figure("multiverse", "row.estimate or 0.0, row.agrees", "row.estimate or 0.0, not row.agrees"),
    _figure(
        "multiverse",
        "rows.sort(key=lambda row: row.estimate or 0.0)",
        "rows.sort(key=lambda row: -(row.estimate or 0))",
    ),
    _figure("multiverse", "and row.estimand == estimand", ""),
    _figure("multiverse", "findings.primary.equivalence.margin_pp", "2 * findings.primary.equivalence.margin_pp"),
    _figure("multiverse", "        findings.primary.estimate,", "        -findings.primary.estimate,"),
    _figure("power", "point.smallest_detectable_pp))", "10 * point.smallest_detectable_pp))"),
    _figure("power", "key is None or", "key is not None or"),
    _figure("power", "findings.primary.n_seeds", "findings.primary.n_seeds * 10"),
    _figure("power", "findings.primary.equivalence.margin_pp", "2 * findings.primary.equivalence.margin_pp"),
    _figure("orderings", '("conv", "act", "bn")', '("conv", "bn", "act")'),
)

#: What a figure draws of its data.
DRAWINGS = (
    _figure("gap_axis", "axes.plot([one.gap], [y]", "axes.plot([-3 * one.gap], [y]", *GAPS),
    _figure("gap_axis", "axes.plot(one.ci95, [y, y]", "axes.plot((one.ci95[0] - 1, one.ci95[1] + 1), [y, y]", *GAPS),
    _figure("gap_axis", "axes.axvspan(-backdrop.margin_pp", "axes.axvspan(0", *GAPS),
    _figure("gap_axis", "axes.axvline(0,", "axes.axvline(1,", *GAPS),
    _figure("gap_axis", "axes.axvline(backdrop.mean", "axes.axvline(-backdrop.mean", *GAPS),
    _figure("gap_axis", "axes.margins(x=0.06)", "axes.invert_xaxis()", *GAPS),
    _figure(
        "gap_axis", "first=isolated(shorten(subject.first))", "first=isolated(shorten(subject.second))", "headline"
    ),
    _figure("gap_axis", "range(len(names)), names)", "range(len(names)), names[::-1])", *GAPS),
    _figure("headline", "for gap in upwards]\n        gap_axis.name", "for gap in panel.gaps]\n        gap_axis.name"),
    _figure("forest", "filled=running", "filled=not running"),
    _figure("forest", "        if running:", "        if not running:"),
    _figure("forest", "(1.0, gap.row)", "(1.0, -gap.row)"),
    _figure(
        "forest", "fixed(gap.ci95[0], 2)}, {fixed(gap.ci95[1], 2)", "fixed(gap.ci95[1], 2)}, {fixed(gap.ci95[0], 2)"
    ),
    _figure("forest", '("running", colour), ("batch", "none")', '("running", "none"), ("batch", colour)'),
    _figure("interaction", "mark(data.subject, line.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("interaction", "axes.errorbar(x, accuracy, sd,", "axes.errorbar(x, accuracy, [2 * one for one in sd],"),
    _figure("interaction", "for tick in data.ticks]", "for tick in data.ticks[::-1]]"),
    _figure(
        "paired",
        "(0, subject.second, second), (1, subject.first, first)",
        "(1, subject.second, second), (0, subject.first, first)",
    ),
    _figure(
        "paired",
        "[shorten(subject.second, 10), shorten(subject.first, 10)]",
        "[shorten(subject.first, 10), shorten(subject.second, 10)]",
    ),
    _figure("paired", "if pair.first >= pair.second], SOFT", "if pair.first <= pair.second], SOFT"),
    _figure("paired", "(pair.second, pair.first, math.nan)", "(pair.first, pair.second, math.nan)"),
    _figure("residuals", "enumerate(data.by_cell)", "enumerate(data.by_cell[::-1])"),
    _figure("residuals", "right.axhline(0,", "right.axhline(1,"),
    _figure("residuals", "*zip(*data.line, strict=True)", "[-1, 1], [1, -1]"),
    _figure("spread", 'if one.bn_mode == "running"', 'if one.bn_mode == "batch"'),
    _figure("spread", "for cell in reversed(data.cells)]", "for cell in data.cells]"),
    _figure("spread", "mark(data.subject, one.level)", "mark(data.subject, data.subject.first)"),
    _figure("bands", "[one.median for one", "[100 - one.median for one", *BANDS),
    _figure("bands", "low, high, color", "low, [2 * one for one in high], color", *BANDS),
    _figure("learning", "mark(data.subject, band.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("gradients", "mark(data.subject, band.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure(
        "panels", "zip(axes, cells, strict=True)", "zip(axes, cells[::-1], strict=True)", *BANDS, "paired", "survival"
    ),
    _figure("style", "zip(legend.get_texts(), levels,", "zip(legend.get_texts(), levels[::-1],", *BANDS, "interaction"),
    _figure("survival", 'where="post"', 'where="pre"'),
    _figure("survival", "set_ylim(-4, 104)", "set_ylim(104, -4)"),
    _figure("survival", "mark(data.subject, steps.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("units", "mark(data.subject, layers.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("units", "for cell in reversed(data.cells)]", "for cell in data.cells]"),
    _figure("multiverse", "[(one.rank, one.estimate)", "[(one.rank, -one.estimate)"),
    _figure("multiverse", "axes.axhline(data.primary", "axes.axhline(-data.primary"),
    _figure("multiverse", "axes.axhspan(-data.margin_pp", "axes.axhspan(0"),
    _figure("multiverse", "for one in upwards])", "for one in data.options])"),
    _figure("multiverse", "(True, colour,", "(True, PAPER,"),
    _figure("power", "axes.axhline(data.margin_pp", "axes.axhline(2 * data.margin_pp"),
    _figure("power", "axes.axvline(max(1, data.n_seeds)", "axes.axvline(max(10, data.n_seeds)"),
    _figure("power", "if line.thick else (", "if not line.thick else ("),
    _figure("orderings", "in block.pieces", "in block.pieces[::-1]"),
    _figure("orderings", "enumerate(data.blocks)", "enumerate(data.blocks[::-1])"),
)

VERDICTS = ("tests/analyze/claims/test_verdict.py",)
PRECISION = ("tests/analyze/sections/test_precision.py",)
NAMES = ("tests/analyze/test_names.py",)

#: What is counted and decided, and what is told apart by value instead of by name.
DECISIONS = (
    Mutant("analyze/claims/evidence.py", "(mean, sd, level)", "(mean / 3, sd, level)", VERDICTS),
    Mutant(
        "analyze/claims/verdict.py",
        "for p in holm([part.p for part in parts])]",
        "for p in [part.p for part in parts]]",
        VERDICTS,
    ),
    Mutant(
        "analyze/claims/verdict.py", "p = max(part.p for part in parts)", "p = min(part.p for part in parts)", VERDICTS
    ),
    Mutant("analyze/sections/precision.py", "power.upper_sd(found.sd, found.n)", "found.sd", PRECISION),
    Mutant("analyze/sections/precision.py", "found.n, alpha),", "4 * found.n, alpha),", PRECISION),
    Mutant(
        "analyze/inference/power.py", "return sd * math.sqrt((seeds - 1)", "return sd * math.sqrt((seeds)", PRECISION
    ),
    Mutant("analyze/report/subject.py", "factor=question.factor", "factor=next(iter(factors))", NAMES),
    Mutant("analyze/report/result_tables.py", "if key in taken else key)", "if False else key)", NAMES),
)

MUTANTS = SELECTIONS + DRAWINGS + DECISIONS
