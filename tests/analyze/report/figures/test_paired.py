"""Paired dots: every seed under the second level at the left and the first at the right."""

from analyze.report.figures import FIGURES
from analyze.report.figures.paired import data_of
from analyze.report.figures.pairs import CellPairs, Pair, pairs_of
from analyze.report.figures.style import MARKS, SOFT, to_svg
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import count
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

FOUND = sample(
    cells=(
        made.seeds(cell(4, "tanh"), "act_bn", "running", 70.0, 71.0),
        made.seeds(cell(4, "tanh"), "bn_act", "running", 72.0),
        made.seeds(cell(2, "relu"), "bn_act", "running", 91.0, 92.0, 93.5),
        made.seeds(cell(2, "relu"), "act_bn", "running", 91.5, 90.0, 93.75),
        made.seeds(cell(2, "relu"), "act_bn", "batch", 11.0, 12.0, 13.0),
        made.seeds(cell(2, "relu"), "bn_act", "batch", 21.0, 22.0, 23.0),
        made.seeds(cell(2, "tanh"), "bn_act", "running", 50.0),
    )
)
RELU_2 = CellPairs(cell(2, "relu"), (Pair("0", 91.5, 91.0), Pair("1", 90.0, 92.0), Pair("2", 93.75, 93.5)))
TANH_4 = CellPairs(cell(4, "tanh"), (Pair("0", 70.0, 72.0),))


def test_pairs_are_seeds_with_both_levels_in_the_primary_mode() -> None:
    """Every such seed, first level first; cells in the order of the design."""
    assert pairs_of(FOUND) == [RELU_2, TANH_4]
    batch = CellPairs(cell(2, "relu"), (Pair("0", 11.0, 21.0), Pair("1", 12.0, 22.0), Pair("2", 13.0, 23.0)))
    assert pairs_of(made.in_mode(FOUND, "batch")) == [batch]


def test_what_is_drawn_is_the_data() -> None:
    """The second level at 0 and the first at 1, in their colours; a line has that of the level ahead; one scale."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("paired", data)
    for axes, panel in zip(figure.axes, (RELU_2, TANH_4), strict=True):
        assert [(one.places, one.colour) for one in read.lines(axes)] == [
            (((0, pair.second), (1, pair.first)), MARKS[0 if pair.first > pair.second else 1].colour)
            for pair in panel.pairs
        ]
        assert [(one.places, one.colour) for one in read.dots(axes)] == [
            (tuple((0, pair.second) for pair in panel.pairs), MARKS[1].colour),
            (tuple((1, pair.first) for pair in panel.pairs), MARKS[0].colour),
        ]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["bn_act", "act_bn"]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["depth 2, relu", "depth 4, tanh"]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert "<title>seed 1: 92.00%</title>" in to_svg(figure).decode()


def test_a_pair_without_a_winner_has_no_colour() -> None:
    """Equal accuracies are joined by a grey line."""
    equal = (made.seeds(cell(2, "relu"), level, "running", 91.0) for level in ("act_bn", "bn_act"))
    data = data_of(sample(cells=tuple(equal)))
    assert data is not None
    assert [one.colour for one in read.lines(read.draw("paired", data).axes[0])] == [SOFT]


def test_runs_far_below_the_others_stand_at_the_foot() -> None:
    """One pair at chance among twenty leaves the axis to the others, is marked under both levels, and is counted."""
    seeds = [96.0 + 0.1 * seed for seed in range(20)]
    found = sample(
        cells=(
            made.seeds(cell(2, "relu"), "act_bn", "running", *seeds, 10.0),
            made.seeds(cell(2, "relu"), "bn_act", "running", *seeds, 9.8),
        )
    )
    data = data_of(found)
    assert data is not None
    assert sorted(data.in_view) == sorted(seeds * 2)
    [axes] = read.draw("paired", data).axes
    assert axes.get_ylim()[0] > 95
    assert [one.get_xdata()[0] for one in axes.lines if one.get_marker() == "v"] == [0, 1]
    words = catalogue("en")
    assert words("figure.runs_below", count=count(2)) in FIGURES["paired"].remarks(data, words)
