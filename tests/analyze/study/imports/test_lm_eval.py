"""Results and samples of lm-evaluation-harness, written by its own tracker in the test."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lm_eval.loggers import EvaluationTracker

import analyze
from analyze.study.imports import lm_eval as reader
from tests.analyze.study.imports.runs import imported

pytestmark = pytest.mark.filterwarnings("ignore")

SAMPLES = 40


def _outcomes(model: str, seed: int) -> list[int]:
    """Which samples this model gets right, some of them by chance of the seed."""
    draw = np.random.default_rng([seed, 7])
    hard = draw.random(SAMPLES)
    return [int(one < (0.8 if model == "large" else 0.6)) for one in hard]


def _evaluated(folder: Path, model: str, seed: int, *, samples: bool) -> None:
    """What `lm_eval run --output_path … --log_samples` writes of one task."""
    right = _outcomes(model, seed)
    arguments = f"pretrained={model},dtype=float32"
    tracker = EvaluationTracker(output_path=str(folder / f"{model}-{seed}"))
    tracker.general_config_tracker.log_experiment_args(
        model_source="hf",
        model_args=arguments,
        system_instruction="",
        chat_template="",
        fewshot_as_multiturn=False,
    )
    results: dict[str, Any] = {
        "results": {
            "letters": {"alias": "letters", "acc,none": float(np.mean(right)), "acc_stderr,none": 0.01},
            "both": {"alias": "both", "acc,none": 0.5},
        },
        "group_subtasks": {"both": ["letters"], "letters": []},
        "configs": {"letters": {"task": "letters"}},
        "n-shot": {"letters": 5},
        "config": {
            "model": "hf",
            "model_args": f"pretrained={model},dtype=float32",
            "random_seed": 0,
            "fewshot_seed": seed,
        },
    }
    told = [
        {
            "doc_id": number,
            "doc": {"q": "?"},
            "target": 0,
            "arguments": [("q", "x")],
            "resps": [[(-1.0, False)]],
            "filtered_resps": [(-1.0, False)],
            "filter": way,
            "doc_hash": "a",
            "prompt_hash": "b",
            "target_hash": "c",
            "acc": float(one if way == "none" else 0),
        }
        for way in ("none", "strict")
        for number, one in enumerate(right)
    ]
    tracker.save_results_aggregated(results, {"letters": told} if samples else None)
    if samples:
        tracker.save_results_samples("letters", told)


def test_two_models_on_the_same_samples_are_crossed_with_seeds(tmp_path: Path) -> None:
    """Accuracy is counted from the samples, whose outcomes are kept: the standard error of both random is there."""
    for model in ("large", "small"):
        for seed in range(6):
            _evaluated(tmp_path / "out", model, seed, samples=True)
    imported(tmp_path / "out", tmp_path / "study")
    study = analyze.read(tmp_path / "study", factor="model")
    assert study.design.factors == {"model": ("large", "small")}
    assert study.design.shared["num_fewshot"] == 5
    for row in study.trials.itertuples():
        right = _outcomes(row.model, row.seed)
        assert (row.test_correct, row.test_n) == (sum(right), SAMPLES)
        assert np.unpackbits(np.frombuffer(row.correct_bits, np.uint8))[:SAMPLES].tolist() == right
    primary = analyze.analyse(study).primary
    means = {model: np.mean([_outcomes(model, seed) for seed in range(6)]) for model in ("large", "small")}
    assert primary.estimate == pytest.approx(100 * (means["large"] - means["small"]))
    assert primary.se_crossed is not None


def test_without_samples_the_share_is_the_accuracy(tmp_path: Path) -> None:
    """A group of tasks is no task of its own; a single file of results is read too."""
    _evaluated(tmp_path, "large", 3, samples=False)
    [path] = tmp_path.rglob("results_*.json")
    for source in (tmp_path, path):
        [run] = reader.read(str(source))
        assert run.settings["model"] == "large"
        assert (run.settings["task"], run.settings["seed"], run.right) == ("letters", 3, ())
        assert run.metrics["test_accuracy"] == pytest.approx(np.mean(_outcomes("large", 3)))
    imported(tmp_path, tmp_path / "study")
    assert "correct_bits" not in pd.read_parquet(tmp_path / "study" / "trials.parquet")
