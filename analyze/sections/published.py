"""Published comparisons of the same data set and activation, each beside the cell that it matches."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from analyze.findings import Cell, Level, Message, PublishedRow, SimpleEffect, Why, because
from analyze.study.load import StudyData

#: The comparison that was published.
ORDERINGS = {"act_bn", "bn_act"}

#: What has to be equal for a published row to stand beside a cell; other settings are named where they differ.
MATCHED = ("dataset", "activation", "depth")


def rows(study: StudyData, cells: Sequence[SimpleEffect]) -> list[tuple[PublishedRow, Why]]:
    """Every published row beside each cell of its data set and activation; a depth that it states is matched too.

    Args:
        study: it is about.
        cells: the contrast in every cell, in the mode and on the scale of the headline.
    """
    if {*study.design.contrast} != ORDERINGS:
        return []
    fixed = _fixed(study)
    return [
        _row(one, cell, fixed | cell.cell, study.design.contrast)
        for one in known()
        for cell in cells
        if cell.gap is not None and _matches(one, fixed | cell.cell)
    ]


@cache
def known() -> list[dict[str, Any]]:
    """Every published comparison, as published.toml has it."""
    text = (resources.files("analyze.sections") / "published.toml").read_text("utf-8")
    return list(tomllib.loads(text)["row"])


def _fixed(study: StudyData) -> Cell:
    """Settings that all trials share."""
    names = ("dataset", "activation", "depth", "head", "epochs", "optimizer", "learning_rate", "batch_size", "width")
    found: Cell = {}
    for name in (*names, "schedule", "init"):
        levels = list(study.trials[name].dropna().unique()) if name in study.trials else []
        if len(levels) == 1:
            found[name] = getattr(levels[0], "item", lambda level=levels[0]: level)()
    return found


def _stated(one: Mapping[str, Any]) -> dict[str, Level]:
    """What the source states of its protocol."""
    return {"dataset": one["dataset"], "activation": one["activation"], **one.get("settings", {})}


def _matches(one: Mapping[str, Any], here: Cell) -> bool:
    stated = _stated(one)
    return all(here.get(name) == stated[name] for name in MATCHED if name in stated)


def _row(
    one: Mapping[str, Any], cell: SimpleEffect, here: Cell, contrast: tuple[Level, Level]
) -> tuple[PublishedRow, Why]:
    first, second = (float(one[str(level)]) for level in contrast)
    row = PublishedRow(
        source=one["source"],
        runs=one.get("runs"),
        first=first,
        second=second,
        gap=first - second,
        cell=cell.cell,
        here=cell.gap,
        here_ci95=cell.ci95,
        differences=tuple(_differences(one, here)),
    )
    why: Why = {} if row.here_ci95 else {"here_ci95": because("two_complete_pairs")}
    return row, why if row.runs else why | {"runs": because("not_published")}


def _differences(one: Mapping[str, Any], here: Cell) -> list[Message]:
    """The network, and every setting that the source states and this study has otherwise."""
    network = [because("another_network", network=one["network"])] if "network" in one else []
    return network + [
        because("another_setting", factor=name, theirs=str(theirs), here=str(here[name]))
        for name, theirs in one.get("settings", {}).items()
        if name in here and here[name] != theirs
    ]
