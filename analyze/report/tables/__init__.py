"""Findings -> tables ready to print: headings and cells as Markup, the same for PDF, HTML and Markdown."""

from analyze.report.tables.claims import claims, claims_evidence, judged_claims, untested
from analyze.report.tables.effects import (
    anova,
    anova_others,
    anova_responses,
    cells,
    decided_cells,
    leave_one_out,
    orderings,
    simple_effects,
    simple_effects_batch,
)
from analyze.report.tables.evidence import diagnostics, mechanism, multiverse, power, stability
from analyze.report.tables.failures import failures
from analyze.report.tables.gaps import gaps
from analyze.report.tables.levels import level_pairs, levels
from analyze.report.tables.outcomes import outcomes, published
from analyze.report.tables.repeatability import images, repeatability
from analyze.report.tables.responses import responses
from analyze.report.tables.sequential import sequential
from analyze.report.tables.speed import convergence, restricted_time, time_regression
from analyze.report.tables.table import Column, Table, tabulate

__all__ = [
    "Column",
    "Table",
    "anova",
    "anova_others",
    "anova_responses",
    "cells",
    "claims",
    "claims_evidence",
    "convergence",
    "decided_cells",
    "diagnostics",
    "failures",
    "gaps",
    "images",
    "judged_claims",
    "leave_one_out",
    "level_pairs",
    "levels",
    "mechanism",
    "multiverse",
    "orderings",
    "outcomes",
    "power",
    "published",
    "repeatability",
    "responses",
    "restricted_time",
    "sequential",
    "simple_effects",
    "simple_effects_batch",
    "stability",
    "tabulate",
    "time_regression",
    "untested",
]
