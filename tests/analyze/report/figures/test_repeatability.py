"""Would ten runs have told you: chances against the number of new pairs, by cell and over all."""

from analyze import findings as f
from analyze.report.figures.repeatability import Line, data_of
from analyze.report.figures.style import INK, SOFT, to_svg
from analyze.report.picture import pictures
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample


def row(where: f.Cell | None, k: int, sign: float | None, significant: float | None) -> f.RepeatabilityRow:
    """The chances of so many new pairs."""
    return f.RepeatabilityRow(
        cell=where,
        k=k,
        p_sign=sign,
        p_significant=significant,
        p_sign_unpaired=None,
        new_seed_interval=None,
        method="model",
        n_seeds=7,
    )


RELU = cell(2, "relu")
ROWS = (
    row(None, 1, 0.875, None),
    row(None, 10, 1.0, 0.75),
    row(None, 3, 0.9375, 0.5),
    row(RELU, 1, 0.5, None),
    row(RELU, 3, 0.5625, 0.0625),
    row(RELU, 10, 0.625, 0.25),
)
FOUND = sample(repeatability=ROWS)


def test_chances_by_cell_and_over_all() -> None:
    """In per cent, by the number of pairs; one pair cannot be significant; the mean leads."""
    data = data_of(FOUND)
    assert data is not None
    assert data.sign == (
        Line(RELU, thick=False, places=((1, 50.0), (3, 56.25), (10, 62.5))),
        Line(None, thick=True, places=((1, 87.5), (3, 93.75), (10, 100.0))),
    )
    assert data.significant == (
        Line(RELU, thick=False, places=((3, 6.25), (10, 25.0))),
        Line(None, thick=True, places=((3, 50.0), (10, 75.0))),
    )
    assert set(data.seeds) == {7}


def test_unknown_chances_have_no_figure() -> None:
    """Where no chance is known, or of one number of pairs alone, there is no curve."""
    assert data_of(sample(repeatability=())) is None
    assert data_of(sample(repeatability=(row(None, 1, None, None), row(None, 10, None, None)))) is None


def test_what_is_drawn_is_the_data() -> None:
    """Sign at the left, significance at the right, on one scale from 0 to 100 %; lines named at their ends."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("repeatability", data)
    for axes, lines in zip(figure.axes, (data.sign, data.significant), strict=True):
        drawn = [(one.places, one.colour) for one in read.strokes(axes)]
        assert drawn == [(line.places, INK if line.thick else SOFT) for line in lines]
        assert axes.get_ylim() == (0, 102)
        assert axes.get_xscale() == "log"
        assert set(read.words_of(axes)) == {"mean over cells", "depth 2, relu"}
    assert list(figure.axes[0].get_xticks()) == [1, 3, 10]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["same sign", "significant on that side"]
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("new pairs of runs (logarithmic)", "chance (%)")
    assert read.letters(figure) == ["a", "b"]
    assert "<title>depth 2, relu, 10: 62.5%</title>" in to_svg(figure).decode()


def test_the_only_cell_needs_no_name() -> None:
    """One line is all there is to see."""
    data = data_of(sample(factors={"ordering": ("bn_act", "act_bn")}, repeatability=ROWS[:3]))
    figure = read.draw("repeatability", data)
    assert [read.words_of(axes) for axes in figure.axes] == [[], []]


def test_the_alternative_text_has_the_chances() -> None:
    """Of the fewest and the most pairs, line by line."""
    shown = pictures(FOUND, catalogue("en"), lambda _: None)("repeatability")
    assert shown is not None
    assert "depth 2, relu, same sign with 1: .50." in shown.alt
    assert "mean over cells, same sign with 10: > .99." in shown.alt.replace("\u00a0", " ")
