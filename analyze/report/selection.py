"""Which rows stand on the page: a selection is made once, for sentences, tables and figures alike.

Each comes with its place in its section of the findings, under which the reasons of its nulls are found.
"""

from analyze.findings import AnovaRow, Findings, SimpleEffect


def anova(findings: Findings) -> list[tuple[int, AnovaRow]]:
    """The model of the primary response in the mode of the headline, on the raw scale."""
    primary = findings.primary
    chosen = (primary.response, "raw", primary.bn_mode)
    return [(i, row) for i, row in enumerate(findings.anova) if (row.response, row.scale, row.bn_mode) == chosen]


def simple_effects(findings: Findings, *, other_modes: bool = False) -> list[tuple[int, SimpleEffect]]:
    """The contrast in every cell on the raw scale: in the mode of the headline, or in the others."""
    rows = enumerate(findings.simple_effects)
    return [
        (i, row) for i, row in rows if row.scale == "raw" and (row.bn_mode != findings.primary.bn_mode) == other_modes
    ]
