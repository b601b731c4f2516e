"""Class shares of untrained networks: a mark and a bar a cell and level."""

from analyze.report.figures.class_share import data_of
from analyze.report.figures.moderated import Summary
from analyze.report.picture import pictures
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import THREE, sample

FOUND = sample(
    factors=THREE,
    initial_shares=(
        made.evenness(cell=cell(4, "relu"), level="bn_act", share=0.75, low=0.5, high=1.0, n_seeds=9),
        made.evenness(cell=cell(4, "relu"), level="act_bn", share=0.25, low=0.125, high=0.5, n_seeds=8),
        made.evenness(cell=cell(2, "tanh"), level="none", share=0.5, low=0.25, high=0.5, n_seeds=7),
    ),
)


def test_shares_in_per_cent_by_cell_and_level() -> None:
    """Medians and their bars, unrounded; a panel an activation, in the order of the cells, along the depth."""
    data = data_of(FOUND)
    assert data is not None
    assert data.axis == "depth"
    assert [panel.common for panel in data.panels] == [{"activation": "tanh"}, {"activation": "relu"}]
    assert data.summaries == [
        Summary(cell(2, "tanh"), "none", 50.0, 25.0, 50.0, 7),
        Summary(cell(4, "relu"), "act_bn", 25.0, 12.5, 50.0, 8),
        Summary(cell(4, "relu"), "bn_act", 75.0, 50.0, 100.0, 9),
    ]
    assert data_of(sample()) is None


def test_the_axis_has_all_shares() -> None:
    """From 0 to 100 %, the same in every panel, named with its unit."""
    figure = read.draw("class_share", data_of(FOUND))
    assert {axes.get_ylim() for axes in figure.axes} == {(0, 102)}
    assert figure.get_supylabel().replace("\n", " ") == "images in the most predicted class (%)"
    assert figure.get_supxlabel() == "depth"


def test_one_cell_has_a_figure_too() -> None:
    """Without a moderator the levels stand side by side on no axis."""
    found = sample(
        factors={"ordering": ("bn_act", "act_bn")},
        initial_shares=tuple(made.evenness(cell={}, level=level) for level in ("act_bn", "bn_act")),
    )
    data = data_of(found)
    assert data is not None
    (axes,) = read.draw("class_share", data).axes
    assert len(list(axes.get_xticks())) == 0
    assert len([one for one in read.strokes(axes) if one.marker != "None"]) == 2


def test_the_caption_says_what_is_drawn() -> None:
    """Window, images, mode and seeds; the medians are in the alternative text."""
    shown = pictures(FOUND, catalogue("en"), lambda _: None)("class_share")
    assert shown is not None
    assert "before the first step, on the test subset, with batch statistics" in shown.caption
    assert "7 to 9 seeds" in shown.alt
    assert "depth 2, tanh, none: 50%." in shown.alt
    assert "7–9 个种子" in pictures(FOUND, catalogue("zh"), lambda _: None)("class_share").alt  # type: ignore[union-attr]
