"""The benchmarks run, in small. Started by `make soak`."""

import pytest

from tests.benchmarks import gpu, report, store


@pytest.mark.soak
def test_the_gpu_benchmark_runs_on_a_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line of it, with figures that mean nothing here."""
    small = "--device cpu --depths 2 --precisions fp32 --trials 3 --steps 3 --epochs 1 --workers 0 --no-compile"
    gpu.main(small.split())
    assert "x the loop" in capsys.readouterr().out


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
