"""Failure rates and pairs won, over the cells of the headline and in every cell."""

import numpy as np
from numpy.typing import NDArray

from analyze.errors import InvalidTableError
from analyze.findings import Cell, Decision, FailureRow, Message, Why, because
from analyze.inference.signflip import flip_p, flips, least_seeds
from analyze.inference.wins import clopper_pearson
from analyze.measures import response
from analyze.sections.decision import decidable, of_mean
from analyze.sections.wins import Wins
from analyze.study.data import StudyData
from analyze.study.pairing import by_seed

Array = NDArray[np.float64]


def require_results(study: StudyData) -> None:
    """Refuse a study in which every trial of a level that is compared has failed, and what failed has no value.

    A response without bounds is told by pairs won, of which a failed run loses its own.

    Raises:
        InvalidTableError: there is such a level.
    """
    factor, values = study.design.factor, response.values(study)
    by_pairs_won = study.design.response.bounds is None
    for level in () if by_pairs_won or not study.design.declared else study.design.contrast:
        if not np.isfinite(values[(study.trials[factor] == level).to_numpy()]).any():
            raise InvalidTableError(
                f"no trial of {factor} {level} has a result, and {study.count('failed')} of the study's failed: "
                "there is nothing to compare"
            )


def rows(
    wins: Wins, inside: NDArray[np.bool_], decided: list[Decision], alpha: float, *, lower: bool
) -> list[tuple[FailureRow, Why]]:
    """The cells of the headline together, then every cell.

    Args:
        wins: the scores of every pair.
        inside: cells of the headline, (C,).
        decided: what is decided of each cell, corrected over them.
        alpha: level of the tests.
        lower: whether lower values win.
    """
    alone = np.ones(1, bool)
    cells = [(index, cell) for index, cell in enumerate(wins.failed.cells) if cell]
    groups: list[tuple[Wins, NDArray[np.bool_]]] = [(wins, inside), *((wins.only(index), alone) for index, _ in cells)]
    means = [won.comparison(chosen)[0][:, None] for won, chosen in groups]
    failed = [by_seed(won.failed.difference, chosen)[:, None] for won, chosen in groups]
    p = flip_p([*means, *failed], flips())
    named: list[tuple[Cell | None, Decision | None]] = [
        (None, None),
        *((cell, decided[index]) for index, cell in cells),
    ]
    return [
        _row(won, chosen, *name, *both, alpha, lower=lower)
        for (won, chosen), name, both in zip(
            groups, named, zip(p[: len(groups)], p[len(groups) :], strict=True), strict=True
        )
    ]


def _row(
    wins: Wins,
    chosen: NDArray[np.bool_],
    cell: Cell | None,
    decision: Decision | None,
    p_wins: float | None,
    p_failed: float | None,
    alpha: float,
    *,
    lower: bool,
) -> tuple[FailureRow, Why]:
    means, compared = wins.comparison(chosen)
    pairs = (-1 if lower else 1) * wins.scores[np.isfinite(means)][:, chosen]
    first, second = int((pairs > 0).sum()), int((pairs < 0).sum())
    rates = [
        float(np.nanmean(arm[:, chosen])) if np.isfinite(arm[:, chosen]).any() else None
        for arm in (wins.failed.first, wins.failed.second)
    ]
    alone = chosen.sum() == 1
    interval = clopper_pearson(first, first + second) if alone else None
    scored = int(np.isfinite(pairs).sum())
    row = FailureRow(
        cell=cell,
        n_seeds=compared.n,
        failed_first=rates[0],
        failed_second=rates[1],
        p_failed=p_failed,
        wins_first=first,
        wins_second=second,
        ties=scored - first - second,
        win_rate=(first + (scored - first - second) / 2) / scored if scored else None,
        win_rate_ci95=interval,
        p_wins=p_wins,
        decision=decision or of_mean(compared, p_wins, None, alpha),
    )
    why: Why = {}
    if interval is None:
        why["win_rate_ci95"] = because("all_pairs_tied" if alone else "interval_of_one_cell")
    if p_failed is None:
        why["p_failed"] = because("equal_rates")
    if p_wins is None:
        why["p_wins"] = because("no_pair_won") if decidable(compared.n, alpha) else _few(alpha)
    missing = {"failed_first": rates[0], "failed_second": rates[1], "win_rate": row.win_rate}
    why |= {field: because("no_pair") for field, value in missing.items() if value is None}
    return row, why


def _few(alpha: float) -> Message:
    return because("seeds_too_few", count=least_seeds(alpha))
