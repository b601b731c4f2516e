"""The published JSON Schema is that of the model, and reports satisfy it."""

import json
from pathlib import Path

import jsonschema
import numpy as np

import analyze
from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.findings.__main__ import json_schema
from analyze.report.json_twin import to_json
from analyze.study.load import load
from tests.synthetic import write_study

PUBLISHED = Path(analyze.__file__).parent / "findings.schema.json"

CONTRACT = {
    "anova": "response scale bn_mode effect df_num df_den F p_uncorrected epsilon_gg p_gg p_signflip p_holm"
    " p_max_t decision partial_eta_sq partial_eta_sq_ci90 n_seeds",
    "leave_one_out": "moderator level estimate ci95 p_t p_signflip n_seeds",
    "simple_effects": "cell bn_mode scale n gap sd ci95 t p_t p_t_holm p_wilcoxon p_signflip p_signflip_holm p_tost"
    " p_tost_holm d_z d_z_ci95 bf10 pair_correlation p_max_t p_beyond decision trivial ci90",
    "convergence": "model eval_set bn_mode target cell term estimate ci95 p p_method censored_share"
    " at against ci90 p_signflip p_holm p_max_t decision trivial n_seeds left_out",
    "stability": "kind bn_mode cell values ratio p_signflip p_holm",
    "mechanism": "measure cell estimate ci95 p_signflip",
    "multiverse": "estimand choices estimate p agrees",
    "power": "cell sd smallest_detectable_pp seeds_for_margin",
    "repeatability": "cell k p_sign p_significant p_sign_unpaired new_seed_interval method n_seeds",
    "images": "cell estimate se df ci95 image_share n_seeds n_images",
    "claims": "id statement source verdict reason why components levels p_support p_refute p_holm",
}

CONTRACT_OF_ONE = {
    "question": "factor contrast moderators block response",
    "study": "name planned completed diverged failed pending stuck seeds factors extended deviations notes",
    "heterogeneity": "tau shrunken",
    "primary": "response bn_mode conditional_on contrast unit estimate ci95 se_crossed t df p_t p_signflip n_seeds"
    " ci90 decision headline depends_on seeds_to_decide",
}


def test_published_schema_is_the_models() -> None:
    """To publish a change: python -m analyze.findings > analyze/findings.schema.json."""
    assert json.loads(PUBLISHED.read_text()) == json_schema()


def test_a_report_satisfies_the_schema_and_the_contract(tmp_path: Path) -> None:
    """Every key that readers rely on is there, in every row."""
    found = json.loads(to_json(analyse(load(write_study(tmp_path / "s", np.random.default_rng(1))))))
    jsonschema.validate(found, json.loads(PUBLISHED.read_text()))
    assert found["schema_version"] == Findings.model_fields["schema_version"].default
    for section, keys in CONTRACT.items():
        for row in found[section]:
            assert set(keys.split()) <= set(row), section
    assert set(found["primary"]["equivalence"]) == {"margin", "unit", "margin_pp", "p"}
    for section, keys in CONTRACT_OF_ONE.items():
        assert set(keys.split()) <= set(found[section]), section
