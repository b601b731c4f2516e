"""The headline shows each cell's gap in the primary mode, before the margin and the mean."""

from dataclasses import replace

from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.headline import Panel, data_of
from analyze.report.figures.style import MARKS
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

EFFECTS = (
    made.effect(cell=cell(4, "tanh"), gap=0.4, ci95=(0.3, 0.55)),
    made.effect(cell=cell(2, "tanh"), gap=1.5, ci95=(1.2, 1.7)),
    made.effect(cell=cell(2, "relu"), gap=9.0, ci95=(8.0, 9.5), bn_mode="batch"),
    made.effect(cell=cell(2, "relu"), gap=-0.1, ci95=(-0.3, 0.2)),
    made.effect(cell=cell(2, "relu"), gap=7.0, ci95=(6.0, 7.5), scale="logit"),
    made.effect(cell=cell(4, "relu"), gap=0.05, ci95=None),
)
FOUND = sample(gap=0.25, simple_effects=EFFECTS)

RELU_2 = Gap(cell(2, "relu"), "running", -0.1, (-0.3, 0.2), 10, row=3)
TANH_2 = Gap(cell(2, "tanh"), "running", 1.5, (1.2, 1.7), 10, row=2)
RELU_4 = Gap(cell(4, "relu"), "running", 0.05, None, 10, row=1)
TANH_4 = Gap(cell(4, "tanh"), "running", 0.4, (0.3, 0.55), 10, row=0)


def test_gaps_stand_in_the_order_of_the_design() -> None:
    """Few in one panel; unrounded gaps on the raw scale; the margin of the plan and the mean of the primary result."""
    data = data_of(FOUND)
    assert data is not None
    assert data.panels == (Panel({}, (RELU_2, TANH_2, RELU_4, TANH_4)),)
    assert data.backdrop == Backdrop(margin=0.1, mean=0.25)
    assert data.bend is None


def test_the_mode_is_that_of_the_primary_result() -> None:
    """With batch statistics as the plan's mode, gaps of running ones are not shown."""
    data = data_of(made.in_mode(FOUND, "batch"))
    assert data is not None
    assert data.gaps == [Gap(cell(2, "relu"), "batch", 9.0, (8.0, 9.5), 10, row=0)]


def test_many_cells_make_a_panel_a_level() -> None:
    """Of the first moderator, with its letter; inside, a cell has its other levels alone."""
    factors = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4), "activation": ("a", "b", "c", "d", "e")}
    data = data_of(sample(factors=factors))
    assert data is not None
    assert [(panel.common, len(panel.gaps)) for panel in data.panels] == [({"depth": 2}, 5), ({"depth": 4}, 5)]
    figure = read.draw("headline", data)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["depth 2", "depth 4"]
    assert [name for _, name in read.row_names(figure.axes[0])] == ["e", "d", "c", "b", "a"]
    assert read.letters(figure) == ["a", "b"]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1


def test_one_moderator_makes_one_panel() -> None:
    """A panel a cell would be no comparison."""
    data = data_of(sample(factors={"ordering": ("bn_act", "act_bn"), "depth": (2, 4, 8)}))
    assert data is not None
    assert [(panel.common, len(panel.gaps)) for panel in data.panels] == [({}, 3)]


def test_only_gaps_of_very_different_size_bend_the_axis() -> None:
    """Linear up to twelve times the median end; beyond that logarithmic from the median, which the caption says."""
    ends = ((0.2, 0.4), (0.5, 0.5), (0.5, 0.6))  # with the far gap's ends a median of .5
    near = [made.effect(cell=cell(2, name), gap=low, ci95=(low, high)) for name, (low, high) in zip("abc", ends)]  # noqa: B905
    for far, bend in ((6.0, None), (-6.1, 0.5)):
        effects = (*near, made.effect(cell=cell(2, "d"), gap=far, ci95=(far, far)))
        data = data_of(sample(simple_effects=effects))
        assert data is not None
        assert data.bend == bend
        scale = read.draw("headline", data).axes[0].get_xscale()
        assert scale == ("linear" if bend is None else "symlog")


def test_what_is_drawn_is_the_data() -> None:
    """Dots, intervals, digits, margin, zero and mean stand where the data say, beside the name of their cell."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("headline", data).axes
    upwards = data.gaps[::-1]
    assert [one.places for one in read.dots(axes)] == [((gap.gap, gap.row),) for gap in upwards]
    intervals = [tuple((end, gap.row) for end in gap.ci95) for gap in upwards if gap.ci95]
    assert [one.places for one in read.lines(axes)][2:] == intervals
    assert read.across(axes) == [0, 0.25]
    assert read.span(axes)[0] == (-0.1, 0.1)
    assert [name for _, name in read.row_names(axes)] == [
        f"depth {gap.cell['depth']}, {gap.cell['activation']}" for gap in upwards
    ]
    digits = ["+0.40 [0.30, 0.55]", "+0.05", "+1.50 [1.20, 1.70]", "−0.10 [−0.30, 0.20]"]
    assert read.words_of(axes) == [*digits, "← bn_act ahead", "act_bn ahead →"]
    assert axes.get_xlabel() == "gap in test accuracy (pp)"
    assert {one.colour for one in read.dots(axes)}.isdisjoint(one.colour for one in MARKS)


def test_without_an_estimate_no_mean_is_drawn() -> None:
    """Zero is not taken for the mean."""
    data = data_of(FOUND)
    assert data is not None
    bare = replace(data, backdrop=Backdrop(0.1, None))
    assert read.across(read.draw("headline", bare).axes[0]) == [0]
