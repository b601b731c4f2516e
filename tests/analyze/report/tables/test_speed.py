"""Tables of speed: whatever decides a row stands in it."""

import pytest

from analyze.report import tables
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import ratio_row, sample


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_targets_beyond_the_first_show_their_family(lang: Language) -> None:
    """Ratios and differences of means alike: the p of the decision, after correction over these targets."""
    difference = {"model": "rmst", "term": "rmst_difference", "p_signflip": 0.002}
    rows = (
        ratio_row(0.7, p=0.011),
        ratio_row(0.8, target=0.96, p=0.012, p_holm=0.024),
        ratio_row(-900, p=0.013, p_max_t=0.002, **difference),
        ratio_row(-800, target=0.96, p=0.014, p_holm=0.028, p_max_t=0.004, **difference),
        ratio_row(-700, target=0.97, p=0.016, p_holm=0.029, p_max_t=0.006, **difference),
        ratio_row(-900, target=0.96, p=0.015, p_holm=0.03, decision=None, **difference | {"p_signflip": None}),
    )
    words = catalogue(lang)
    table = tables.convergence(sample().model_copy(update={"convergence": rows}), words)
    assert table is not None
    heads = [plain(head) for head in table.heads]
    deciding = heads.index(plain(words("head.p_family")))
    shown = [plain(row[deciding]) for row in table.rows if len(row) > 1]
    assert shown[:-1] == [".011", ".024", ".002", ".004", ".006"]
    assert shown[-1].startswith("–")
    assert {"en": "of a target beyond the first", "zh": "主要目标以外的目标"}[lang] in plain(table.caption)
