"""The interaction shows the mean accuracy of each level along the moderator with most levels."""

from analyze.report.figures import FIGURES
from analyze.report.figures.interaction import data_of
from analyze.report.figures.moderated import Summary
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

FOUND = sample(
    cells=(
        made.summary(cell=cell(4, "tanh"), level="bn_act", mean=98.0, sd=2.0, n=9),
        made.summary(cell=cell(2, "relu"), level="bn_act", mean=91.25, sd=None),
        made.summary(cell=cell(2, "relu"), level="act_bn", mean=93.125, sd=0.25),
        made.summary(cell=cell(2, "relu"), level="act_bn", mean=55.0, bn_mode="batch"),
    ),
)


def test_means_and_one_standard_deviation_in_the_primary_mode() -> None:
    """Unrounded, with the seeds behind each; no moderator, no interaction."""
    data = data_of(FOUND)
    assert data is not None
    assert data.summaries == [
        Summary(cell(2, "relu"), "act_bn", 93.125, 92.875, 93.375, 10),
        Summary(cell(2, "relu"), "bn_act", 91.25, 91.25, 91.25, 10),
        Summary(cell(4, "tanh"), "bn_act", 98.0, 96.0, 100.0, 9),
    ]
    batch = data_of(made.in_mode(FOUND, "batch"))
    assert batch is not None
    assert [one.value for one in batch.summaries] == [55.0]
    assert data_of(sample(factors={"ordering": ("bn_act", "act_bn")})) is None


def test_panels_that_do_not_fit_are_counted() -> None:
    """Twelve combinations are shown, and the caption says that there are more."""
    data = data_of(sample(factors={"ordering": ("bn_act", "act_bn"), "a": tuple(range(14)), "b": tuple(range(13))}))
    assert data is not None
    assert (len(data.panels), data.cells) == (12, 14 * 13)
    said = [plain(one) for one in FIGURES["interaction"].remarks(data, catalogue("en"))]
    assert any("168 of the 182 cells are shown, those of the first 12 panels" in one for one in said)


def test_very_many_levels_make_few_panels_and_ticks_that_stand_apart() -> None:
    """Ninety-eight levels: two panels, every fourth level named, each at its place."""
    data = data_of(sample(factors={"ordering": ("bn_act", "act_bn"), "a": tuple(range(98)), "b": (1, 2, 3)}))
    assert data is not None
    assert len(data.panels) == 2
    axes = read.draw("interaction", data).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(one) for one in range(0, 98, 4)]
    assert axes.get_xticks().tolist() == list(range(0, 98, 4))


def test_a_failed_run_does_not_hide_the_others() -> None:
    """A bar far longer than most is cut at the frame, which the caption says; every mean is in sight."""
    usual = [made.summary(cell=cell(2, name), level="act_bn", mean=97.0, sd=0.5) for name in ("relu", "tanh")]
    far = made.summary(cell=cell(4, "relu"), level="act_bn", mean=90.0, sd=28.0)
    words = catalogue("en")
    for rows, cut in ((usual, False), ([*usual, far], True)):
        data = data_of(sample(cells=tuple(rows)))
        assert data is not None
        assert (words("figure.bars_cut") in FIGURES["interaction"].remarks(data, words)) == cut
        low, high = read.draw("interaction", data).axes[0].get_ylim()
        assert 88 < low < min(one.value for one in data.summaries)
        assert max(one.value for one in data.summaries) < high <= 100
