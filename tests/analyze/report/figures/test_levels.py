"""The ladder of levels: each against the best, and lines that join those not told apart."""

from analyze import findings as f
from analyze.findings import Findings, Level
from analyze.report.figures.gap_axis import Gap
from analyze.report.figures.levels import data_of
from analyze.report.figures.style import INK
from tests.analyze.report.figures import read
from tests.analyze.sample import THREE, sample


def pair(first: Level, second: Level, gap: float, ci95: tuple[float, float]) -> f.LevelPair:
    """Two levels of ten seeds."""
    null = dict.fromkeys(("sd", "ci90", "t", "p_t", "p_signflip", "p_max_t", "p_tost", "d_z", "d_z_ci95"))
    return f.LevelPair(contrast=(first, second), n=10, gap=gap, ci95=ci95, decision="undecided", trivial=False, **null)


def found() -> Findings:
    """The best is the last level of the factor; the other two are not told apart."""
    groups = {"none": ("a",), "act_bn": ("b",), "bn_act": ("b",)}
    means = tuple(
        f.LevelRow(level=level, n=10, mean=mean, sd=0.1, groups=groups[level])
        for level, mean in (("none", 97.0), ("act_bn", 96.5), ("bn_act", 96.0))
    )
    pairs = (
        pair("bn_act", "act_bn", -0.5, (-0.9, -0.1)),
        pair("bn_act", "none", -1.0, (-1.25, -0.75)),
        pair("act_bn", "none", -0.5, (-0.75, -0.25)),
    )
    return sample(factors=THREE, levels=f.Levels(omnibus=None, means=means, pairs=pairs))


def test_gaps_are_to_the_best() -> None:
    """Each level less the best, on the row of the level, with its own interval; a pair of others is not drawn."""
    data = data_of(found())
    assert data is not None
    assert data.levels == ("none", "act_bn", "bn_act")
    assert data.gaps == (
        Gap({"ordering": "bn_act"}, "running", -1.0, (-1.25, -0.75), 10, row=0),
        Gap({"ordering": "act_bn"}, "running", -0.5, (-0.75, -0.25), 10, row=1),
    )
    assert data.groups == ((1, 0),)
    assert data.margin == 0.1


def test_a_gap_that_was_taken_the_other_way_is_turned() -> None:
    """The best first in its pair: the gap of the other to it has the other sign, and so has its interval."""
    several = found().levels
    turned = tuple(
        pair(one.contrast[1], one.contrast[0], -(one.gap or 0.0), (-(one.ci95 or (0, 0))[1], -(one.ci95 or (0, 0))[0]))
        for one in several.pairs
    )
    assert data_of(found().model_copy(update={"levels": several.model_copy(update={"pairs": turned})})) == data_of(
        found()
    )


def test_what_is_drawn_is_the_data() -> None:
    """The diamond of the best on top, dots with intervals below it, one line over the rows of the group."""
    data = data_of(found())
    assert data is not None
    side, axes = read.draw("levels", data).axes
    drawn = [one.places for one in read.dots(axes) if one.fill == INK]
    assert ((-1.0, 0.0),) in drawn
    assert ((-0.5, 1.0),) in drawn
    assert read.row_names(side) == [(0, "bn_act"), (1, "act_bn"), (2, "none")]
    assert [(text.get_text(), text.xy[1]) for text in axes.texts] == [  # type: ignore[attr-defined]
        ("−1.00 [−1.25, −0.75]", 0),
        ("−0.50 [−0.75, −0.25]", 1),
    ]
    assert next(one.places for one in read.lines(side)) == ((0.0, 0.0), (0.0, 1.0))
    assert read.span(axes)[0] == (-0.1, 0.1)


def test_without_groups_there_is_no_picture() -> None:
    """Two levels, or too few seeds to tell any apart."""
    assert data_of(sample()) is None
    several = found().levels
    bare = tuple(one.model_copy(update={"groups": ()}) for one in several.means)
    assert data_of(found().model_copy(update={"levels": several.model_copy(update={"means": bare})})) is None
