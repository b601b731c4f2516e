"""The model of speed: time ratios and ratios of them, with intervals, on a logarithmic axis about 1."""

from analyze import findings as f
from analyze.report.figures.style import INK, to_svg
from analyze.report.figures.time_regression import Term, data_of, term_name
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import read
from tests.analyze.sample import sample


def row(at: f.Cell, against: f.Cell, ratio: float | None, ci95: f.Interval | None) -> f.ConvergenceRow:
    """A coefficient of the regression."""
    return f.ConvergenceRow(
        model="aft_regression",
        eval_set="subset",
        bn_mode="batch",
        target=0.95,
        at=at,
        against=against,
        term="x",
        estimate=ratio,
        ci95=ci95,
        p_method="jackknife",
        n_seeds=8,
    )


FIRST, SECOND = {"ordering": "act_bn"}, {"ordering": "bn_act"}
FOUND = sample(
    convergence=(
        row({"depth": 4}, {"depth": 2}, 0.5, (0.4, 0.625)),
        row(FIRST, SECOND, 0.75, (0.7, 0.8)),
        row(FIRST | {"depth": 4}, SECOND | {"depth": 2}, 1.25, None),
        row(FIRST | {"activation": "tanh"}, SECOND | {"activation": "relu"}, None, None),
    )
).model_copy(update={"methods": {"ratio_margin": 1.25}})


def test_terms_are_those_of_the_contrast() -> None:
    """Those without it are left to the table, those without an estimate have no place; the margin is the plan's."""
    data = data_of(FOUND)
    assert data is not None
    assert data.terms == (
        Term(FIRST, SECOND, ratio=0.75, ci95=(0.7, 0.8), n=8),
        Term(FIRST | {"depth": 4}, SECOND | {"depth": 2}, ratio=1.25, ci95=None, n=8),
    )
    assert data.margin == 1.25
    assert data_of(sample(convergence=())) is None


def test_terms_have_names_in_words() -> None:
    """The effect, and the levels that are compared; the contrast's own in its own row."""
    data = data_of(FOUND)
    assert data is not None
    names = [term_name(term, data.subject, catalogue("en")) for term in data.terms]
    assert names == ["ordering: act_bn ÷ bn_act", "ordering × depth: 4 ÷ 2"]
    assert term_name(data.terms[1], data.subject, catalogue("zh")) == "先后顺序 × 深度：4 ÷ 2"


def test_what_is_drawn_is_the_data() -> None:
    """Dots, intervals and digits beside their names; 1 and the margin are marked."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("time_regression", data).axes
    assert [(one.places, one.fill) for one in read.dots(axes)] == [
        (((1.25, 0),), INK),
        (((0.75, 1),), INK),
    ]
    assert [one.places for one in read.lines(axes)][1:] == [((0.7, 1), (0.8, 1))]
    assert read.across(axes) == [1]
    assert read.span(axes)[0] == (0.8, 1.25)
    assert axes.get_xscale() == "log"
    assert read.words_of(axes) == ["1.25", "0.75 [0.70, 0.80]"]
    assert "<title>act_bn: 0.75 [0.70, 0.80]</title>" in to_svg(read.draw("time_regression", data)).decode()
