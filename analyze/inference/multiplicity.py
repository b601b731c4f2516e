"""Holm's correction for families in which some tests could not be made."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's (1979) step-down p, in the given order; None stays None and does not count towards the family.

    Checked against statsmodels' multipletests(method="holm") and R's p.adjust.
    """
    tested = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, index) in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - rank) * p))
        adjusted[index] = least
    return adjusted
