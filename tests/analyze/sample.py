"""Findings built by hand for tests of the report: obviously synthetic, shaped like any study asked for."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy import stats

from analyze import findings as f
from analyze.findings import Cell, Findings, Level
from analyze.report.subject import subject_of

FACTORS: dict[str, tuple[Level, ...]] = {
    "ordering": ("bn_act", "act_bn"),
    "depth": (2, 4),
    "activation": ("relu", "tanh"),
}

THREE: dict[str, tuple[Level, ...]] = FACTORS | {"ordering": ("bn_act", "act_bn", "none")}


def sample(
    *,
    factors: dict[str, tuple[Level, ...]] = FACTORS,
    seeds: int = 10,
    gap: float = 0.5,
    contrast: tuple[Level, Level] = ("act_bn", "bn_act"),
    p: float = 0.004,
    p_equivalence: float = 0.4,
    completed: bool = True,
    **changes: Any,
) -> Findings:
    """A study in which every cell has this gap, give or take noise of a fixed Generator."""
    draw = np.random.default_rng(7)
    moderators = {name: levels for name, levels in factors.items() if not set(contrast) <= set(levels)}
    primary_factor = next(name for name in factors if name not in moderators)
    cells = [dict(zip(moderators, levels, strict=True)) for levels in product(*moderators.values())]
    planned = seeds * int(np.prod([len(levels) for levels in factors.values()]))
    parts: dict[str, Any] = {
        "study": f.StudySummary(
            name="synthetic",
            planned=planned,
            completed=planned if completed else 0,
            diverged=0,
            failed=0,
            pending=0 if completed else planned,
            stuck=0,
            seeds=tuple(range(seeds)),
            factors=factors,
            extended=False,
            deviations=(),
            command="analyze report synthetic",
            modes=("running", "batch"),
            columns={"trials": ("trial_id", "test_accuracy"), "curves": ("accuracy",)},
        ),
        "question": f.Question(
            factor=primary_factor,
            contrast=contrast,
            moderators=tuple(moderators),
            block="seed",
            response=f.ACCURACY,
        ),
        "primary": _primary(contrast, seeds, gap, p, p_equivalence, completed=completed),
        "methods": {
            "alpha": 0.05,
            "ratio_margin": f.RATIO_MARGIN,
            "dataset": "synthetic",
            "head": "flatten",
            "epochs": 5,
        },
    }
    if completed:
        parts |= {
            "anova": _anova(primary_factor, list(moderators), seeds, draw),
            "simple_effects": _simple(cells, seeds, gap, draw, contrast),
            "convergence": _convergence(cells, moderators, primary_factor, contrast),
            "claims": _claims(),
            "cells": _cells(cells, factors[primary_factor], seeds, draw),
            "curves": _curves(cells, factors[primary_factor], seeds),
        }
        decided = Counter(row.decision for row in parts["simple_effects"] if row.bn_mode == "running")
        parts["primary"] = parts["primary"].model_copy(update={"cells_decided": dict(decided)})
    return Findings(**(parts | changes))


def _looked_at(cell: Cell | None, look: int) -> f.SequentialRow:
    """A cell at a look: an interval that has no end at first, and leaves out zero at last."""
    return f.SequentialRow(
        cell=cell,
        look=look,
        n=look,
        gap=0.25,
        interval=None if look == 10 else (0.25 - 4 / look, 0.25 + 4 / look),
        inner_interval=None if look == 10 else (0.25 - 3 / look, 0.25 + 3 / look),
        level=0.01,
        log_e=0.1 * look,
        decision="first" if look == 20 else "undecided",
        trivial=False,
    )


def rich(**shape: Any) -> Findings:
    """A sample with something for every figure."""
    found = sample(**({"factors": THREE} | shape))
    subject = subject_of(found)
    return found.model_copy(
        update={
            "levels": _several_levels(subject.levels),
            "growth": f.Growth(
                declared=True,
                boundary="mixture",
                first=10,
                batch=5,
                most=60,
                prior_variance=0.25,
                pairs=85,
                pairs_of_all=240,
            ),
            "sequential": tuple(_looked_at(cell, look) for look in (10, 15, 20) for cell in (None, *subject.cells)),
            "survival": tuple(
                f.SurvivalPoint(
                    cell=cell, level=level, target=0.95, bn_mode="batch", examples_seen=1000 * k, surviving=1 / k, n=10
                )
                for cell in subject.cells
                for level in subject.levels
                for k in (1, 2, 4)
            ),
            "layer_profile": tuple(
                f.LayerPoint(
                    measure=measure, cell=cell, level=level, layer=k, value=0.1 * k, low=0.05, high=0.9, n_seeds=10
                )
                for measure in ("grad_norm", "dead_fraction", "saturation", "bn_var_lag")
                for cell in subject.cells
                for level in subject.levels
                for k in (1, 2)
            ),
            "initial_shares": tuple(
                f.InitialShare(cell=cell, level=level, share=0.3 + 0.1 * k, low=0.2, high=0.9, n_seeds=10)
                for cell in subject.cells
                for k, level in enumerate(subject.levels)
            ),
            "power_curve": tuple(
                f.PowerPoint(cell=cell, n_seeds=n, smallest_detectable=1 / n)
                for cell in (None, *subject.cells)
                for n in (3, 10, 40)
            ),
            "multiverse": tuple(
                f.MultiverseRow(
                    estimand="final accuracy",
                    choices={"test": test, "scale": "raw"},
                    estimate=0.1 * k,
                    p=0.2,
                    agrees=agrees,
                )
                for k, (test, agrees) in enumerate((("t", True), ("sign-flip", False), ("Wilcoxon", None)))
            ),
            "stability": tuple(
                f.StabilityRow(
                    kind=kind,
                    bn_mode="running",
                    cell=cell,
                    values={level: 0.2 + k for k, level in enumerate(subject.levels)},
                    ratio=1.5,
                    p_signflip=0.02,
                    p_holm=0.03,
                    p_max_t=0.03,
                )
                for kind in ("spread", "diverged")
                for cell in subject.cells
            ),
            "mechanism": tuple(
                f.MechanismRow(
                    measure=measure, cell={}, estimate=sign * 0.25, ci95=(-0.3, 0.3), p_signflip=0.02, p_max_t=None
                )
                for measure, sign in (("gradient_slope", 1), ("dead_fraction", -1))
            ),
            "power": tuple(
                f.PowerRow(
                    cell=cell,
                    sd=0.3,
                    smallest_detectable=0.31 + 0.1 * k,
                    smallest_detectable_pp=0.31 + 0.1 * k,
                    seeds_for_margin=70 + k,
                )
                for k, cell in enumerate(subject.cells)
            ),
            "repeatability": tuple(
                f.RepeatabilityRow(
                    cell=cell,
                    k=k,
                    p_sign=0.7 + 0.02 * k,
                    p_significant=0.07 * k if k > 1 else None,
                    p_sign_unpaired=0.68,
                    new_seed_interval=(-0.21, 1.23),
                    method="model",
                    n_seeds=10,
                )
                for cell in (None, *subject.cells)
                for k in (1, 3, 5, 10)
            ),
            "heterogeneity": f.Heterogeneity(
                tau=0.23,
                shrunken=tuple(
                    f.ShrunkenGap(cell=cell, gap=0.5 + 0.1 * k, observed=0.5 + 0.2 * k)
                    for k, cell in enumerate(subject.cells)
                ),
            ),
            "images": tuple(
                f.ImagesRow(
                    cell=cell,
                    estimate=0.51,
                    se=0.161,
                    df=23.4,
                    ci95=(0.18, 0.84),
                    image_share=0.372,
                    n_seeds=10,
                    n_images=1000,
                )
                for cell in (None, *subject.cells)
            ),
            "diagnostics": (
                f.DiagnosticRow(assumption="normality", cell={}, effect=(), statistic=0.951, p=0.41, n=10),
                *(
                    f.DiagnosticRow(assumption="normality", cell=cell, effect=(), statistic=0.93, p=0.0301, n=10)
                    for cell in subject.cells
                ),
                f.DiagnosticRow(
                    assumption="sphericity", cell={}, effect=("ordering", "depth"), statistic=0.62, p=0.21, n=10
                ),
            ),
            "outcomes": tuple(
                f.OutcomeRow(
                    cell=cell,
                    level=level,
                    response=response,
                    unit=unit,  # type: ignore[arg-type]
                    n=10,
                    mean=mean,
                    sd=mean / 50,
                    reached=0.9 if unit == "images" else None,
                )
                for cell in subject.cells
                for level in subject.levels
                for response, unit, mean in (
                    ("train_accuracy", "pp", 98.31),
                    ("test_accuracy", "pp", 97.62),
                    ("train_loss", "nats", 0.0512),
                    ("test_loss", "nats", 0.0734),
                    ("time_to_target", "images", 12345.6),
                )
            ),
            "published": tuple(
                f.PublishedRow(
                    source="An author 2020",
                    runs=runs,
                    first=93.21,
                    second=92.45,
                    gap=0.76,
                    cell=cell,
                    here=0.5,
                    here_ci95=(0.3, 0.7),
                    differences=(
                        f.because("another_network", network="A network"),
                        f.because("another_setting", factor="epochs", theirs="100", here="5"),
                    ),
                )
                for cell, runs in zip(subject.cells, (3, None), strict=False)
            ),
            "orderings": tuple(row.model_copy(update={"contrast": ("none", "act_bn")}) for row in found.simple_effects),
            "leave_one_out": tuple(
                f.LeaveOneOutRow(
                    moderator="depth",
                    level=level,
                    estimate=1.25,
                    ci95=(1.1, 1.4),
                    p_t=0.001,
                    p_signflip=0.002,
                    n_seeds=10,
                )
                for level in (2, 4)
            ),
            "primary": found.primary.model_copy(
                update={
                    "headline": "depends",
                    "rule": "interaction",
                    "depends_on": tuple(subject.moderators),
                    "conditional_on": ", ".join(subject.moderators) or None,
                }
            ),
            "reasons": {
                "/convergence/0/p": f.because("nothing_open"),
                "/claims": f.because("no_claims", factor="ordering"),
            },
        }
    )


def drawable(figure: str) -> Findings:
    """Findings that have the data of this figure; of the places of LayerNorm a study of BatchNorm has none."""
    if figure == "layernorm_places":
        return sample(factors={"norm": ("pre", "post"), "depth": (2, 12)}, contrast=("pre", "post"))
    return rich()


def _primary(
    contrast: tuple[Level, Level], seeds: int, gap: float, p: float, p_equivalence: float, *, completed: bool
) -> f.Primary:
    tested = completed and seeds > 1
    headline, rule, decision = "undecided", "nothing_shown", "undecided"
    if not tested:
        headline, rule, decision = "no_answer", "too_few_seeds" if completed else "no_pair", "not_decidable"
    elif p <= 0.05:
        headline, rule, decision = "yes", "both_tests", "first" if gap > 0 else "second"
    elif p_equivalence <= 0.05:
        headline, rule, decision = "no", "equivalent_on_average", "equivalent"
    return f.Primary(
        response="test_accuracy",
        bn_mode="running",
        headline=headline,  # type: ignore[arg-type]
        rule=rule,  # type: ignore[arg-type]
        decision=decision,  # type: ignore[arg-type]
        depends_on=(),
        conditional_on=None,
        left_out=(),
        seeds_to_decide=None,
        cells_decided={},
        mean_first=97.6 + gap if completed else None,
        mean_second=97.6 if completed else None,
        contrast=contrast,
        winner=None,
        unit="pp",
        estimate=gap if completed else None,
        ci95=(gap - 0.2, gap + 0.2) if tested else None,
        ci90=(gap - 0.16, gap + 0.16) if tested else None,
        se_crossed=0.161 if tested else None,
        t=3.456 if tested else None,
        df=seeds - 1 if tested else None,
        p_t=p if tested else None,
        p_signflip=p if tested else None,
        n_seeds=seeds if completed else 0,
        equivalence=f.Equivalence(margin=0.1, unit="pp", margin_pp=0.1, p=p_equivalence if tested else None),
    )


def _anova(primary: str, moderators: Sequence[str], seeds: int, draw: np.random.Generator) -> tuple[f.AnovaRow, ...]:
    effects = [(primary,), *((name,) for name in moderators), *((primary, name) for name in moderators)]
    return tuple(
        f.AnovaRow(
            response="test_accuracy",
            scale="raw",
            bn_mode="running",
            effect=effect,
            df_num=1,
            df_den=max(0, seeds - 1),
            F=float(draw.chisquare(3)) if seeds > 1 else None,
            p_uncorrected=0.03 if seeds > 1 else None,
            epsilon_gg=1.0 if seeds > 1 else None,
            p_gg=0.03 if seeds > 1 else None,
            p_signflip=0.02 if primary in effect and seeds > 1 else None,
            p_holm=0.04 if primary in effect and seeds > 1 else None,
            p_max_t=0.04 if primary in effect and seeds > 1 else None,
            decision=_decided(effect, primary) if seeds > 1 or primary not in effect else "not_decidable",
            partial_eta_sq=0.4 if seeds > 1 else None,
            partial_eta_sq_ci90=(0.01, 0.6) if seeds > 1 else None,
            n_seeds=seeds,
        )
        for effect in effects
    )


def _decided(effect: Sequence[str], primary: str) -> f.Decision | None:
    return None if primary not in effect else "differs" if len(effect) > 1 else "first"


def _simple(
    cells: Sequence[Cell], seeds: int, gap: float, draw: np.random.Generator, contrast: tuple[Level, Level]
) -> tuple[f.SimpleEffect, ...]:
    return tuple(
        _effect(cell, mode, seeds, gap + float(draw.normal(0, 0.3)), contrast)
        for cell in cells
        for mode in ("running", "batch")
    )


def _effect(cell: Cell, mode: str, seeds: int, gap: float, contrast: tuple[Level, Level]) -> f.SimpleEffect:
    many = seeds > 1
    p = 0.003 if abs(gap) > 0.3 else 0.31
    return f.SimpleEffect(
        cell=cell,
        contrast=contrast,
        bn_mode=mode,
        scale="raw",
        n=seeds,
        mean_first=97.6 + gap,
        mean_second=97.6,
        gap=gap,
        sd=0.31 if many else None,
        ci95=(gap - 0.22, gap + 0.22) if many else None,
        ci90=(gap - 0.18, gap + 0.18) if many else None,
        t=gap / 0.1 if many else None,
        p_t=p if many else None,
        p_t_holm=min(1.0, 4 * p) if many else None,
        p_wilcoxon=p if many else None,
        p_signflip=p if many else None,
        p_signflip_holm=min(1.0, 4 * p) if many else None,
        p_max_t=2 * p if many else None,
        p_beyond=0.6 if many else None,
        decision="not_decidable" if not many else "undecided" if p > 0.05 else "first" if gap > 0 else "second",
        trivial=False,
        p_tost=0.012 if many and abs(gap) < 0.1 else 0.9 if many else None,
        p_tost_holm=0.04 if many and abs(gap) < 0.1 else 1.0 if many else None,
        d_z=gap / 0.31 if many else None,
        d_z_ci95=(gap / 0.31 - 0.7, gap / 0.31 + 0.7) if many else None,
        bf10=12.3 if many else None,
        pair_correlation=0.41 if many else None,
    )


def _convergence(
    cells: Sequence[Cell], moderators: dict[str, tuple[Level, ...]], factor: str, contrast: tuple[Level, Level]
) -> tuple[f.ConvergenceRow, ...]:
    """Time ratios over all cells and in each, restricted time with its bounds, and a regression."""
    shared: dict[str, Any] = {
        "eval_set": "subset",
        "bn_mode": "batch",
        "target": 0.95,
        "p_method": "jackknife",
        "n_seeds": 10,
        "censored_share": 0.125,
    }
    ratios = [ratio_row(0.7, cell=cell, p=0.021, p_holm=None if cell is None else 0.042) for cell in [None, *cells]]
    restricted = [
        f.ConvergenceRow(
            model="rmst",
            term=f"rmst_difference{end}",
            estimate=estimate,
            ci95=(estimate - 300, estimate + 300),
            ci90=(estimate - 250, estimate + 250),
            p=0.001,
            p_signflip=None if end else 0.002,
            p_max_t=None if end else 0.002,
            decision=None if end else "second",
            **shared,
        )
        for end, estimate in (("", -900.0), ("_left", -1500.0), ("_right", -310.0))
    ]
    first, second = ({factor: level} for level in contrast)
    coefficients = [ratio_row(0.72, model="aft_regression", term=factor, at=first, against=second, p_holm=0.03)]
    coefficients += [
        ratio_row(
            1.2,
            model="aft_regression",
            term=f"{factor}:{name}[{level}]",
            at=first | {name: level},
            against=second | {name: levels[0]},
            p=0.3,
            p_holm=0.6,
            decision="undecided",
        )
        for name, levels in moderators.items()
        for level in levels[1:]
    ]
    return (*ratios, *restricted, *coefficients)


def ratio_row(ratio: float, **changes: Any) -> f.ConvergenceRow:
    """A time ratio that is decided, unless `changes` say otherwise."""
    return f.ConvergenceRow(
        **{
            "model": "aft",
            "eval_set": "subset",
            "bn_mode": "batch",
            "target": 0.95,
            "term": "time_ratio",
            "estimate": ratio,
            "ci95": (ratio * 0.9, ratio * 1.1),
            "ci90": (ratio * 0.92, ratio * 1.08),
            "p": 0.021,
            "p_method": "jackknife",
            "decision": "first" if ratio > 1 else "second",
            "n_seeds": 10,
            "censored_share": 0.125,
            **changes,
        }
    )


def _claims() -> tuple[f.Claim, ...]:
    gap = f.because("gap_in_cell", cell={"depth": 2})
    part = f.Component(
        contrast=gap,
        side="greater",
        unit="pp",
        margin=None,
        estimate=0.41,
        ci95=(0.1, 0.72),
        ci90=(0.16, 0.66),
        p=0.012,
        p_max_t=0.014,
        n=10,
    )
    measured = f.because("measured_pp", contrast=gap, pp=0.41, low_pp=0.16, high_pp=0.66, coverage=90)
    shown = f.because("above", measured=measured, bound=0)
    decided = {
        "small_effect": ("refuted", "a_component_refuted", f.because("why_shown", shown=shown)),
        "depth_crossover": ("inconclusive", "nothing_shown", f.because("why_open", measured=measured)),
        "bounded_gain": ("supported", "every_component_holds", f.because("why_every_holds", count=2, shown=shown)),
        "vanishing": ("mixed", "levels_disagree", f.because("why_levels", levels=_disagreeing(shown))),
        "leaky_repair": ("premise_not_met", "premise_not_shown", f.because("why_premise", measured=measured)),
        "family_washout": ("not_tested", "no_pair", f.because("no_pair")),
    }
    return tuple(
        f.Claim(
            id=one,
            statement=f.because(f"claim_{one}"),
            source=f.because(f"source_{one}"),
            said_by="article" if one in ("small_effect", "depth_crossover") else "literature",
            verdict=verdict,
            reason=f.because(code),
            why=why,
            components=(part,),
            levels=_levels() if verdict == "mixed" else (),
            p_support=0.03,
            p_refute=0.4,
            p_holm=0.06,
        )
        for one, (verdict, code, why) in decided.items()
    )


def _levels() -> tuple[f.ClaimLevel, ...]:
    return (
        f.ClaimLevel(factor="activation", level="relu", verdict="refuted"),
        f.ClaimLevel(factor="activation", level="tanh", verdict="supported"),
    )


def _disagreeing(shown: f.Message) -> tuple[f.Message, ...]:
    return (
        f.because("level_refuted", level={"activation": "relu"}, shown=shown),
        f.because("level_supported", level={"activation": "tanh"}, shown=shown),
    )


def _cells(
    cells: Sequence[Cell], levels: Sequence[Level], seeds: int, draw: np.random.Generator
) -> tuple[f.CellSummary, ...]:
    rows = []
    for cell, level, mode in product(cells, levels, ("running", "batch")):
        values = 97 + draw.normal(0, 0.3, seeds)
        sd = float(values.std(ddof=1)) if seeds > 1 else None
        by_seed = {str(seed): float(value) for seed, value in enumerate(values)}
        rows.append(
            f.CellSummary(
                cell=cell, level=level, bn_mode=mode, n=seeds, mean=float(values.mean()), sd=sd, values=by_seed
            )
        )
    return tuple(rows)


def _curves(cells: Sequence[Cell], levels: Sequence[Level], seeds: int) -> tuple[f.CurvePoint, ...]:
    seen = np.geomspace(128, 20000, 16).astype(int)
    points = []
    for number, (cell, level) in enumerate(product(cells, levels)):
        accuracy = 97 - 85 * np.exp(-seen / (1500 + 100 * number))
        points += [
            f.CurvePoint(
                cell=cell,
                level=level,
                eval_set="subset",
                bn_mode="batch",
                examples_seen=int(x),
                accuracy=float(y),
                low=float(y - 2),
                high=float(min(100, y + 2)),
                n_seeds=seeds,
            )
            for x, y in zip(seen, accuracy, strict=True)
        ]
    return tuple(points)


def _several_levels(levels: Sequence[Level]) -> f.Levels:
    """The levels from the best, each half a point behind the one before; the first two are not told apart."""
    places = dict(enumerate(levels))
    omnibus = f.OmnibusRow(
        effect=("ordering",),
        df_num=2,
        df_den=18,
        F=9.5,
        p_uncorrected=float(stats.f.sf(9.5, 2, 18)),
        epsilon_gg=0.75,
        df_num_gg=1.5,
        df_den_gg=13.5,
        p_gg=float(stats.f.sf(9.5, 1.5, 13.5)),
        p_permuted=0.003,
        p_max_t=0.003,
        decision="differs",
        partial_eta_sq=0.51,
        partial_eta_sq_ci90=(0.2, 0.64),
        n_seeds=10,
    )
    means = tuple(
        f.LevelRow(level=level, n=10, mean=97.0 - place / 2, sd=0.25, groups=("a",) if place < 2 else ("b",))
        for place, level in places.items()
    )
    pairs = tuple(
        f.LevelPair(
            contrast=(places[one], places[other]),
            n=10,
            gap=0.5 * (other - one),
            sd=0.4,
            ci95=(0.5 * (other - one) - 0.3, 0.5 * (other - one) + 0.3),
            ci90=(0.5 * (other - one) - 0.25, 0.5 * (other - one) + 0.25),
            t=4.0,
            p_t=0.003,
            p_signflip=0.004,
            p_max_t=0.3 if other < 2 else 0.01,
            p_tost=0.9,
            d_z=1.2,
            d_z_ci95=(0.4, 2.0),
            decision="undecided" if other < 2 else "first",
            trivial=False,
        )
        for one, other in combinations(places, 2)
    )
    return f.Levels(omnibus=omnibus, means=means, pairs=pairs)
