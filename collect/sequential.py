"""A study whose seeds grow until each cell is decided: train a look's seeds, ask what they decide, add the next batch.

What is decided is what `analyze` decides of the same rows, so that every collector, and every later analysis, reaches
the same looks; who took them, and when, does not matter.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from collect import publishing, runner
from collect.errors import StudyError
from collect.execute import stopping
from collect.execute.executor import Executor
from collect.store import keys, ledger, plan_growth
from collect.store import plan as plans
from collect.store.ledger import Ledger
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.study import growth, shards
from collect.study.explain import ASSUMED_SD_PP
from collect.study.study import Level, Study

# The analysis takes a second to import, and only studies that grow ask for it.
# ruff: noqa: PLC0415

#: Between two looks at what other shards have left.
WAIT_SECONDS = 2.0

#: Simulated studies behind the seeds that `collect plan` expects, and where their draws start.
SIMULATED, FIRST_DRAW = 40, 20_261_126


@dataclass(frozen=True)
class CellSeen:
    """A cell at the last look: complete pairs, the gap and the interval that holds at every look, what is decided.

    Gap and ends are in the unit of the response, percentage points of an accuracy; null where there are none yet.
    """

    cell: dict[str, Level]
    n: int
    gap: float | None
    interval: tuple[float, float] | None
    decision: str


@dataclass(frozen=True)
class Settled:
    """How far a study is: seeds of the last look, 0 before the first, its cells, and whether more are to be trained."""

    seeds: int
    open: bool
    cells: list[CellSeen] = field(default_factory=list)

    @property
    def open_cells(self) -> list[dict[str, Level]]:
        """The cells that more seeds are trained for."""
        return [one.cell for one in self.cells if one.decision == "undecided"]


def settled(where: str) -> Settled:
    """What the tables of a study decide of its cells.

    Raises:
        StudyError: they cannot be analysed.
    """
    from analyze.errors import AnalyzeError
    from analyze.sections.sequential import grown
    from analyze.study.load import load
    from analyze.study.remote import fetch

    try:
        study = load(fetch(where) if "://" in where else Path(where))
        found = grown(study)
    except AnalyzeError as error:
        raise StudyError(f"what the trials decide cannot be told: {error}") from None
    if not found.looks or found.rule is None:
        return Settled(0, open=found.rule is not None)
    last = found.looks[-1]
    cells = [
        CellSeen(
            cell,
            seen.n,
            seen.gap if math.isfinite(seen.gap) else None,
            seen.interval if math.isfinite(seen.interval[1] - seen.interval[0]) else None,
            seen.decision,
        )
        for cell, seen in zip(found.paired.cells, last.cells, strict=True)
    ]
    return Settled(last.seeds, found.open, cells)


def settled_by(plan: Plan, store: Store) -> Settled | None:
    """What the tables of a study that grows decide; None where it does not, or before there are tables."""
    if not plan.study["analysis"].get("sequential") or store.read(keys.table("trials")) is None:
        return None
    return settled(str(store))


def run_until_decided(
    store: Store,
    plan: Plan,
    executor: Executor,
    image_root: Path,
    shard: tuple[int, int] = (1, 1),
    note: str | None = None,
    here: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Ledger, int]:
    """Train complete seeds of the cells that are open, in batches, until each is decided or the most seeds are reached.

    Args:
        store: where the study lies.
        plan: of the study, with the places of its data sets.
        executor: runs the trials.
        image_root: where data sets are found.
        shard: I of N: this collector trains its share of every batch, and waits for the others'.
        note: what to say before the first trial is trained.
        here: the environment of this machine, where the trials train on it.
        tell: takes a sentence on each look.

    Returns:
        The state of the study, and how many trials there were to run.

    Raises:
        StudyError: the study declares no growth.
        InterruptedRunError, NoRoomError: as `runner.run` does.
    """
    study = plans.asked(plan.study, plan.name, plan.network)
    if not study.analysis.sequential:
        raise StudyError(
            f"{plan.name} does not grow: its study file declares no [analysis] sequential = true with seeds_max, which "
            "has to stand there before the data"
        )
    trained, before = 0, set[str]()
    while True:
        batch = {trial_id: plan.trials[trial_id] for trial_id in plan.trials if trial_id not in before}
        chosen = shards.chosen(batch, *shard) if shard != (1, 1) else batch.keys()
        state, more = runner.run(store, plan, executor, image_root, chosen, note, here)
        trained, note = trained + more, None
        if shard != (1, 1):
            state = _await_shards(store, plan, state)
        found = _look(store)
        tell(in_one_line(found))
        if not found.open:
            return state, trained
        if found.cells:
            before = set(plan.trials)
            seeds = next(seeds for seeds in growth.looks(study) if seeds > found.seeds)
            grown = plan_growth.grow(store, study, found.open_cells, seeds)
            plan = replace(grown, sources=plan.sources)


def _look(store: Store) -> Settled:
    """What the tables decide; while another collector is writing them anew they may not fit together."""
    for _ in range(publishing.PUBLISHINGS):
        try:
            return settled(str(store))
        except StudyError:
            time.sleep(WAIT_SECONDS)
            publishing.publish(store)
    return settled(str(store))


def _await_shards(store: Store, plan: Plan, state: Ledger) -> Ledger:
    """The state once no trial of the plan is pending any more."""
    if not state.counts["pending"]:
        return state
    received: list[int] = []
    with stopping.draining(lambda: None, received):
        while ledger.read(store, plan.trials).counts["pending"] and not received:
            time.sleep(WAIT_SECONDS)
    if received:
        raise stopping.InterruptedRunError(received[0])
    return publishing.publish(store)[1]


def in_one_line(found: Settled) -> str:
    """How many cells are decided, at how many seeds."""
    if not found.cells:
        return "no look yet: runs of the first seeds are pending"
    decided = len(found.cells) - len(found.open_cells)
    return f"{found.seeds} seeds: {decided} of {len(found.cells)} cells decided"


def in_lines(found: Settled) -> str:
    """The same, and a line a cell: what it is, pairs, gap, interval, decision."""
    names = [", ".join(f"{name}={level}" for name, level in one.cell.items()) or "the one cell" for one in found.cells]
    width = max(map(len, names), default=0)
    lines = [in_one_line(found)]
    for name, one in zip(names, found.cells, strict=True):
        gap = "no gap" if one.gap is None else f"{one.gap:+.3g}"
        bounds = "no interval yet" if one.interval is None else "[{:.3g}, {:.3g}]".format(*one.interval)
        lines.append(f"  {name:<{width}}  n {one.n:>3}  {gap:>7} {bounds:<18} {one.decision}")
    return "\n".join(lines)


def as_json(found: Settled) -> dict[str, Any]:
    """The same for programs."""
    return {"seeds": found.seeds, "open": found.open, "cells": [asdict(one) for one in found.cells]}


def expected_seeds(study: Study, sd_pp: float = ASSUMED_SD_PP) -> dict[float, tuple[float, float]]:
    """Mean seeds a cell, and the share of cells that are decided, by true gap: 0, the margin and twice the margin.

    By simulation of normal differences with this sd in every cell; both in percentage points.
    """
    import numpy as np

    from analyze.inference.sequential import Boundary, Rule, Seen, looks

    analysis, cells = study.analysis, math.prod(map(len, study.factors.values()))
    cells //= len(study.factors[analysis.factor])
    margin, most = analysis.margin_pp, len(growth.seeds_in_order(study))
    boundary: Boundary = "pocock" if analysis.sequential == "pocock" else "mixture"
    rule = Rule(len(study.seeds), analysis.batch, most, analysis.alpha, margin, boundary)
    found = {}
    for gap in (0.0, margin, 2 * margin):
        draw = np.random.default_rng(FIRST_DRAW)
        last: list[Seen] = []
        for _ in range(max(1, SIMULATED // cells)):
            values = draw.normal(gap, sd_pp, (most, cells))
            last += looks(values, np.ones(values.shape, bool), rule)[-1].cells
        found[gap] = float(np.mean([cell.n for cell in last])), float(np.mean([not cell.open for cell in last]))
    return found


def expected_in_words(study: Study, found: Mapping[float, tuple[float, float]], sd_pp: float = ASSUMED_SD_PP) -> str:
    """What `expected_seeds` found, a line a gap."""
    most = len(growth.seeds_in_order(study))
    lines = [
        f"\nSeeds until a cell is decided, if paired differences have sd {sd_pp:.2g} pp (simulated, {most} at most):"
    ]
    for gap, (seeds, share) in found.items():
        lines.append(f"  true gap {gap:<4.2g} pp  {seeds:>4.0f} on average, {100 * share:>3.0f} % of cells decided")
    return "\n".join(lines)
