"""What is kept of the findings of a further response: its question, headline, effects and cells, and their reasons."""

from analyze.findings import Findings, because

#: Sections that are about one response alone.
KEPT = ("study", "question", "primary", "anova", "simple_effects", "levels", "failures", "sequential", "growth")


def of_response(found: Findings) -> Findings:
    """The findings of a response without what the first response has said of the study."""
    kept = {name: getattr(found, name) for name in KEPT} | {"methods": found.methods}
    kept["anova"] = tuple(row for row in found.anova if row.response == found.primary.response)
    known = ("", *KEPT)
    reasons = {pointer: why for pointer, why in found.reasons.items() if pointer.split("/")[1] in known}
    return Findings(**kept, reasons=reasons | {"/heterogeneity/tau": because("first_response_alone")})
