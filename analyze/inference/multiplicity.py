"""Holm's correction for families in which some tests could not be made."""

from collections.abc import Sequence

import pingouin


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's (1979) step-down p, in the given order; None stays None and does not count towards the family.

    Checked against R's p.adjust.
    """
    tested = [p for p in p_values if p is not None]
    adjusted = iter(pingouin.multicomp(tested, method="holm")[1].tolist() if tested else ())
    return [None if p is None else next(adjusted) for p in p_values]
