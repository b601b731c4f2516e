"""The benchmarks run, in small, most of them by `make soak`."""

import numpy as np
import pytest

from analyze.inference.sequential import Boundary, Rule, looks
from tests.benchmarks import adastop, cells, collector, folds, gpu, report, sequential, store


@pytest.mark.soak
def test_the_gpu_benchmark_runs_on_a_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line of it, with figures that mean nothing here."""
    small = "--device cpu --depths 2 --precisions fp32 --trials 3 --steps 3 --epochs 1 --workers 0 --no-compile"
    gpu.main(small.split())
    assert "x the loop" in capsys.readouterr().out


@pytest.mark.soak
def test_the_benchmark_of_the_collector_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """One round of one epoch, each ratio within it."""
    collector.main(["--depths", "2", "--epochs", "1", "--rounds", "1"])
    assert "all depths, as many trials of each: fp32 " in capsys.readouterr().out


@pytest.mark.soak
def test_the_report_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """One round."""
    report.main(["--rounds", "1"])
    assert "report, Chinese" in capsys.readouterr().out


@pytest.mark.soak
def test_the_store_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """On eight hundred trials."""
    store.main(["--trials", "800", "--new", "100"])
    assert "status with 800 parts" in capsys.readouterr().out


@pytest.mark.parametrize("rule", ["mixture", "pocock"])
@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_simulated_looks_are_those_of_the_analysis(rule: Boundary, gap: float) -> None:
    """Worked out for all studies at once, they decide what the analysis decides of each."""
    values = sequential.drawn("skewed", 3, 0.25, gap, 25)
    declared = Rule(10, 5, 200, sequential.ALPHA, sequential.MARGIN, rule)
    last = [looks(study.T, np.ones(study.T.shape, bool), declared)[-1] for study in values]
    wrong = ("first", "second") if gap == 0 else ("second", "equivalent")
    false = [
        any(one.decision in wrong or (gap > 0 and one.trivial) for one in (*seen.cells, seen.mean)) for seen in last
    ]
    cells = [cell for seen in last for cell in seen.cells]
    found = sequential.rates(rule, values, gap)
    assert found.false == np.mean(false)
    assert found.decided == pytest.approx(np.mean([not cell.open for cell in cells]))
    assert found.seeds == pytest.approx(np.mean([cell.n for cell in cells]))


def allowed(studies: int) -> float:
    """The share of so many studies that may decide falsely: alpha, and three standard errors of chance."""
    alpha = sequential.ALPHA
    return float(alpha + 3 * (alpha * (1 - alpha) / studies) ** 0.5)


@pytest.mark.parametrize("cells", sequential.SIZES)
def test_skewed_differences_are_decided_falsely_in_few_studies(cells: int) -> None:
    """Where most go wrong, at the margin, few do; without the correction for skewness more would."""
    values = sequential.drawn("skewed", cells, 0.15, 0.1, 400)
    found = sequential.rates("mixture", values, 0.1)
    assert found.false <= sequential.ALPHA
    assert found.false < sequential.rates("uncorrected", values, 0.1).false


@pytest.mark.soak
@pytest.mark.parametrize(("cells", "shape", "sd", "gap"), sequential.cases())
def test_looks_decide_falsely_in_few_studies(cells: int, shape: str, sd: float, gap: float) -> None:
    """Of 2000 studies the mixture decides no more falsely than alpha, in every case; looks by the t test do in more."""
    values = sequential.drawn(shape, cells, sd, gap, 2000)
    found = sequential.rates("mixture", values, gap)
    assert found.false <= allowed(2000)
    assert found.false <= sequential.rates("peeking", values, gap).false


@pytest.mark.parametrize("learner", folds.LEARNERS)
def test_folds_of_equal_learners_are_told_apart_in_few_studies(learner: str) -> None:
    """The corrected t test finds no more than alpha in ten folds, and no more than the usual one."""
    found = folds.rejected(folds.LEARNERS[learner], 10, 1, 80)
    assert found["corrected t"] <= allowed(80)
    assert found["corrected t"] <= found["t"]


@pytest.mark.soak
@pytest.mark.parametrize("learner", folds.LEARNERS)
@pytest.mark.parametrize(("of", "repeats"), folds.DESIGNS)
def test_folds_find_falsely_what_the_readme_says(learner: str, of: int, repeats: int) -> None:
    """About alpha by the corrected t test in every design; repeats make the usual t and the flips find far more."""
    found = folds.rejected(folds.LEARNERS[learner], of, repeats, 200)
    assert found["corrected t"] <= allowed(200)
    assert (found["t"] > 0.4) == (repeats > 1)
    assert (found["flips"] > 0.4) == (repeats > 1)


def test_arms_differ_as_drawn() -> None:
    """What AdaStop is given, unpaired: two arms of half the variance each, whose differences are those of the looks."""
    differences = sequential.drawn("skewed", 4, 0.2, 0.1, 100)
    first, second = adastop.arms(differences, 0.2, np.random.default_rng(1))
    assert first - second == pytest.approx(differences)
    assert [np.var(first), np.var(second)] == pytest.approx([0.02, 0.02], rel=0.05)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] == pytest.approx(0, abs=0.02)


@pytest.mark.soak
@pytest.mark.parametrize("cells", sequential.SIZES)
def test_failures_that_have_not_come_up_are_not_seen(cells: int) -> None:
    """Runs that fail now and then make 15 cells decide falsely in more studies than alpha, as the README says."""
    values = sequential.drawn(sequential.FAILING, cells, 0.25, 0.0, 2000)
    found = sequential.rates("mixture", values, 0.0)
    assert (found.false > sequential.ALPHA) == (cells == 15)
    assert found.false < 2 * sequential.ALPHA
    assert found.false < sequential.rates("uncorrected", values, 0.0).false


@pytest.mark.soak
@pytest.mark.parametrize(("sd", "gaps"), [(0.15, sequential.GAPS), (0.2, (0.0, 0.1, 0.2))])
def test_most_cells_are_settled(sd: float, gaps: tuple[float, ...]) -> None:
    """With 200 seeds at most, at least 97 % of 15 cells, and for fewer seeds on average than all of them take."""
    for gap in gaps:
        found = sequential.rates("mixture", sequential.drawn("normal", 15, sd, gap, 400), gap)
        assert found.decided >= 0.97
        assert found.seeds < 200


@pytest.mark.soak
@pytest.mark.parametrize("tables", [("20", "40"), ("2^8", "2^10")])
def test_the_cost_of_a_cell_does_not_grow(tables: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Four times the cells take about four times as long: 400 and 1600 of two moderators, 256 and 1024 on/off."""
    cells.main(list(tables))
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert float(last[-4]) <= 1.3
