"""Is this design able to answer its question, and what is missing? Looks at trials without analysing them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyze.inference import power
from analyze.inference.paired import spread
from analyze.inference.signflip import least_seeds
from analyze.measures import response
from analyze.measures.time_to_target import Crossings, convergence_curves, crossings
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, equal_hashes

State = Literal["ok", "note", "lacks", "fatal"]

#: A cell is at the ceiling when at least this share of its runs makes no error.
CEILING_SHARE = 0.5


@dataclass(frozen=True)
class Check:
    """One thing looked at. A fatal one means that the design cannot answer; `lacks` costs part of the answer."""

    topic: str
    state: State
    says: str


def examine(study: StudyData) -> list[Check]:
    """Everything that can be said about a design from its trials."""
    paired = arms(study.trials, response.percent(study, "running"), study.design)
    return [
        _coverage(study),
        _pairs(study, paired),
        _hashes(study),
        _seeds(study, paired),
        _ceiling(study, paired),
        _resolution(study),
        _margin(study, paired),
        *_targets(study),
    ]


def able(checks: list[Check]) -> bool:
    """Whether the design can answer its primary question."""
    return all(check.state != "fatal" for check in checks)


def _coverage(study: StudyData) -> Check:
    failed = study.count("failed")
    says = f"{len(study.trials)} of {study.planned} planned trials are here, {study.pending} pending, {failed} failed"
    missing = study.planned - study.pending - len(study.trials)
    if missing:
        says += f"; {abs(missing)} rows {'are missing' if missing > 0 else 'too many'}"
    return Check("coverage", "lacks" if study.pending or failed or missing else "ok", says)


def _pairs(study: StudyData, paired: Arms) -> Check:
    possible, here = paired.difference.size, int(np.isfinite(paired.difference).sum())
    if not here:
        return Check("pairs", "fatal", f"no seed ran both levels of {study.design.contrast_name} in any cell")
    if not paired.crossed:
        lost = next(cell for cell, present in zip(paired.cells, paired.present, strict=True) if not present)
        named = ", ".join(f"{name}={level}" for name, level in lost.items())
        return Check("pairs", "lacks", f"no pair in the cell {named}: effects cannot be tested over all cells")
    complete = int(paired.complete.sum())
    says = f"{here} of {possible} pairs, {complete} of {len(paired.seeds)} seeds complete over all cells"
    return Check("pairs", "ok" if here == possible else "lacks", says)


def _hashes(study: StudyData) -> Check:
    found = equal_hashes(study.trials, study.design)
    if found is None:
        return Check("pairing", "note", "initial weights and batch order are not recorded; pairs share the seed only")
    same, pairs = found
    if same == pairs:
        return Check("pairing", "ok", f"both arms of all {pairs} pairs began with the same weights and batch order")
    says = f"{same} of {pairs} pairs share initial weights and batch order; the others share the seed only"
    return Check("pairing", "note", says)


def _seeds(study: StudyData, paired: Arms) -> Check:
    complete, alpha = int(paired.complete.sum()), study.design.alpha
    needed = least_seeds(alpha)
    if needed is None or complete < needed:
        fewer = f" with fewer than {needed}" if needed else ""
        says = f"{complete} complete seeds; no sign-flip can reach alpha{fewer}"
        return Check("seeds", "fatal", says)
    tests = max(2 ** len(paired.moderators), len(paired.cells))
    enough = least_seeds(alpha / tests)
    if enough is None or complete < enough:
        more = f"need {enough}" if enough else "can be decided by no number of seeds"
        says = f"{complete} complete seeds answer the headline; {tests} tests under Holm's correction {more}"
        return Check("seeds", "lacks", says)
    return Check("seeds", "ok", f"{complete} complete seeds")


def _ceiling(study: StudyData, paired: Arms) -> Check:
    runs = np.concatenate([paired.first, paired.second])
    perfect = (runs >= 100.0).sum(axis=0) / np.maximum(np.isfinite(runs).sum(axis=0), 1)
    full = int((perfect >= CEILING_SHARE).sum())
    cells = len(paired.cells)
    if full == cells:
        return Check("ceiling", "fatal", "most runs of every cell make no error: there is nothing to compare")
    if full:
        return Check("ceiling", "lacks", f"most runs of {full} of {cells} cells make no error")
    return Check("ceiling", "ok", f"no cell of {study.design.factor} is at 100 %")


def _resolution(study: StudyData) -> Check:
    if "test_n" not in study.trials:
        return Check("resolution", "note", "test_n is not recorded; there is no logit scale")
    images = int(study.trials["test_n"].min())
    if 100 / images > study.design.margin_pp:
        return Check("resolution", "lacks", f"one of {images} test images is more than the equivalence margin")
    return Check("resolution", "ok", f"{images} test images")


def _margin(study: StudyData, paired: Arms) -> Check:
    needed = []
    for column in paired.difference.T:
        kept = column[np.isfinite(column)]
        if len(kept) > 1 and spread(kept) > 0:
            sd = power.upper_sd(spread(kept), len(kept))
            needed.append(power.seeds_for_margin(sd, study.design.margin_pp, study.design.alpha))
    if not needed:
        return Check("margin", "note", "no cell has a spread to plan equivalence on")
    if None in needed:
        return Check("margin", "lacks", "in a cell no practicable number of seeds shows equivalence within the margin")
    most = max(count for count in needed if count is not None)
    state: State = "ok" if most <= len(paired.seeds) else "lacks"
    return Check("margin", state, f"equivalence in every cell needs about {most} seeds, here are {len(paired.seeds)}")


def _targets(study: StudyData) -> list[Check]:
    curves = convergence_curves(study)
    if curves is None:
        return [Check("targets", "note", "no learning curves: speed is not in this study")]
    used = study.trials[study.design.factor].isin(study.design.contrast).to_numpy()
    checks = []
    for target in study.design.targets:
        found = crossings(study, curves, target)
        known = used & np.isfinite(found.low)
        never, at_once = found.censored[known].mean(), ((found.low == 0) & ~found.censored)[known].mean()
        state: State = "lacks" if never > 0.5 or at_once > 0.5 else "ok"
        says = f"{target:g} is reached by {1 - never:.0%} of the runs, before the second evaluation by {at_once:.0%}"
        checks.append(Check("targets", state, says))
    return [*checks, _separation(study, crossings(study, curves, study.design.targets[0]))]


def _separation(study: StudyData, found: Crossings) -> Check:
    """Cells in which one level reached the primary target first in every pair: no ratio has a finite estimate."""
    times = arms(study.trials, found.high, study.design)
    earlier, later = times.first < times.second, times.first > times.second
    separated = int((earlier.any(axis=0) ^ later.any(axis=0)).sum())
    says = (
        f"one level reached the primary target first in every decided pair of {separated} of {len(times.cells)} cells"
    )
    return Check("separation", "note" if separated else "ok", says)
