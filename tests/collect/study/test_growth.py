"""Sequential studies: what may be declared before the data, and which seeds come next."""

import pytest

from collect.errors import StudyError
from collect.study import growth
from collect.study.study_file import read

SEQUENTIAL = ["seeds=6", "analysis.sequential=true", "analysis.seeds_max=20"]


def test_what_is_declared_is_written() -> None:
    """It stands in the study file and in the plan; a study that declares nothing is as it was."""
    declared = read("quick", [*SEQUENTIAL, "analysis.batch=4"])
    assert declared.to_dict()["analysis"]["seeds_max"] == 20
    assert not {"sequential", "seeds_max", "batch"} & read("quick").to_dict()["analysis"].keys()
    assert growth.looks(declared) == (6, 10, 14, 18, 20)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["analysis.sequential=true"], "needs seeds_max"),
        (["analysis.seeds_max=20"], "it needs sequential = true"),
        (["analysis.batch=3"], "it needs sequential = true"),
        (["analysis.sequential=true", "analysis.seeds_max=10"], "must be more than the 10 seeds"),
        (["seeds=5", "analysis.sequential=true", "analysis.seeds_max=20"], "starts with 6 seeds or more, not 5"),
        (["analysis.sequential=true", "analysis.seeds_max=2000000"], "more than 100,000"),
        (["analysis.sequential=pocok", "analysis.seeds_max=20"], "did you mean 'pocock'"),
        ([*SEQUENTIAL, "analysis.batch=0"], "analysis.batch: 0"),
    ],
)
def test_mistakes_are_named(changes: list[str], said: str) -> None:
    """One sentence says what is wrong and what would be right."""
    with pytest.raises(StudyError, match=said):
        read("quick", changes)


def test_seeds_come_in_their_order() -> None:
    """Those of the study first, as they stand there, then whole numbers beyond them."""
    study = read("quick", ["seeds=[7, 3, 11, 2, 5, 1]", "analysis.sequential=pocock", "analysis.seeds_max=9"])
    assert growth.seeds_in_order(study) == (7, 3, 11, 2, 5, 1, 12, 13, 14)
    assert growth.looks(study) == (6, 9)
