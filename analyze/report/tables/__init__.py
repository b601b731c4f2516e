"""Findings -> tables ready to print: headings and cells as Markup, the same for PDF, HTML and Markdown."""

from analyze.report.tables.claims import claims, claims_evidence
from analyze.report.tables.effects import (
    anova,
    anova_others,
    cells,
    leave_one_out,
    orderings,
    simple_effects,
    simple_effects_batch,
)
from analyze.report.tables.evidence import convergence, mechanism, multiverse, power, stability
from analyze.report.tables.table import Column, Table, tabulate

__all__ = [
    "Column",
    "Table",
    "anova",
    "anova_others",
    "cells",
    "claims",
    "claims_evidence",
    "convergence",
    "leave_one_out",
    "mechanism",
    "multiverse",
    "orderings",
    "power",
    "simple_effects",
    "simple_effects_batch",
    "stability",
    "tabulate",
]
