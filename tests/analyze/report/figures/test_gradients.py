"""Gradients: the norm by layer, with the central four fifths of seeds."""

from analyze.report.figures.bands import Band, Median, Panel
from analyze.report.figures.gradients import data_of
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.report.figures.test_learning import check_bands
from tests.analyze.sample import sample


def norm(where: dict[str, object], level: str, number: int, *ends: float, measure: str = "grad_norm") -> object:
    """The median, low and high end in one layer."""
    value, low, high = ends
    return made.layer(
        measure=measure, cell=where, level=level, layer=number, value=value, low=low, high=high, n_seeds=10
    )


RELU, TANH = cell(2, "relu"), cell(4, "tanh")
FOUND = sample(
    layer_profile=(
        norm(TANH, "bn_act", 1, 0.5, 0.25, 0.75),
        norm(RELU, "bn_act", 2, 4.0, 3.0, 6.0),
        norm(RELU, "bn_act", 1, 2.0, 1.0, 3.0),
        norm(RELU, "act_bn", 1, 0.125, 0.0625, 0.25),
        norm(RELU, "act_bn", 1, 9.0, 8.0, 10.0, measure="saturation"),
    )
)
PANELS = (
    Panel(
        RELU,
        (
            Band("act_bn", (Median(1, 0.125, 0.0625, 0.25, 10),)),
            Band("bn_act", (Median(1, 2.0, 1.0, 3.0, 10), Median(2, 4.0, 3.0, 6.0, 10))),
        ),
    ),
    Panel(TANH, (Band("bn_act", (Median(1, 0.5, 0.25, 0.75, 10),)),)),
)


def test_norms_by_layer() -> None:
    """Layers from the input, the contrast's first level first, no other measure."""
    data = data_of(FOUND)
    assert data is not None
    assert data.panels == PANELS


def test_what_is_drawn_is_the_data() -> None:
    """Each median in its level's colour, the band between its ends, on a logarithmic axis."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("gradients", data)
    check_bands(figure, data.panels)
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}
