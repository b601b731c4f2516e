"""Is this design able to answer its question, and what is missing? Looks at trials without analysing them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analyze.findings import Message
from analyze.inference import power, unpaired
from analyze.inference.paired import spread
from analyze.inference.signflip import least_p, least_seeds
from analyze.measures import response
from analyze.measures.time_to_target import Crossings, convergence_curves, crossings, without_curves
from analyze.sections import levels
from analyze.sections.images import over_images
from analyze.sections.mean import cells_of_mean
from analyze.sections.threshold import untestable
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed, equal_hashes, one_start, shared_parameters
from analyze.study.tidy import cut

State = Literal["ok", "note", "lacks", "fatal"]

#: A cell is at the ceiling when at least this share of its runs makes no error.
CEILING_SHARE = 0.5


@dataclass(frozen=True)
class Check:
    """One thing looked at. A fatal one means that the design cannot answer; `lacks` costs part of the answer."""

    topic: str
    state: State
    says: str
    reason: Message | None = None


def examine(study: StudyData) -> list[Check]:
    """Everything that can be said about a design from its trials, and of every further response its own."""
    return [*_of_first(study), *(line for one in study.further for line in _of_further(one))]


def _of_further(study: StudyData) -> list[Check]:
    """What is compared beside the first response, and within which margin."""
    paired, name = arms(study.trials, response.values(study), study.design), cut(study.design.response.name)
    pairs = study.design.declared and study.design.paired and study.design.folds is None
    lines = [_lacking(study, _response(study, paired)), *([_margin(study, paired)] if pairs else [])]
    return [one if one.topic == "response" else replace(one, says=f"{name}: {one.says}") for one in lines]


def _lacking(study: StudyData, found: Check) -> Check:
    """The line of a further response with the runs that have no value of it, which count as failed."""
    lost = int(np.isnan(response.values(study)).sum())
    if not lost or found.state == "fatal":
        return found
    return replace(found, state="lacks", says=f"{found.says}; {lost} of {len(study.ran)} runs have none")


def _of_first(study: StudyData) -> list[Check]:
    """What can be said of the response that decides."""
    paired = arms(study.trials, response.values(study), study.design)
    if not study.design.declared:
        return [_levels(study), _coverage(study), *_columns(study)]
    if study.design.threshold is not None:
        seen = [_response(study, paired), *_values(study), _margin(study, paired)]
        return [_seeds(study, paired), _coverage(study), *_columns(study), *seen]
    if study.design.folds is not None:
        return [
            _folds(study, paired),
            _coverage(study),
            *_columns(study),
            _pairs(study, paired),
            _response(study, paired),
        ]
    if not study.design.paired:
        return [_arms(study, paired), _coverage(study), *_columns(study), _response(study, paired)]
    accuracy = study.design.response.is_accuracy
    return [
        _seeds(study, paired),
        _coverage(study),
        *_columns(study),
        _pairs(study, paired),
        _hashes(study),
        *([_ceiling(study, paired), _resolution(study)] if accuracy else [_response(study, paired)]),
        _margin(study, paired),
        *([_images(study, paired)] if accuracy else []),
        *_targets(study),
    ]


def _arms(study: StudyData, both: Arms) -> Check:
    """How many seeds each level has, where they have seeds of their own."""
    first, second = (int(np.isfinite(arm).any(axis=1).sum()) for arm in (both.first, both.second))
    says = f"{first} and {second} seeds, compared between the levels"
    if unpaired.decidable(first, second, study.design.alpha):
        return Check("seeds", "ok", says, study.design.why_paired)
    says += f": no exact test can reach {study.design.alpha:g}; it takes {unpaired.LEAST_SEEDS} of each"
    return Check("seeds", "fatal", says, study.design.why_paired)


def _folds(study: StudyData, paired: Arms) -> Check:
    """How many folds ran both levels in every cell, and of which cross-validation."""
    of = study.design.folds
    averaged = cells_of_mean(paired, study.design.alpha, of)
    complete = int(np.isfinite(by_seed(paired.difference, averaged)).sum())
    says = f"{complete} complete fold{'' if complete == 1 else 's'} of {of}-fold cross-validation"
    if complete < 2:
        return Check("folds", "fatal", f"{says}: a spread takes two", study.design.why_paired)
    if of is not None and complete < of:
        says = f"{complete} of {of} folds are complete, and the others did not run both levels in every cell"
        return Check("folds", "lacks", says, study.design.why_paired)
    return Check("folds", "ok", says, study.design.why_paired)


def _levels(study: StudyData) -> Check:
    """How many seeds ran every level, where all of them are compared."""
    found, _ = levels.compared(study)
    alpha, count = study.design.alpha, len(study.design.factors[study.design.factor])
    complete = 0 if found.omnibus is None else found.omnibus.n_seeds
    says = f"{complete} complete seed{'' if complete == 1 else 's'} of all {count} levels of {study.design.factor}"
    if least_p(complete) <= alpha:
        return Check("seeds", "ok", says)
    says += f": no exact test can reach {alpha:g}, whatever the levels; it takes {least_seeds(alpha)}"
    return Check("seeds", "fatal", says)


def able(checks: list[Check]) -> bool:
    """Whether the design can answer its primary question."""
    return all(check.state != "fatal" for check in checks)


def _coverage(study: StudyData) -> Check:
    failed = study.count("failed")
    said = f"{study.pending} {'have not ended' if study.metadata is None else 'pending'}, {failed} failed"
    ended = "trials have ended" if study.metadata is None else "planned trials are here"
    here = f"{len(study.ran)} of {study.planned} {ended}"
    says = f"{here}, {said}"
    missing = study.planned - study.pending - len(study.ran)
    if missing:
        says += f"; {abs(missing)} rows {'are missing' if missing > 0 else 'too many'}"
    return Check("coverage", "lacks" if study.pending or failed or missing else "ok", says)


def _columns(study: StudyData) -> list[Check]:
    """Which columns are no factors, each reason once."""
    ignored = study.design.ignored
    reasons = [reason for index, reason in enumerate(ignored.values()) if reason not in list(ignored.values())[:index]]
    return [
        Check(
            "columns", "note", f"no factors: {', '.join(cut(n) for n, why in ignored.items() if why == reason)}", reason
        )
        for reason in reasons
    ]


def _pairs(study: StudyData, paired: Arms) -> Check:
    possible, here = paired.difference.size, int(np.isfinite(paired.difference).sum())
    unit = "seed" if study.design.folds is None else "fold"
    if not here:
        return Check("pairs", "fatal", f"no {unit} ran both levels of {study.design.contrast_name} in any cell")
    if not paired.crossed:
        lost = next(cell for cell, present in zip(paired.cells, paired.present, strict=True) if not present)
        named = ", ".join(f"{name}={level}" for name, level in lost.items())
        return Check("pairs", "lacks", f"no pair in the cell {named}: effects cannot be tested over all cells")
    complete = int(paired.complete.sum())
    says = f"{here} of {possible} pairs, {complete} of {len(paired.seeds)} {unit}s complete over all cells"
    return Check("pairs", "ok" if here == possible else "lacks", says)


def _hashes(study: StudyData) -> Check:
    found = equal_hashes(study.trials, study.design)
    if found is None:
        return Check("pairing", "note", "initial weights and batch order are not recorded; pairs share the seed only")
    same, batches, pairs = found
    says = f"both arms of all {pairs} pairs began with the same weights and batch order"
    if same < pairs:
        says = f"{same} of {pairs} pairs share initial weights and batch order, {batches - same} more the batch order"
        if shared := shared_parameters(study.trials, study.design):
            ends = dict.fromkeys(f"{share:.1%}" for share in shared)
            says += f"; of the others' parameters {' to '.join(ends)} start alike"
    alike = one_start(study.trials, study.design)
    if alike:
        says += "; every seed began with the same weights, so that intervals do not hold for other ones"
    return Check("pairing", "note" if alike or same < pairs else "ok", says)


def _seeds(study: StudyData, paired: Arms) -> Check:
    alpha = study.design.alpha
    averaged = cells_of_mean(paired, alpha)
    complete = int(np.isfinite(by_seed(paired.difference, averaged)).sum())
    says = f"{complete} complete seed{'' if complete == 1 else 's'}"
    if averaged.any() and not averaged.all():
        says += f" over the {averaged.sum()} of {len(averaged)} cells that the mean is taken over"
    if least_p(complete) > alpha:
        needed = least_seeds(alpha)
        says += f": no exact test can reach {alpha:g}, whatever the gap; it takes {needed}"
        return Check("seeds", "fatal", says)
    return Check("seeds", "ok", says)


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


def _response(study: StudyData, paired: Arms) -> Check:
    """What is compared, and whether it varies at all."""
    compared = study.design.response
    said = {"higher": "higher is better", "lower": "lower is better", "neither": "neither way is better"}
    unit = f" ({compared.unit})" if compared.unit else ""
    says = f"{cut(compared.name)}{unit} on the {compared.scale} scale; {said[compared.better]}"
    runs = np.concatenate([paired.first, paired.second])
    if np.isfinite(runs).any() and np.nanmin(runs) == np.nanmax(runs):
        return Check("response", "fatal", f"{says}; every run has the same: there is nothing to compare")
    return Check("response", "ok", says)


def _values(study: StudyData) -> list[Check]:
    """Whether values can be tested against a number."""
    why = untestable(study)
    return [] if why is None else [Check("values", "note", "runs ahead of the number are counted", why)]


def _resolution(study: StudyData) -> Check:
    if "test_n" not in study.trials:
        return Check("resolution", "note", "test_n is not recorded; there is no logit scale")
    images = int(study.trials["test_n"].min())
    if 100 / images > (study.design.response.margin or 0.0):
        return Check("resolution", "lacks", f"one of {images} test images is more than the equivalence margin")
    return Check("resolution", "ok", f"{images} test images")


def _margin(study: StudyData, paired: Arms) -> Check:
    margin = study.design.response.margin
    if margin is None:
        return Check("margin", "note", "no margin is declared: equivalence is not tested (--margin)")
    spreads: dict[int, float] = {}
    for column in paired.difference.T:
        kept = column[np.isfinite(column)]
        if len(kept) > 1:
            spreads[len(kept)] = max(spread(kept), spreads.get(len(kept), 0.0))
    # The widest cell needs most seeds: of as many pairs the one with the widest spread.
    sd = max((power.upper_sd(sd, n) for n, sd in spreads.items() if sd > 0), default=None)
    if sd is None:
        return Check("margin", "note", "no cell has a spread to plan equivalence on")
    most = power.seeds_for_margin(sd, margin, study.design.alpha)
    if most is None:
        return Check("margin", "lacks", "in a cell no practicable number of seeds shows equivalence within the margin")
    state: State = "ok" if most <= len(paired.seeds) else "lacks"
    return Check("margin", state, f"equivalence in every cell needs about {most} seeds, here are {len(paired.seeds)}")


def _images(study: StudyData, paired: Arms) -> Check:
    """Whether test images or seeds bound how far the mean gap is known."""
    found = over_images(study, paired)
    share = None if isinstance(found, Message) else found.image_share
    if isinstance(found, Message) or share is None:
        return Check(
            "images", "note", "the outcome of each test image is not known in every pair: images are no sample"
        )
    if share > 0.5:
        least = f"even infinitely many seeds would leave a standard error of {found.se_of_images:.2f} pp"
        return Check("images", "lacks", f"test images, not seeds, are the limit: {least}")
    return Check("images", "ok", f"seeds are the limit; test images are {share:.0%} of the variance of the mean gap")


def _targets(study: StudyData) -> list[Check]:
    curves = convergence_curves(study)
    if curves is None:
        return [Check("targets", "note", "speed is not in this study", without_curves(study))]
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
