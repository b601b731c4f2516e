"""Seeds x images, both random: against R's aov, and by simulation."""

import numpy as np
import pytest
from scipy import stats

from analyze.inference.crossed import crossed
from tests import reference


@pytest.mark.parametrize("case", reference.results("repeatability")["crossed"])
def test_mean_squares_and_interval(case: dict[str, list[float]]) -> None:
    """Mean squares of aov(d ~ seed + image), Satterthwaite's df and the t interval, computed in R."""
    found = crossed(np.array(case["table"]))
    assert [found.ms_seed, found.ms_image, found.ms_residual] == pytest.approx(case["mean_squares"], rel=1e-11)
    assert found.se == pytest.approx(case["se"], rel=1e-11)
    assert found.df == pytest.approx(case["df"], rel=1e-11)
    assert found.image_share == pytest.approx(case["image_share"], rel=1e-11)
    assert found.interval() == pytest.approx(case["ci95"], rel=1e-11)


def test_images_that_vary_leave_their_error_to_any_number_of_seeds() -> None:
    """On one draw of images, more seeds take the standard error down to that of the images and no further."""
    generator = np.random.default_rng(3)
    image = generator.normal(0, 0.3, 200)
    few, many = (crossed(image + generator.normal(0, 0.1, (seeds, 200))) for seeds in (4, 4000))
    assert many.se == pytest.approx(image.std(ddof=1) / 200**0.5, rel=0.03)
    assert few.se_of_images == pytest.approx(many.se, rel=0.1)
    assert many.image_share > 0.99


@pytest.mark.parametrize(("seed_sd", "image_sd"), [(0.02, 0.0), (0.02, 0.3), (0.0, 0.3)])
def test_coverage(seed_sd: float, image_sd: float) -> None:
    """The interval holds the true mean in 95 % of 2000 studies, whether seeds, images or both vary."""
    generator = np.random.default_rng(4)
    seeds, images = 8, 60
    held = 0
    for _ in range(2000):
        table = generator.normal(0, seed_sd, (seeds, 1)) + generator.normal(0, image_sd, images)
        low, high = crossed(table + generator.normal(0, 0.3, (seeds, images))).interval() or (-np.inf, np.inf)
        held += low < 0 < high
    assert held / 2000 == pytest.approx(0.95, abs=0.025)


def test_no_variance_no_error() -> None:
    """Equal outcomes everywhere have no standard error, rather than one of zero."""
    found = crossed(np.zeros((5, 20)))
    assert (found.se, found.df, found.image_share, found.interval()) == (None, None, None, None)


def test_images_that_vary_less_than_the_residual_take_nothing_from_the_seeds() -> None:
    """The interval is then the t interval of the seed means, with their degrees of freedom."""
    generator = np.random.default_rng(8)
    found = 0
    for _ in range(40):
        table = generator.normal(0, 0.02, (3, 1)) + generator.normal(0, 0.3, (3, 50))
        one = crossed(table)
        if one.ms_image > one.ms_residual or one.se is None:
            continue
        found += 1
        means = table.mean(axis=1)
        expected = stats.t.interval(0.95, 2, means.mean(), means.std(ddof=1) / 3**0.5)
        assert one.df == 2
        assert one.interval() == pytest.approx(expected, rel=1e-9)
    assert found > 5
