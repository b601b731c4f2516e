"""Findings built by hand for tests of the report: obviously synthetic, shaped like any study asked for."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

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
            modes=("running", "batch"),
            columns={"trials": ("trial_id", "test_accuracy"), "curves": ("accuracy",)},
        ),
        "question": f.Question(
            factor=primary_factor,
            contrast=contrast,
            moderators=tuple(moderators),
            block="seed",
            response=f.Response(name="test_accuracy", better="higher", unit="pp", scale="raw", bounds=(0, 100)),
        ),
        "primary": _primary(contrast, seeds, gap, p, p_equivalence, completed=completed),
        "methods": {"alpha": 0.05, "dataset": "synthetic", "head": "flatten", "epochs": 5},
    }
    if completed:
        parts |= {
            "anova": _anova(primary_factor, list(moderators), seeds, draw),
            "simple_effects": _simple(cells, seeds, gap, draw, contrast),
            "convergence": _convergence(cells, draw),
            "claims": _claims(),
            "cells": _cells(cells, factors[primary_factor], seeds, draw),
            "curves": _curves(cells, factors[primary_factor], seeds),
        }
    return Findings(**(parts | changes))


def rich(**shape: Any) -> Findings:
    """A sample with something for every figure."""
    found = sample(**({"factors": THREE} | shape))
    subject = subject_of(found)
    return found.model_copy(
        update={
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
            "power_curve": tuple(
                f.PowerPoint(cell=cell, n_seeds=n, smallest_detectable_pp=1 / n)
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
                )
                for kind in ("spread", "diverged")
                for cell in subject.cells
            ),
            "mechanism": tuple(
                f.MechanismRow(measure=measure, cell={}, estimate=sign * 0.25, ci95=(-0.3, 0.3), p_signflip=0.02)
                for measure, sign in (("gradient_slope", 1), ("dead_fraction", -1))
            ),
            "power": tuple(
                f.PowerRow(cell=cell, sd=0.3, smallest_detectable_pp=0.31 + 0.1 * k, seeds_for_margin=70 + k)
                for k, cell in enumerate(subject.cells)
            ),
            "orderings": tuple(row.model_copy(update={"contrast": ("none", "act_bn")}) for row in found.simple_effects),
            "leave_one_out": tuple(
                f.LeaveOneOutRow(
                    moderator="depth", level=level, estimate=1.25, ci95=(1.1, 1.4), p_t=0.001, p_signflip=0.002
                )
                for level in (2, 4)
            ),
            "primary": found.primary.model_copy(
                update={"conditional_on": (f.Condition(cell={"depth": 2}, excluded=False),)}
            ),
            "reasons": {
                "/convergence/0/p": f.because("nothing_open"),
                "/claims": f.because("no_claims", factor="ordering"),
            },
        }
    )


def _primary(
    contrast: tuple[Level, Level], seeds: int, gap: float, p: float, p_equivalence: float, *, completed: bool
) -> f.Primary:
    tested = completed and seeds > 1
    return f.Primary(
        response="test_accuracy",
        bn_mode="running",
        conditional_on=(),
        contrast=contrast,
        unit="pp",
        estimate=gap if completed else None,
        ci95=(gap - 0.2, gap + 0.2) if tested else None,
        se_crossed=0.161 if tested else None,
        t=3.456 if tested else None,
        df=seeds - 1 if tested else None,
        p_t=p if tested else None,
        p_signflip=p if tested else None,
        n_seeds=seeds if completed else 0,
        equivalence=f.Equivalence(margin_pp=0.1, p=p_equivalence if tested else None),
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
            partial_eta_sq=0.4 if seeds > 1 else None,
            partial_eta_sq_ci90=(0.01, 0.6) if seeds > 1 else None,
            n_seeds=seeds,
        )
        for effect in effects
    )


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
        gap=gap,
        sd=0.31 if many else None,
        ci95=(gap - 0.22, gap + 0.22) if many else None,
        t=gap / 0.1 if many else None,
        p_t=p if many else None,
        p_t_holm=min(1.0, 4 * p) if many else None,
        p_wilcoxon=p if many else None,
        p_signflip=p if many else None,
        p_signflip_holm=min(1.0, 4 * p) if many else None,
        p_tost=0.012 if many and abs(gap) < 0.1 else 0.9 if many else None,
        p_tost_holm=0.04 if many and abs(gap) < 0.1 else 1.0 if many else None,
        d_z=gap / 0.31 if many else None,
        bf10=12.3 if many else None,
        pair_correlation=0.41 if many else None,
    )


def _convergence(cells: Sequence[Cell], draw: np.random.Generator) -> tuple[f.ConvergenceRow, ...]:
    return tuple(
        f.ConvergenceRow(
            model="aft",
            eval_set="subset",
            bn_mode="batch",
            target=0.95,
            cell=cell,
            term="time_ratio",
            estimate=(ratio := float(np.exp(draw.normal(-0.2, 0.1)))),
            ci95=(ratio * 0.9, ratio * 1.1),
            p=0.021,
            p_method="jackknife",
            censored_share=0.125,
        )
        for cell in [None, *cells]
    )


def _claims() -> tuple[f.Claim, ...]:
    part = f.Component(
        contrast=f.because("gap_in_cell", cell={"depth": 2}), side="greater", estimate=0.41, ci95=(0.1, 0.72), p=0.012
    )
    verdicts = ("refuted", "inconclusive", "supported", "premise_not_met", "not_tested")
    ids = ("small_effect", "depth_crossover", "bounded_gain", "leaky_repair", "family_washout")
    return tuple(
        f.Claim(
            id=one,
            statement=f.because(f"claim_{one}"),
            verdict=verdict,
            reason=f.because("every_component_holds"),
            components=(part,),
            p_holm=0.06,
        )
        for one, verdict in zip(ids, verdicts, strict=True)
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
                cell=cell, level=level, bn_mode=mode, n=seeds, accuracy=float(values.mean()), sd=sd, values=by_seed
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
