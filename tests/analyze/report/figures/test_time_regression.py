"""The model of speed: time ratios and ratios of them, with intervals, on a logarithmic axis about 1."""

from analyze import findings as f
from analyze.report.figures.style import INK, PAPER, to_svg
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


def test_terms_of_the_contrast_come_first() -> None:
    """Those without an estimate have no place; the margin is the plan's."""
    data = data_of(FOUND)
    assert data is not None
    assert data.terms == (
        Term(FIRST, SECOND, of_contrast=True, ratio=0.75, ci95=(0.7, 0.8), n=8),
        Term(FIRST | {"depth": 4}, SECOND | {"depth": 2}, of_contrast=True, ratio=1.25, ci95=None, n=8),
        Term({"depth": 4}, {"depth": 2}, of_contrast=False, ratio=0.5, ci95=(0.4, 0.625), n=8),
    )
    assert data.margin == 1.25
    assert data_of(sample(convergence=())) is None


def test_terms_have_names_in_words() -> None:
    """The effect, and the levels that are compared; the contrast's own in its own row."""
    data = data_of(FOUND)
    assert data is not None
    names = [term_name(term, data.subject, catalogue("en")) for term in data.terms]
    assert names == ["ordering: act_bn ÷ bn_act", "ordering × depth: 4 ÷ 2", "depth: 4 ÷ 2"]
    assert term_name(data.terms[1], data.subject, catalogue("zh")) == "先后顺序 × 深度：4 ÷ 2"


def test_what_is_drawn_is_the_data() -> None:
    """Dots, intervals and digits beside their names; filled for the contrast; 1 and the margin are marked."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("time_regression", data).axes
    assert [(one.places, one.fill) for one in read.dots(axes)] == [
        (((0.5, 0),), PAPER),
        (((1.25, 1),), INK),
        (((0.75, 2),), INK),
    ]
    assert [one.places for one in read.lines(axes)][1:] == [((0.4, 0), (0.625, 0)), ((0.7, 2), (0.8, 2))]
    assert read.across(axes) == [1]
    assert read.span(axes)[0] == (0.8, 1.25)
    assert axes.get_xscale() == "log"
    assert read.words_of(axes) == ["0.50 [0.40, 0.62]", "1.25", "0.75 [0.70, 0.80]"]
    assert "<title>depth 4: 0.50 [0.40, 0.62]</title>" in to_svg(read.draw("time_regression", data)).decode()
