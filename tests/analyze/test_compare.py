"""What changed between two studies: all of it, nothing else, in 80 columns."""

import json
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from analyze import twin
from analyze.compare import compare, table
from analyze.errors import InvalidTableError
from tests.analyze.commands import analyze
from tests.analyze.sample import rich, sample
from tests.synthetic import write_study

NAMES = ("before", "after")


def test_the_same_findings_have_not_changed() -> None:
    """Whatever is in them."""
    side = twin.of_findings(rich())
    found = compare(side, side, NAMES)
    assert found.changes == ()
    assert table(found, side, side).startswith("nothing changed")


def test_each_change_is_told_once_with_both_values() -> None:
    """Of trials, of settings, of the answer, of a cell, of a verdict; a claim of one side has null on the other."""
    findings = rich()
    a = twin.of_findings(findings)
    summary = findings.study.model_copy(update={"planned": 999})
    primary = findings.primary.model_copy(update={"headline": "undecided", "estimate": 0.25})
    cells = [
        row.model_copy(update={"decision": "equivalent"}) if row == findings.simple_effects[0] else row
        for row in findings.simple_effects
    ]
    first, *others = findings.claims
    b = twin.of_findings(
        findings.model_copy(
            update={
                "study": summary,
                "primary": primary,
                "methods": findings.methods | {"alpha": 0.01},
                "simple_effects": tuple(cells),
                "claims": (first.model_copy(update={"verdict": "mixed"}), *others[:-1]),
            }
        )
    )
    found = {(one.topic, one.what): (one.a, one.b) for one in compare(a, b, NAMES).changes}
    row = findings.simple_effects[0]
    assert found == {
        ("trials", "planned"): (findings.study.planned, 999),
        ("settings", "alpha"): (findings.methods.get("alpha"), 0.01),
        ("answer", "headline"): (findings.primary.headline, "undecided"),
        ("answer", "estimate"): (findings.primary.estimate, 0.25),
        ("cells", ", ".join(f"{name}={level}" for name, level in row.cell.items())): (row.decision, "equivalent"),
        ("verdicts", first.id): (first.verdict, "mixed"),
        ("verdicts", others[-1].id): (others[-1].verdict, None),
    }


def test_decisions_on_another_contrast_are_no_change() -> None:
    """Cells are compared where the question is the same, and otherwise not called alike."""
    findings = sample()
    asked = findings.question.model_copy(update={"contrast": ("none", "bn_act")})
    cells = tuple(row.model_copy(update={"decision": "equivalent"}) for row in findings.simple_effects)
    other = findings.model_copy(update={"question": asked, "simple_effects": cells})
    a, b = twin.of_findings(findings), twin.of_findings(other)
    found = compare(a, b, NAMES)
    assert {(one.topic, one.what) for one in found.changes} == {("settings", "contrast")}
    assert table(found, a, b).splitlines()[-2:] == [
        "alike: trials, answer, verdicts",
        "not compared, as they are of another contrast: cells",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "all of it: "), ("{}", "study: Field required"), ("[1]", "all of it"), ('{"study": NaN}', "all of it|study")],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """In one sentence; so is a file that is not there."""
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InvalidTableError, match=f"is no report that analyze report --format json wrote: ({said})"):
        twin.read(tmp_path / "x.json")
    with pytest.raises(InvalidTableError, match="cannot be read: No such file"):
        twin.read(tmp_path / "none.json")


def test_a_study_is_compared_with_its_report_of_before_it_was_extended(tmp_path: Path) -> None:
    """Fewer and more seeds: what was told before is read from the JSON, what is told now is analysed."""
    for name, seeds in (("before", 6), ("after", 12)):
        write_study(
            tmp_path / name,
            np.random.default_rng(1),
            seeds=seeds,
            gap=lambda one: 0.2 if one["depth"] == 2 else 0.0,
            with_layers=False,
            name="a study with a name that is rather long, for a line of eighty columns",
        )
    assert analyze("report", "before", "--format", "json", "--out", "kept.json", cwd=tmp_path).returncode == 0
    shown = analyze("compare", "kept.json", "after", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert max(map(cell_len, shown.stdout.splitlines())) <= 80
    words = [line.split() for line in shown.stdout.splitlines()]
    assert ["planned", "48", "96"] in words
    assert ["seeds", "6:", "0", "…", "5", "12:", "0", "…", "11"] in words
    told = json.loads(analyze("compare", "kept.json", "after", "--json", cwd=tmp_path).stdout)
    assert (told["a"], told["b"]) == ("kept.json", "after")
    assert {"topic": "trials", "what": "planned", "a": 48, "b": 96} in told["changes"]
    assert "takes two studies, A and B, not 1" in analyze("compare", "after", cwd=tmp_path).stderr
