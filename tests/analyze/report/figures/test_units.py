"""Units: dead channels, saturation and lag of the running variance, one mark a layer."""

from analyze.report.figures.style import MARKS
from analyze.report.figures.units import Layers, Panel, data_of
from analyze.report.picture import pictures
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

RELU, TANH = cell(2, "relu"), cell(4, "tanh")
FOUND = sample(
    layer_profile=tuple(
        made.layer(measure=measure, cell=where, level=level, layer=number, value=value)
        for measure, where, level, number, value in (
            ("saturation", TANH, "bn_act", 1, 0.75),
            ("saturation", TANH, "act_bn", 1, 0.5),
            ("bn_var_lag", TANH, "act_bn", 1, 0.0),
            ("bn_var_lag", RELU, "act_bn", 1, 0.0),
            ("dead_fraction", RELU, "bn_act", 1, 0.5),
            ("dead_fraction", RELU, "act_bn", 1, 0.25),
            ("dead_fraction", RELU, "act_bn", 2, 0.125),
            ("dead_fraction", TANH, "act_bn", 1, 0.0),
            ("grad_norm", TANH, "act_bn", 1, 9.0),
        )
    )
)
PANELS = (
    Panel(
        "dead_fraction",
        (
            Layers(TANH, "act_bn", 0.13, (0.0,)),
            Layers(RELU, "act_bn", 1.13, (0.25, 0.125)),
            Layers(RELU, "bn_act", 0.87, (0.5,)),
        ),
    ),
    Panel("saturation", (Layers(TANH, "act_bn", 0.13, (0.5,)), Layers(TANH, "bn_act", -0.13, (0.75,)))),
)


def test_probes_by_cell_and_level() -> None:
    """A panel a measure that the study has; cells in the order of the design, from the top."""
    data = data_of(FOUND)
    assert data is not None
    assert data.cells == (RELU, TANH)
    assert data.panels == PANELS


def test_a_measure_without_differences_has_no_panel() -> None:
    """A panel of zeros is left out, and the caption says so; with nothing else there is no figure."""
    data = data_of(FOUND)
    assert data is not None
    assert data.constant == (("bn_var_lag", 0.0),)
    shown = pictures(FOUND, catalogue("en"), lambda _: None)("units")
    assert shown is not None
    assert "it was 0 in every layer of every network: lag of the running variance" in shown.alt
    assert data_of(sample(layer_profile=(made.layer(measure="dead_fraction", value=0.0),))) is None


def test_what_is_drawn_is_the_data() -> None:
    """Each layer's value in its level's colour, beside the name of its cell, under the name of its measure."""
    data = data_of(FOUND)
    assert data is not None
    colours = {"act_bn": MARKS[0].colour, "bn_act": MARKS[1].colour}
    figure = read.draw("units", data)
    for axes, panel in zip(figure.axes, data.panels, strict=True):
        assert [(one.places, one.colour) for one in read.dots(axes)] == [
            (tuple((value, layers.y) for value in layers.values), colours[str(layers.level)]) for layers in panel.layers
        ]
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "dead channels (share of channels)",
        "saturation (zero to one)",
    ]
    assert read.letters(figure) == ["a", "b"]
    assert read.row_names(figure.axes[0]) == [(0, "depth 4, tanh"), (1, "depth 2, relu")]
    assert read.legend(figure) == list(colours.items())
