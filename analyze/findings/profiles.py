"""Descriptions that figures draw: accuracies by cell, curves, times to the target, class shares, probes by layer."""

from analyze.findings.values import BnMode, Cell, Level, Row


class CurvePoint(Row):
    """Learning curve of one cell and level at one evaluation point: median over seeds and the central 80 %."""

    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    eval_set: str
    """test images that were evaluated"""
    bn_mode: str
    """how the networks were evaluated"""
    examples_seen: int
    """training images seen"""
    accuracy: float
    """median test accuracy, percent"""
    low: float
    """tenth percentile over seeds, percent"""
    high: float
    """ninetieth percentile over seeds, percent"""
    n_seeds: int
    """seeds"""


class InitialShare(Row):
    """How evenly one level's untrained networks predict the classes in one cell: median over seeds, central 80 %.

    Before the first step, on the test subset, with batch statistics, or running ones without BatchNorm.
    """

    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    share: float
    """median share of images given to the class predicted most often"""
    low: float
    """tenth percentile over seeds"""
    high: float
    """ninetieth percentile over seeds"""
    n_seeds: int
    """seeds"""


class CellSummary(Row):
    """The response of one level of the primary factor in one cell, over seeds, on its scale."""

    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    n: int
    """runs"""
    mean: float
    """mean of the response, accuracy in per cent"""
    sd: float | None
    """standard deviation over seeds"""
    values: dict[str, float]
    """the response by seed"""


class SurvivalPoint(Row):
    """Share of one level's runs in one cell that have not reached the target after so many images; a step function."""

    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    target: float
    """target accuracy, a share"""
    bn_mode: str
    """how the networks were evaluated"""
    examples_seen: int
    """training images seen"""
    surviving: float
    """share of runs below the target"""
    n: int
    """runs"""


class LayerPoint(Row):
    """One probe in one layer at the last evaluation point: median over seeds and the central 80 %."""

    measure: str
    """what the probes measured"""
    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    layer: int
    """1 is the first layer with weights"""
    value: float
    """median over seeds"""
    low: float
    """tenth percentile over seeds"""
    high: float
    """ninetieth percentile over seeds"""
    n_seeds: int
    """seeds"""
