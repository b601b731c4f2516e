"""Rows on test images as a sample: against mean squares of a table built by itself, and why one is missing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze import check
from analyze.analysis import analyse
from analyze.inference.crossed import crossed
from analyze.measures import image_outcomes, response
from analyze.sections.images import rows
from analyze.study.load import StudyData, load
from analyze.study.pairing import arms
from tests.synthetic import write_study


def study(folder: Path, **options: Any) -> StudyData:
    """A synthetic study of four cells, five seeds and 200 test images."""
    shape = {"seeds": 5, "test_n": 200, "noise_sd": 2.0} | options
    return load(write_study(folder, np.random.default_rng(3), **shape))


def found(one: StudyData) -> list[Any]:
    """Its rows with their reasons."""
    return rows(one, arms(one.trials, response.values(one), one.design))


def test_a_cell_and_the_mean_over_cells(tmp_path: Path) -> None:
    """Bits of both arms, unpacked here trial by trial; the mean over cells is the primary's standard error."""
    one = study(tmp_path / "s")
    outcome = {
        (row["seed"], row["ordering"], row["depth"], row["activation"]): np.unpackbits(
            np.frombuffer(row["correct_bits"], np.uint8), count=200
        ).astype(float)
        for row in one.trials.to_dict("records")
    }
    tables = []
    for row, why in found(one)[1:]:
        at = (row.cell["depth"], row.cell["activation"])
        table = 100 * np.array([outcome[s, "act_bn", *at] - outcome[s, "bn_act", *at] for s in one.seeds])
        expected = crossed(table)
        assert (row.estimate, row.se, row.df) == pytest.approx((table.mean(), expected.se, expected.df), rel=1e-9)
        assert (row.n_seeds, row.n_images, why) == (5, 200, {})
        tables.append(table)
    overall, _ = found(one)[0]
    assert overall.estimate == pytest.approx(np.mean(tables))
    assert overall.se == pytest.approx(analyse(one).primary.se_crossed, rel=1e-12)
    assert overall.ci95 == pytest.approx(crossed(np.mean(tables, axis=0)).interval(), rel=1e-9)


def test_other_levels_do_not_spoil_the_table(tmp_path: Path) -> None:
    """A failed run of a level outside the contrast takes nothing away."""
    factors = {"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4)}
    one = study(tmp_path / "s", factors=factors, failed=lambda s: s["ordering"] == "none" and s["seed"] == 0)
    assert [(row.n_seeds, row.se is None) for row, _ in found(one)] == [(5, False)] * 3


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"seeds": 1}, ["two_complete_seeds"] * 5),
        (
            {"missing": lambda s: s["depth"] == 4 and s["activation"] == "tanh"},
            [None, None, None, None, "cell_without_pair"],
        ),
    ],
)
def test_what_is_missing_says_why(tmp_path: Path, options: dict[str, Any], codes: list[str | None]) -> None:
    """A row without a table has nothing but nulls, each with the same reason; the mean is over the headline's cells."""
    seen = found(study(tmp_path / "s", **options))
    assert [next((reason.code for reason in why.values()), None) for _, why in seen] == codes
    for row, why in seen:
        assert {name for name, value in row.model_dump().items() if value is None and name != "cell"} == set(why)


def test_tables_have_their_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outcomes beyond the memory of a laptop, and trials without outcomes, are refused with the reason."""
    monkeypatch.setattr(image_outcomes, "MOST_OUTCOMES", 999)
    assert {reason.code for _, why in found(study(tmp_path / "s")) for reason in why.values()} == {"too_many_outcomes"}
    assert found(study(tmp_path / "t", with_bits=False)) == []


def limit(one: StudyData) -> check.Check:
    """What `analyze check` says of images."""
    return next(line for line in check.examine(one) if line.topic == "images")


def test_check_says_when_images_are_the_limit(tmp_path: Path) -> None:
    """Where every seed differs on the same fifth of the images, only other images could teach more."""
    one = study(tmp_path / "s", test_n=400)
    assert limit(one).state == "ok"
    differing = np.packbits(np.arange(400) % 5 == 0).tobytes()
    first = one.trials["ordering"] == "act_bn"
    one.trials["correct_bits"] = [differing if here else bytes(50) for here in first]
    seen = limit(one)
    assert seen.state == "lacks"
    assert f"standard error of {100 * (0.2 * 0.8 / 399) ** 0.5:.2f} pp" in seen.says


def test_check_without_outcomes(tmp_path: Path) -> None:
    """Images that are not known one by one are no sample, which is a note."""
    assert limit(study(tmp_path / "s", with_bits=False)).state == "note"
