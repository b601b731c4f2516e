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
    _figure("gap_axis", "effect.ci95,", "effect.ci95 and (effect.ci95[0] - 1, effect.ci95[1] + 1),", *GAPS),
    _figure("gap_axis", "effect.ci95,", "effect.ci95 and effect.ci95[::-1],", *GAPS),
    _figure(
        "gap_axis", "findings.primary.equivalence.margin, mean", "findings.primary.equivalence.margin * 2, mean", *GAPS
    ),
    _figure("gap_axis", "findings.primary.estimate if", "-findings.primary.estimate if", *GAPS),
    _figure("gap_axis", "> 12 * median", "> 10 * median", "headline"),
    _figure("headline", "in selection.simple_effects(findings)", "in enumerate(findings.simple_effects)"),
    _figure("headline", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure(
        "headline", "in_order((row.cell for row in effects.values()), subject)", "[r.cell for r in effects.values()]"
    ),
    _figure("forest", "row.scale == findings.question.response.scale and ", ""),
    _figure("forest", '("running", "batch"))', '("batch", "running"))'),
    _figure("forest", "cells = in_order((row.cell for row in rows), subject)", "cells = [row.cell for row in rows]"),
    _figure("interaction", "row.bn_mode == findings.primary.bn_mode", 'row.bn_mode == "running"'),
    _figure("interaction", "row.level, row.mean,", "row.level, 100 - row.mean,"),
    _figure("interaction", "row.mean - (row.sd or 0.0)", "row.mean - 2 * (row.sd or 0.0)"),
    _figure("interaction", "row.mean + (row.sd or 0.0)", "row.mean + 2 * (row.sd or 0.0)"),
    _figure("interaction", "usual = 3 *", "usual = 300 *"),
    _figure("moderated", "axis = max(levels", "axis = min(levels"),
    _figure("moderated", "subject.levels, strict=True)", "subject.levels[::-1], strict=True)"),
    _figure("moderated", "for group in groups[:", "for group in groups[::-1][:"),
    _figure("moderated", "tuple(panels), len(cells)", "tuple(panels), 0", "interaction"),
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
    _figure("spread", "row.sd or 0.0, row.n", "3 * (row.sd or 0.0), row.n"),
    _figure("spread", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure("spread", "0.5 - place /", "place / 1 - 0.5 /"),
    _figure("class_share", "100 * row.share", "100 - 100 * row.share"),
    _figure("class_share", "100 * row.low", "100 * row.low - 1"),
    _figure("class_share", "100 * row.high", "100 * row.high + 1"),
    _figure("learning", "p.accuracy, p.low, p.high", "100 - p.accuracy, p.low, p.high"),
    _figure("learning", "p.accuracy, p.low, p.high", "p.accuracy, p.high, p.low"),
    _figure("learning", 'p.eval_set == "subset"', 'p.eval_set != "subset"'),
    _figure("learning", 'if p.bn_mode == "batch" or', 'if p.bn_mode == "running" or'),
    _figure("gradients", "p.value, p.low, p.high", "1 / p.value, p.low, p.high"),
    _figure("gradients", "p.value, p.low, p.high", "p.value, p.low - 1, p.high + 1"),
    _figure("gradients", '"grad_norm"', '"saturation"'),
    _figure("bands", "for level in subject.levels]", "for level in subject.levels[::-1]]", *BANDS),
    _figure("bands", "for cell in cells:", "for cell in cells[::-1]:", *BANDS),
    _figure("survival", "100 * point.surviving", "100 - 100 * point.surviving"),
    _figure("survival", "if point.target == target", "if point.target >= target"),
    _figure("survival", "(end, line[-1][1])", "(end, 0.0)"),
    _figure("survival", "for cell in cells:", "for cell in cells[::-1]:"),
    _figure("units", ".append(point.value)", ".append(1 - point.value)"),
    _figure("units", "if point.measure == measure:", "if point.measure:"),
    _figure("units", "enumerate(reversed(cells))", "enumerate(cells)"),
    _figure("multiverse", "first.estimate or 0.0, sum", "-3 * (first.estimate or 0.0), sum"),
    _figure("multiverse", "sum(judged), len(judged)", "len(judged) - sum(judged), len(judged)"),
    _figure("multiverse", "[:MOST]", "[:MOST][::-1]"),
    _figure("multiverse", 'scales.get(str(row.choices.get("scale"))) or ', ""),
    _figure("multiverse", ' if name != "test"}', "}"),
    _figure("multiverse", "(first.estimand, name) in apart", "(first.estimand, name) not in apart"),
    _figure("multiverse", "findings.primary.equivalence.margin", "2 * findings.primary.equivalence.margin"),
    _figure("power", "point.smallest_detectable))", "10 * point.smallest_detectable))"),
    _figure("power", "key is None or", "key is not None or"),
    _figure("power", "findings.primary.n_seeds", "findings.primary.n_seeds * 10"),
    _figure("power", "findings.primary.equivalence.margin", "2 * findings.primary.equivalence.margin"),
    _figure("orderings", '("conv", "act", "bn")', '("conv", "bn", "act")'),
)

#: What a figure draws of its data.
DRAWINGS = (
    _figure("gap_axis", "axes.plot([one.gap], [y]", "axes.plot([-3 * one.gap], [y]", *GAPS),
    _figure("gap_axis", "axes.plot(one.ci95, [y, y]", "axes.plot((one.ci95[0] - 1, one.ci95[1] + 1), [y, y]", *GAPS),
    _figure("gap_axis", "axes.axvspan(-backdrop.margin,", "axes.axvspan(0,", *GAPS),
    _figure("gap_axis", "axes.axvline(0,", "axes.axvline(1,", *GAPS),
    _figure("gap_axis", "axes.axvline(backdrop.mean", "axes.axvline(-backdrop.mean", *GAPS),
    _figure("gap_axis", "axes.margins(x=0.06)", "axes.invert_xaxis()", *GAPS),
    _figure("gap_axis", "first, second = isolated", "second, first = isolated", "forest"),
    _figure("rows", "(1, row), (6, 0)", "(1, -row), (6, 0)", *GAPS),
    _figure("rows", "(1, row), (0, RAISED)", "(1, -row), (0, RAISED)", "narrow"),
    _figure("gap_axis", "interval(one.ci95, words)", "interval(one.ci95[::-1], words)", *GAPS),
    _figure("rows", "if self.above else names)", "if self.above else names[::-1])", *GAPS),
    _figure("headline", "in reversed(panel.gaps)]", "in panel.gaps]"),
    _figure("forest", "filled=running", "filled=not running"),
    _figure("forest", "        if running:", "        if not running:"),
    _figure("forest", '("running", INK, 4), ("batch", PAPER, 3.2)', '("running", PAPER, 4), ("batch", INK, 3.2)'),
    _figure("moderated", "[one.value for one", "[one.high for one"),
    _figure("moderated", "[x, x], [one.low, one.high]", "[x, x], [one.low, 2 * one.high]"),
    _figure("moderated", "mark(subject, line.level)", "mark(subject, subject.levels[-1])"),
    _figure("moderated", "for tick in data.ticks[::every]]", "for tick in data.ticks[::-every]]"),
    _figure("moderated", "panel_title(panel.common, words", "panel_title(data.panels[0].common, words"),
    _figure("moderated", "level_end(data.subject, level,", "level_end(data.subject, data.subject.first,"),
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
    _figure("paired", "subject.ahead(pair.first - pair.second)", "subject.ahead(pair.second - pair.first)"),
    _figure("paired", "SOFT if pair.first == pair.second else ", ""),
    _figure("paired", "[pair.second, pair.first], color", "[pair.first, pair.second], color"),
    _figure("residuals", "zip(data.cells, data.by_cell,", "zip(data.cells, data.by_cell[::-1],"),
    _figure("residuals", "right.axvline(0,", "right.axvline(1,"),
    _figure("residuals", "*zip(*data.line, strict=True)", "[-1, 1], [1, -1]"),
    _figure("spread", 'if one.bn_mode == "running"', 'if one.bn_mode == "batch"'),
    _figure("spread", "for cell in reversed(data.cells)]", "for cell in data.cells]"),
    _figure("spread", "mark(data.subject, one.level)", "mark(data.subject, data.subject.first)"),
    _figure("class_share", "set_ylim(0, 102)", "set_ylim(102, 0)"),
    _figure("class_share", "one.value / 100", "one.low / 100"),
    _figure("bands", "[one.median for one", "[100 - one.median for one", *BANDS),
    _figure("bands", "low, high, color", "low, [2 * one for one in high], color", *BANDS),
    _figure("learning", "mark(data.subject, band.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("gradients", "mark(data.subject, band.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure(
        "panels", "zip(axes, cells, strict=True)", "zip(axes, cells[::-1], strict=True)", *BANDS, "paired", "survival"
    ),
    _figure(
        "style",
        "zip(legend.get_texts(), levels,",
        "zip(legend.get_texts(), levels[::-1],",
        "spread",
        "survival",
        "units",
    ),
    _figure("survival", 'where="post"', 'where="pre"'),
    _figure("survival", "set_ylim(-4, 104)", "set_ylim(104, -4)"),
    _figure("survival", "mark(data.subject, steps.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("units", "mark(data.subject, layers.level)", "mark(data.subject, data.subject.levels[-1])"),
    _figure("units", "for cell in reversed(data.cells)]", "for cell in data.cells]"),
    _figure("multiverse", "[one.estimate], [y]", "[-one.estimate], [y]"),
    _figure("multiverse", 'float(panel.unit == "ratio")', "0"),
    _figure("multiverse", "axes.axvspan(-data.margin,", "axes.axvspan(0,"),
    _figure("multiverse", "_name(one, words) for one in upwards]", "_name(one, words) for one in panel.estimates]"),
    _figure("multiverse", "if one.agree == one.judged else PAPER", "if one.agree != one.judged else PAPER"),
    _figure("multiverse", "agree=one.agree", "agree=one.judged"),
    _figure("multiverse", "_unit(panel.unit, words)", "_unit(data.panels[0].unit, words)"),
    _figure("power", "axes.axhline(data.margin,", "axes.axhline(2 * data.margin,"),
    _figure("power", "axes.axvline(max(1, data.n_seeds)", "axes.axvline(max(10, data.n_seeds)"),
    _figure("power", "if line.thick else (", "if not line.thick else ("),
    _figure("block_diagram", "for piece in block.pieces:", "for piece in block.pieces[::-1]:", "orderings"),
    _figure("block_diagram", "enumerate(data.blocks)", "enumerate(data.blocks[::-1])", "orderings"),
)

VERDICTS = ("tests/analyze/claims/test_verdict.py",)
PRECISION = ("tests/analyze/sections/test_precision.py",)
NAMES = ("tests/analyze/test_names.py",)
RESPONSES = ("tests/analyze/sections/test_responses.py",)
SAID = ("tests/analyze/report/prose/test_responses.py",)

#: What is counted and decided, and what is told apart by value instead of by name.
DECISIONS = (
    Mutant("analyze/claims/components.py", "(distance, sd, 2 * level)", "(distance / 3, sd, 2 * level)", VERDICTS),
    Mutant("analyze/claims/components.py", "[scores - margin]", "[scores]", VERDICTS),
    Mutant("analyze/claims/judge.py", "count - rejected", "1", VERDICTS),
    Mutant("analyze/claims/verdict.py", "(max(both) if self.mixed", "(min(both) if self.mixed", VERDICTS),
    Mutant("analyze/claims/joining.py", "holm([parametric(part, alpha)", "list([parametric(part, alpha)", VERDICTS),
    Mutant("analyze/claims/joining.py", "weakest = max(shown", "weakest = min(shown", VERDICTS),
    Mutant("analyze/sections/precision.py", "power.upper_sd(found.sd or 0.0, found.n)", "(found.sd or 0.0)", PRECISION),
    Mutant("analyze/sections/precision.py", "found.n, level)", "4 * found.n, level)", PRECISION),
    Mutant(
        "analyze/inference/power.py", "return sd * math.sqrt((seeds - 1)", "return sd * math.sqrt((seeds)", PRECISION
    ),
    Mutant(
        "analyze/measures/response.py", 'np.where(guessed, accuracy(study, "running"), recorded)', "recorded", RESPONSES
    ),
    Mutant("analyze/sections/responses.py", "& ~np.isfinite(paired", "& np.isfinite(paired", RESPONSES),
    Mutant("analyze/sections/responses.py", "strict=True) if not here)", "strict=True) if here)", RESPONSES),
    Mutant("analyze/study/tidy.py", "MOST_LOSS), found, None)", "2.0**1023), found, None)", RESPONSES),
    Mutant("analyze/report/subject.py", '(better == "higher")', '(better == "lower")', SAID),
    Mutant("analyze/report/selection.py", "if row.response == findings.primary.response]", "]", SAID),
    Mutant("analyze/report/subject.py", "factor=question.factor", "factor=next(iter(factors))", NAMES),
    Mutant("analyze/report/result_tables.py", "while factor in taken:", "while False:", NAMES),
    Mutant("analyze/report/result_tables.py", "taken | (cell.keys() - {key})", "taken", NAMES),
)

_SPEED, _RATIOS = "tests/analyze/sections/test_speed.py", "tests/analyze/sections/test_time_ratios.py"
_REGRESSION, _PACE = "tests/analyze/sections/test_time_regression.py", "tests/analyze/report/prose/test_speed.py"

#: How fast: the common budget, its bounds, and who is called faster.
SPEED = (
    Mutant(
        "analyze/measures/time_to_target.py", 'within="max", across="min")', 'within="max", across="max")', (_SPEED,)
    ),
    Mutant("analyze/measures/time_to_target.py", "np.where(completed, last, np.nan)", "last", (_SPEED,)),
    Mutant("analyze/sections/curve_means.py", "one.left, one.right) for", "one.left, one.left) for", (_SPEED,)),
    Mutant("analyze/sections/curve_means.py", "None if term.bound else corrected", "corrected", (_SPEED,)),
    Mutant("analyze/sections/time_ratios.py", "weights)[:, data.cell]", "weights)[:1, data.cell]", (_SPEED,)),
    Mutant("analyze/sections/time_ratios.py", "log(wins / losses)", "log(losses / wins)", (_RATIOS,)),
    Mutant(
        "analyze/sections/time_ratios.py",
        "clustered_ols.coefficient(np.log(middle",
        "clustered_ols.coefficient((middle",
        (_RATIOS,),
    ),
    Mutant("analyze/sections/time_regression.py", "kept & ~tells[1:]", "kept & ~tells[:1]", (_REGRESSION,)),
    Mutant("analyze/sections/time_regression.py", "np.full(count, 1 / count)", "np.eye(count)[0]", (_REGRESSION,)),
    Mutant(
        "analyze/sections/speed.py",
        "p_holm, [one.seeds for one in family]",
        "[one.p for one in family], [one.seeds for one in family]",
        (_SPEED,),
    ),
    Mutant(
        "analyze/report/prose/speed.py",
        'PACE = {"first": "slower", "second": "faster"}',
        'PACE = {"first": "faster", "second": "slower"}',
        (_PACE,),
    ),
    Mutant(
        "analyze/report/prose/speed.py",
        'if row.decision == "equivalent" else _interval("ci", row.ci95',
        'if False else _interval("ci", row.ci95',
        (_PACE,),
    ),
)


def _outside(file: str, old: str, new: str, test: str) -> Mutant:
    """A fault in what the outside meets: decisions for programs, comparisons, tables of other tools."""
    return Mutant(f"analyze/{file}.py", old, new, (f"tests/analyze/{test}.py",))


OUTSIDE = (
    _outside("decide", "else (-bounds[1], -bounds[0])", "else bounds", "test_decide"),
    _outside("decide", "return True if low > -margin", "return True if low > 0", "test_decide"),
    _outside("decide", 'found.decision != "undecided" and', "", "test_decide"),
    _outside("decide", "stats.t.ppf(1 - alpha, df)", "stats.t.ppf(0.95, df)", "test_decide"),
    _outside("decide", 'higher == (better == "higher")', "higher", "test_decide"),
    _outside(
        "compare",
        "(a.question.factor, a.question.contrast) != (b.question.factor, b.question.contrast)",
        "False",
        "test_compare",
    ),
    _outside("study/parts", "None if text == NO_VALUE else", "", "study/test_files"),
    _outside("study/imports/tables", "math.isfinite(number) else None", "True else None", "study/imports/test_tables"),
    _outside(
        "study/imports/tensorboard", "point.step >= found", "point.step <= found", "study/imports/test_tensorboard"
    ),
    _outside(
        "study/imports/wandb", "if record.exit.exit_code", "if not record.exit.exit_code", "study/imports/test_wandb"
    ),
    _outside("study/imports/lm_eval", "sorted(found)", "sorted(found)[::-1]", "study/imports/test_lm_eval"),
    _outside("study/imports/inspect", '"seed": epoch', '"seed": 1', "study/imports/test_inspect"),
)

_LEVELS = "tests/analyze/sections/test_levels.py"
_ORDERS = "tests/analyze/inference/test_level_permutations.py"


def _levels(file: str, old: str, new: str, *tests: str) -> Mutant:
    """A fault in what is said of three levels and more."""
    return Mutant(f"analyze/{file}.py", old, new, tests or (_LEVELS,))


LEVELS = (
    _levels("inference/level_permutations", "df * (seeds - 1) / 2", "df * seeds / 2", _ORDERS),
    _levels("inference/level_permutations", "found[:, ::-1], axis=1)[:, ::-1]", "found, axis=1)", _ORDERS),
    _levels("inference/level_permutations", "% len(each)", "% (len(each) - 1)", _ORDERS),
    _levels(
        "inference/groups",
        "column - {one}, column - {other}",
        "column - {one}",
        "tests/analyze/inference/test_groups.py",
    ),
    _levels(
        "sections/levels", 'worst = np.inf if design.response.better == "lower"', "worst = np.inf if False and design"
    ),
    _levels("sections/levels", "max_t(columns, flips(), alpha=alpha)", "flip_p(columns, flips())"),
    _levels("sections/levels", 'sign = 1 if study.design.response.better == "lower" else -1', "sign = -1"),
    _levels("sections/undeclared", 'if alike else Answer("yes"', 'if not alike else Answer("yes"'),
    _levels("sections/undeclared", "not any({*best.groups}", "any({*best.groups}"),
    _levels("study/question", "min(found, key", "max(found, key"),
    _levels(
        "inference/anova",
        "axes=([1], [0])",
        "axes=([responses.ndim - 1], [0])",
        "tests/analyze/inference/test_anova.py",
    ),
    _levels(
        "study/cells",
        "levels >= 0 if among is None else among & (levels >= 0)",
        "levels >= 0",
        "tests/analyze/study/test_cells.py",
    ),
    _figure("levels", "sign * pair.gap", "pair.gap"),
    _figure("levels", "(-bounds[1], -bounds[0])", "bounds"),
    _figure("levels", "len(means) - 1 - place", "place"),
)

_LOOKS = ("tests/analyze/inference/test_anytime.py", "tests/analyze/inference/test_sequential.py")

#: The interval of every look and its correction for skewness.
LOOKS = (
    Mutant("analyze/inference/anytime.py", "np.maximum(t, unskewed(reach, skewness, n))", "t", _LOOKS),
    Mutant("analyze/inference/anytime.py", "np.maximum(t, -unskewed(-reach, skewness, n))", "t", _LOOKS),
    Mutant("analyze/inference/anytime.py", "transformed - a / 6", "transformed + a / 6", _LOOKS),
    Mutant("analyze/inference/sequential.py", "t, skewness(kept))", "t, 0.0)", _LOOKS),
)

#: Which layers lie below the classifier.
PROBED = (
    Mutant(
        "analyze/measures/probes.py",
        '~last | (table["kind"] == "conv")',
        "~last",
        ("tests/analyze/sections/test_mechanism.py",),
    ),
    Mutant(
        "analyze/measures/probes.py",
        '~last | (table["kind"] == "conv")',
        'table["kind"] == "conv"',
        ("tests/analyze/sections/test_mechanism.py",),
    ),
)

MUTANTS = SELECTIONS + DRAWINGS + DECISIONS + SPEED + OUTSIDE + LEVELS + LOOKS + PROBED
